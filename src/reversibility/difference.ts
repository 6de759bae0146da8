/** How one schema differs from another, object by object and in words. */
import { ident } from "../db/identifier.ts";
import type { DumpedObject, DumpedSchema } from "../schema/dump.ts";
import { diffLines } from "../schema/line-diff.ts";
import type { TableElement } from "../schema/compare/table-elements.ts";
import type { TableDifference } from "../schema/compare/words.ts";
import { compareTables, describeDefinition, inOneLine } from "../schema/compare/words.ts";

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
        text: `${label} lacks \`${inOneLine(statement)}\``,
        before: statement,
        now: null,
      })),
    ...restNow
      .filter((statement) => !rest.includes(statement))
      .map((statement): Difference => ({
        kind: "left-over",
        object: label,
        text: `${label} has kept \`${inOneLine(statement)}\``,
        before: null,
        now: statement,
      })),
  ];
}

/** The statements that make an object. */
function compareMakers(label: string, before: string, now: string): Difference[] {
  const parts = compareTables(before, now) ?? [];
  if (parts.length > 0) return parts.map((part) => ofTable(label.replace(/^table /, ""), part));
  return [changed(label, describeDefinition(before, now), before, now)];
}

function ofTable(table: string, { kind, element, how, before, now }: TableDifference): Difference {
  const object = element ? nameOf(table, element) : `table ${table}`;
  switch (kind) {
    case "gone":
      return { kind: "missing", object, text: `${object} is missing`, before, now };
    case "new":
      return { kind: "left-over", object, text: `${object} is left over`, before, now };
    case "column-order":
      return { kind, object, text: `the columns of ${table} ${how}`, before, now };
    case "changed":
    case "around":
      return { kind: "changed", object, text: `${object} ${how}`, before, now };
  }
}

function nameOf(table: string, { kind, name, text }: TableElement): string {
  if (kind === "column") return `column ${table}.${ident(name)}`;
  return name === "" ? `\`${text}\` of ${table}` : `constraint ${ident(name)} of ${table}`;
}

function changed(object: string, how: string, before: string, now: string): Difference {
  return { kind: "changed", object, text: `${object} ${how}`, before, now };
}
