/** How a table differs, and ALTER TABLE for what can be derived. */
import { ident } from "../db/identifier.ts";
import { inheritedName } from "../schema/attached.ts";
import type { TableDifference } from "../schema/compare/words.ts";
import { compareTables, describeDefinition, inOneLine } from "../schema/compare/words.ts";
import { columnSteps } from "./column.ts";
import type { LeftOut } from "./left-out.ts";
import { namesColumn, needsColumn } from "./left-out.ts";
import { restDifference } from "./rest.ts";

/** The partitioned table or index of an object that is attached on both sides, as it was and is. */
export interface Parent {
  readonly label: string;
  readonly was: readonly string[];
  readonly is: readonly string[];
}

export interface DescribedChange {
  readonly words: readonly string[];
  readonly sql: readonly string[];
  /** What `sql` does not bring about. */
  readonly leftOut: readonly LeftOut[];
  /** The parent, where all of it comes with its change. */
  readonly comesWith?: string;
}

/**
 * `name` as SQL. The first of the statements is the CREATE TABLE as the dump writes it. What `parent`
 * hands on to its partition needs no statement of its own, which PostgreSQL would refuse. What cannot
 * be brought about safely is left out, with all that names a column which is therefore not there.
 */
export function tableDifference(
  name: string,
  was: readonly string[],
  is: readonly string[],
  parent?: Parent,
): DescribedChange {
  const [oldCreate = "", ...oldRest] = was;
  const [create = "", ...rest] = is;
  const parts = compareTables(oldCreate, create) ?? [];
  const above = parent ? (compareTables(parent.was[0] ?? "", parent.is[0] ?? "") ?? []) : [];
  const words = parts.map(describe);
  const leftOut: LeftOut[] = [];
  if (parts.length === 0 && oldCreate !== create) {
    words.push(`it ${describeDefinition(oldCreate, create)}`);
    leftOut.push({ what: "the table", why: "no ALTER TABLE is known for it" });
  }
  let isInherited = parts.length > 0;
  const columns: string[] = [];
  const own = parts.filter((part) => part.element?.kind !== "constraint");
  for (const part of own.filter((one) => !above.some((other) => isSameColumn(one, other)))) {
    isInherited = false;
    const { kind, element, before } = part;
    const { actions, why } = element
      ? columnSteps(element, before, kind === "gone")
      : { actions: [], why: whyNotAround(part) };
    columns.push(...actions);
    if (why !== undefined) leftOut.push({ what: nameOf(part), why });
  }
  const missing = unmadeColumns(parts);
  const needing = (sql: string) => missing.find((column) => namesColumn(sql, column));
  // Constraints go before the columns that they are about change, and come when those are there.
  const [drops, adds] = [[], []] as [string[], string[]];
  for (const part of parts.filter(({ element }) => element?.kind === "constraint")) {
    const [drop, add] = constraintSteps(name, part, above);
    if (drop !== undefined || add !== undefined) isInherited = false;
    const column = add === undefined ? undefined : needing(add);
    if (part.element?.name === "") {
      isInherited = false;
      leftOut.push({ what: nameOf(part), why: "it has no name" });
    } else if (column !== undefined) {
      leftOut.push({ what: nameOf(part), why: needsColumn(column) });
    } else {
      if (drop !== undefined) drops.push(drop);
      if (add !== undefined) adds.push(add);
    }
  }
  const around = restDifference(oldRest, rest);
  if (parent && isInherited && around.words.length === 0) {
    return { words, sql: [], leftOut: [], comesWith: parent.label };
  }
  const fitting = around.sql.filter((sql) => needing(sql) === undefined);
  for (const sql of around.sql.filter((one) => !fitting.includes(one))) {
    leftOut.push({ what: inOneLine(sql), why: needsColumn(needing(sql) ?? "") });
  }
  const actions = [...drops, ...columns, ...adds].map((action) => `ALTER TABLE ${name} ${action}`);
  return {
    words: [...words, ...around.words],
    sql: [...actions, ...fitting],
    leftOut: [...leftOut, ...around.leftOut],
  };
}

/** New columns for which there is no safe action, by their names. */
export function unmadeColumns(parts: readonly TableDifference[]): string[] {
  return parts.flatMap(({ kind, element }) =>
    kind === "new" &&
    element?.kind === "column" &&
    columnSteps(element, null, false).actions.length === 0
      ? [element.name]
      : [],
  );
}

function whyNotAround({ kind }: TableDifference): string {
  return kind === "column-order"
    ? "PostgreSQL cannot change it"
    : "no ALTER TABLE is derived for what stands around the columns";
}

function isSameColumn(one: TableDifference, other: TableDifference): boolean {
  return (
    one.element?.kind === "column" &&
    other.element?.kind === "column" &&
    one.element.name === other.element.name &&
    one.before === other.before &&
    one.now === other.now
  );
}

/** How a named constraint goes and comes, of `table` as SQL; undefined for what the parent's does. */
function constraintSteps(
  table: string,
  { element, before, now }: TableDifference,
  above: readonly TableDifference[],
): [drop: string | undefined, add: string | undefined] {
  const name = element?.name ?? "";
  const isDropped = before !== null && handedOn(above, name, before, "before") === undefined;
  const drop = isDropped ? `DROP CONSTRAINT ${ident(name)}` : undefined;
  if (now === null) return [drop, undefined];
  const parents = handedOn(above, name, now, "now");
  if (parents === undefined) return [drop, `ADD ${now}`];
  const given = inheritedName(unquoted(lastPart(table)), bodyOf(now), parents);
  const rename = `RENAME CONSTRAINT ${ident(given)} TO ${ident(name)}`;
  return [drop, given === name ? undefined : rename];
}

/**
 * The parent's constraint that a partition's one comes from, where the parent has it on that side
 * alone. A CHECK has its name, a key its columns.
 */
function handedOn(
  above: readonly TableDifference[],
  name: string,
  text: string,
  side: "before" | "now",
): string | undefined {
  const body = bodyOf(text);
  const isKey = /^(?:UNIQUE|PRIMARY KEY)\b/.test(body);
  const found = above.find(({ element, [side]: other }) => {
    const isSame = element?.kind === "constraint" && other !== null && bodyOf(other) === body;
    return isSame && (isKey || element.name === name);
  });
  return found?.element?.name;
}

/** A constraint without its name. */
function bodyOf(text: string): string {
  return text.replace(/^CONSTRAINT (?:"(?:[^"]|"")*"|[^\s"]+) /, "");
}

/** The name in `schema.name`. */
function lastPart(name: string): string {
  return /(?:"(?:[^"]|"")*"|[^".]+)$/.exec(name)?.[0] ?? name;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function nameOf({ element, kind }: Pick<TableDifference, "element" | "kind">): string {
  if (!element) return kind === "column-order" ? "the order of its columns" : "the table";
  return `${element.kind} ${element.name === "" ? `\`${element.text}\`` : ident(element.name)}`;
}

function describe({ kind, element, how, before, now }: TableDifference): string {
  const what = element ? nameOf({ element, kind }) : "it";
  switch (kind) {
    case "gone":
      return `${what} is gone (\`${inOneLine(before ?? "")}\`)`;
    case "new":
      return `${what} is new (\`${inOneLine(now ?? "")}\`)`;
    case "column-order":
      return `its columns ${how}; PostgreSQL cannot change that`;
    case "changed":
    case "around":
      return `${what} ${how}`;
  }
}
