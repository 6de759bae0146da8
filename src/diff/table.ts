/** How a table differs, and ALTER TABLE for what can be derived. */
import { ident } from "../db/identifier.ts";
import { inheritedName } from "../schema/attached.ts";
import { readColumn } from "../schema/compare/column-words.ts";
import type { TableElement } from "../schema/compare/table-elements.ts";
import type { TableDifference } from "../schema/compare/words.ts";
import { compareTables, describeDefinition, inOneLine } from "../schema/compare/words.ts";
import { restDifference } from "./rest.ts";

/** The partitioned table or index of an object that is attached on both sides, as it was and is. */
export interface Parent {
  readonly label: string;
  readonly was: readonly string[];
  readonly is: readonly string[];
}

interface DescribedChange {
  readonly words: readonly string[];
  readonly sql: readonly string[];
  /** The parent, where all of it comes with its change. */
  readonly comesWith?: string;
}

/**
 * `name` as SQL. The first of the statements is the CREATE TABLE as the dump writes it. What `parent`
 * hands on to its partition needs no statement of its own, which PostgreSQL would refuse.
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
  let isSafe = true;
  if (parts.length === 0 && oldCreate !== create) {
    words.push(`it ${describeDefinition(oldCreate, create)}`);
    isSafe = false;
  }
  let isInherited = parts.length > 0;
  // Constraints go before the columns that they are about change, and come when those are there.
  const [drops, columns, adds] = [[], [], []] as [string[], string[], string[]];
  for (const part of parts) {
    const { kind, element, before } = part;
    if (element?.kind === "constraint" && element.name !== "") {
      const [drop, add] = constraintSteps(name, part, above);
      if (drop !== undefined) drops.push(drop);
      if (add !== undefined) adds.push(add);
      if (drop !== undefined || add !== undefined) isInherited = false;
    } else if (!above.some((other) => isSameColumn(part, other))) {
      isInherited = false;
      const step = kind === "new" || kind === "changed" ? columnStep(element, before) : undefined;
      if (step === undefined) isSafe = false;
      else columns.push(step);
    }
  }
  const sql = [...drops, ...columns, ...adds].map((action) => `ALTER TABLE ${name} ${action}`);
  const around = restDifference(oldRest, rest);
  if (parent && isInherited && around.words.length === 0) {
    return { words, sql: [], comesWith: parent.label };
  }
  return {
    words: [...words, ...around.words],
    sql: isSafe && around.isSafe ? [...sql, ...around.sql] : [],
  };
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

function describe({ kind, element, how, before, now }: TableDifference): string {
  const what = element
    ? `${element.kind} ${element.name === "" ? `\`${element.text}\`` : ident(element.name)}`
    : "it";
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

/**
 * ADD COLUMN, or ALTER COLUMN for a change of nothing but the default or of dropping NOT NULL;
 * undefined for what may fail, or lose something.
 */
function columnStep(element: TableElement | undefined, before: string | null): string | undefined {
  if (element?.kind !== "column") return undefined;
  const has = readColumn(element.text);
  if (!has) return undefined;
  if (before === null) {
    // Without a value for the rows that are there, NOT NULL fails.
    const hasValue = has.default !== undefined || /\bGENERATED\b/.test(has.rest.join(" "));
    const isRequired = has.isNotNull || /\bNOT NULL\b/.test(has.rest.join(" "));
    return isRequired && !hasValue ? undefined : `ADD COLUMN ${element.text}`;
  }
  const had = readColumn(before);
  if (!had || had.type !== has.type || had.rest.join() !== has.rest.join()) return undefined;
  const column = `ALTER COLUMN ${ident(element.name)}`;
  if (had.default === has.default) {
    return had.isNotNull && !has.isNotNull ? `${column} DROP NOT NULL` : undefined;
  }
  if (had.isNotNull !== has.isNotNull) return undefined;
  return has.default === undefined
    ? `${column} DROP DEFAULT`
    : `${column} SET DEFAULT ${has.default}`;
}
