/** How one schema differs from another, object by object and in words. */
import { ident } from "../db/identifier.ts";
import type { DumpedObject, DumpedSchema } from "../schema/dump.ts";
import { diffLines } from "../schema/line-diff.ts";
import { describeColumn } from "./column-words.ts";
import { readTable } from "./table-elements.ts";
import type { TableElement } from "./table-elements.ts";

export interface Difference {
  readonly kind: "missing" | "left-over" | "changed" | "column-order";
  /** `column app.users.email`, `index app.users_email_idx`. */
  readonly object: string;
  /** A sentence without its point. */
  readonly text: string;
  /** SQL of the object as it was; null for what is left over. */
  readonly before: string | null;
  /** SQL of the object as it is now; null for what is missing. */
  readonly now: string | null;
}

/** Longer texts are shown as the lines that differ. */
const longestShown = 100;

/**
 * What `now` lacks, has beyond, or has otherwise than `before`. Parts of a table that is gone or
 * left over are not listed beside it. Equal texts have no difference; unequal ones have one at least.
 */
export function compareSchemas(before: DumpedSchema, now: DumpedSchema): Difference[] {
  if (before.sql === now.sql) return [];
  const [had, has] = [byLabel(before.objects), byLabel(now.objects)];
  const missing = before.objects.filter(({ label }) => !has.has(label));
  const extra = now.objects.filter(({ label }) => !had.has(label));
  const found = [
    ...outer(missing, has).map((object) => wholeOne("missing", object)),
    ...outer(extra, had).map((object) => wholeOne("left-over", object)),
    ...before.objects.flatMap((object) => {
      const other = has.get(object.label);
      return other ? compareObjects(object, other) : [];
    }),
  ];
  if (found.length > 0) return found;
  const lines = diffLines(before.sql, now.sql, 0).lines.join("\n");
  return [
    {
      kind: "changed",
      object: "schema",
      text: `the dump has its objects in another order:\n${lines}`,
      before: before.sql,
      now: now.sql,
    },
  ];
}

function byLabel(objects: readonly DumpedObject[]): Map<string, DumpedObject> {
  return new Map(objects.map((object) => [object.label, object]));
}

/** Those that do not merely come and go with their table or their schema. */
function outer(
  objects: readonly DumpedObject[],
  others: ReadonlyMap<string, DumpedObject>,
): DumpedObject[] {
  const relations = new Set(
    objects.flatMap(({ isPart, relation }) => (isPart ? [] : (relation ?? []))),
  );
  const schemas = new Set(
    objects.filter(({ label }) => label.startsWith("schema ")).map(({ label }) => label),
  );
  return objects.filter(
    ({ label, isPart, relation, schema }) =>
      !(isPart && relation !== undefined && relations.has(relation)) &&
      !(!schemas.has(label) && schemas.has(`schema ${ident(schema)}`)) &&
      !others.has(label),
  );
}

function wholeOne(kind: "missing" | "left-over", object: DumpedObject): Difference {
  const sql = object.statements.join(";\n");
  return kind === "missing"
    ? { kind, object: object.label, text: `${object.label} is missing`, before: sql, now: null }
    : { kind, object: object.label, text: `${object.label} is left over`, before: null, now: sql };
}

function compareObjects(before: DumpedObject, now: DumpedObject): Difference[] {
  if (before.statements.join(";") === now.statements.join(";")) return [];
  const [first = "", ...rest] = before.statements;
  const [firstNow = "", ...restNow] = now.statements;
  const { label } = before;
  return [
    ...(first === firstNow ? [] : compareMakers(label, first, firstNow)),
    ...rest
      .filter((statement) => !restNow.includes(statement))
      .map((statement): Difference => ({
        kind: "missing",
        object: label,
        text: `${label} lacks \`${shorten(statement)}\``,
        before: statement,
        now: null,
      })),
    ...restNow
      .filter((statement) => !rest.includes(statement))
      .map((statement): Difference => ({
        kind: "left-over",
        object: label,
        text: `${label} has kept \`${shorten(statement)}\``,
        before: null,
        now: statement,
      })),
  ];
}

/** The statements that make an object. */
function compareMakers(label: string, before: string, now: string): Difference[] {
  const [had, has] = [readTable(before), readTable(now)];
  if (had && has) {
    const found = compareTables(label.replace(/^table /, ""), had.elements, has.elements);
    if (had.frame !== has.frame) {
      found.push(
        changed(label, `is made by \`${has.frame}\`, not by \`${had.frame}\``, before, now),
      );
    }
    if (found.length > 0) return found;
  }
  if (before.length <= longestShown && now.length <= longestShown) {
    return [changed(label, `is \`${now}\` and was \`${before}\``, before, now)];
  }
  const lines = diffLines(`${before}\n`, `${now}\n`, 0).lines.filter((line) => /^[-+]/.test(line));
  const shown = lines.slice(0, 12);
  const cut =
    lines.length > shown.length ? [`… and ${lines.length - shown.length} lines more`] : [];
  return [
    changed(
      label,
      `differs (- as it was, + as it is):\n${[...shown, ...cut].map((line) => `  ${line}`).join("\n")}`,
      before,
      now,
    ),
  ];
}

function compareTables(
  table: string,
  before: readonly TableElement[],
  now: readonly TableElement[],
): Difference[] {
  const keyOf = ({ kind, name, text }: TableElement) => `${kind} ${name === "" ? text : name}`;
  const nameOf = ({ kind, name, text }: TableElement) =>
    kind === "column"
      ? `column ${table}.${ident(name)}`
      : name === ""
        ? `\`${text}\` of ${table}`
        : `constraint ${ident(name)} of ${table}`;
  const has = new Map(now.map((element) => [keyOf(element), element]));
  const had = new Map(before.map((element) => [keyOf(element), element]));
  const found: Difference[] = [];
  for (const element of before) {
    const other = has.get(keyOf(element));
    const object = nameOf(element);
    if (!other) {
      found.push({
        kind: "missing",
        object,
        text: `${object} is missing`,
        before: element.text,
        now: null,
      });
    } else if (other.text !== element.text) {
      const how =
        element.kind === "column"
          ? describeColumn(element.text, other.text)
          : `is \`${other.text}\` and was \`${element.text}\``;
      found.push(changed(object, how, element.text, other.text));
    }
  }
  for (const element of now) {
    if (had.has(keyOf(element))) continue;
    const object = nameOf(element);
    found.push({
      kind: "left-over",
      object,
      text: `${object} is left over`,
      before: null,
      now: element.text,
    });
  }
  const order = columnNames(before, has, keyOf);
  const orderNow = columnNames(now, had, keyOf);
  if (order.join() !== orderNow.join()) {
    found.push({
      kind: "column-order",
      object: `table ${table}`,
      text: `the columns of ${table} stand in another order: ${moved(order, orderNow)}`,
      before: order.join(", "),
      now: orderNow.join(", "),
    });
  }
  return found;
}

/** In their order, those that the other table has too. */
function columnNames(
  elements: readonly TableElement[],
  others: ReadonlyMap<string, TableElement>,
  keyOf: (element: TableElement) => string,
): string[] {
  return elements
    .filter((element) => element.kind === "column" && others.has(keyOf(element)))
    .map(({ name }) => ident(name));
}

/** "email is the 4th and was the 2nd" for one that went, both lists for more. */
function moved(before: readonly string[], now: readonly string[]): string {
  const single = before.find(
    (name) =>
      before.filter((one) => one !== name).join() === now.filter((one) => one !== name).join(),
  );
  if (single !== undefined && before.length > 2) {
    return `${single} is number ${now.indexOf(single) + 1} and was number ${before.indexOf(single) + 1}`;
  }
  return `${now.join(", ")} and not ${before.join(", ")}`;
}

function changed(object: string, how: string, before: string, now: string): Difference {
  return { kind: "changed", object, text: `${object} ${how}`, before, now };
}

function shorten(statement: string): string {
  const line = statement.replaceAll(/\s+/g, " ");
  return line.length <= longestShown ? line : `${line.slice(0, longestShown - 1)}…`;
}
