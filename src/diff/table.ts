/** How a table differs: column by column, constraint by constraint. */
import { ident } from "../db/identifier.ts";
import { inheritedName } from "../schema/attached.ts";
import { oneLine, restDifference } from "./rest.ts";

interface Parts {
  /** Definitions by the column's name as SQL, in order. */
  readonly columns: ReadonlyMap<string, string>;
  /** CONSTRAINT … by its name as SQL. */
  readonly constraints: ReadonlyMap<string, string>;
  /** Before and after the list: kind, PARTITION BY, WITH (…). */
  readonly around: string;
}

/**
 * `name` as SQL. The first of the statements is the CREATE TABLE as the dump writes it. What `parent`
 * hands on to its partition needs no statement of its own, which PostgreSQL would refuse.
 */
export function tableDifference(
  name: string,
  was: readonly string[],
  is: readonly string[],
  parent?: {
    readonly label: string;
    readonly was: readonly string[];
    readonly is: readonly string[];
  },
): {
  readonly words: readonly string[];
  readonly sql: readonly string[];
  readonly comesWith?: string;
} {
  const [oldCreate = "", ...oldRest] = was;
  const [create = "", ...rest] = is;
  const [before, after] = [partsOf(oldCreate), partsOf(create)];
  const words: string[] = [];
  const sql: string[] = [];
  let isSafe = true;
  let isInherited = parent !== undefined;
  const [above, over] = [partsOf(parent?.was[0] ?? ""), partsOf(parent?.is[0] ?? "")];
  const isParents = (column: string) => {
    const isSame =
      parent !== undefined &&
      above.columns.get(column) === before.columns.get(column) &&
      over.columns.get(column) === after.columns.get(column);
    isInherited &&= isSame;
    return isSame;
  };
  const alter = (action: string) => sql.push(`ALTER TABLE ${name} ${action}`);
  for (const [column, text] of before.columns) {
    if (after.columns.has(column)) continue;
    words.push(`column ${column} is gone (${text})`);
    if (!isParents(column)) isSafe = false; // it would lose values, and may have been renamed
  }
  for (const [constraint, text] of before.constraints) {
    if (after.constraints.get(constraint) === text) continue;
    if (!after.constraints.has(constraint)) words.push(`constraint ${constraint} is gone`);
    if (handedOn(above, over, constraint, text) === undefined) {
      isInherited = false;
      alter(`DROP CONSTRAINT ${constraint}`);
    }
  }
  for (const [column, text] of after.columns) {
    const old = before.columns.get(column);
    if (old === undefined) {
      words.push(`column ${column} is new (${text})`);
      if (isParents(column)) continue;
      // Without a value for the rows that are there, NOT NULL fails.
      if (/\bNOT NULL\b/.test(text) && !/\b(?:DEFAULT|GENERATED)\b/.test(text)) isSafe = false;
      alter(`ADD COLUMN ${column} ${text}`);
    } else if (old !== text) {
      words.push(`column ${column} was ${old} and is ${text}`);
      if (isParents(column)) continue;
      const step = columnStep(old, text);
      if (step === undefined) isSafe = false;
      else alter(`ALTER COLUMN ${column} ${step}`);
    }
  }
  for (const [constraint, text] of after.constraints) {
    const old = before.constraints.get(constraint);
    if (old === text) continue;
    words.push(
      old === undefined
        ? `constraint ${constraint} is new (${oneLine(text)})`
        : `constraint ${constraint} was ${oneLine(old)} and is ${oneLine(text)}`,
    );
    const parents = handedOn(over, above, constraint, text);
    if (parents === undefined) {
      isInherited = false;
      alter(`ADD CONSTRAINT ${constraint} ${text}`);
    } else {
      const given = ident(inheritedName(unquoted(lastPart(name)), text, unquoted(parents)));
      if (given !== constraint) {
        isInherited = false;
        alter(`RENAME CONSTRAINT ${given} TO ${constraint}`);
      }
    }
  }
  if (before.around !== after.around) {
    words.push(`it was created as ${oneLine(before.around)} and is ${oneLine(after.around)}`);
    isSafe = false;
  }
  if (words.length === 0 && oldCreate !== create) {
    words.push("its columns stand in another order, which PostgreSQL cannot change");
    isSafe = false;
  }
  const around = restDifference(oldRest, rest);
  if (before.around !== after.around || around.words.length > 0 || words.length === 0) {
    isInherited = false;
  }
  if (parent && isInherited) return { words, sql: [], comesWith: parent.label };
  return {
    words: [...words, ...around.words],
    sql: isSafe && around.isSafe ? [...sql, ...around.sql] : [],
  };
}

/**
 * The parent's constraint that a partition's one comes from, where the parent has it on one side
 * alone. A CHECK has its name, a key its columns.
 */
function handedOn(on: Parts, notOn: Parts, constraint: string, text: string): string | undefined {
  const isKey = /^(?:UNIQUE|PRIMARY KEY)\b/.test(text);
  for (const [name, other] of on.constraints) {
    if (other !== text || notOn.constraints.get(name) === text) continue;
    if (isKey || name === constraint) return name;
  }
  return undefined;
}

/** The name in `schema.name`. */
function lastPart(name: string): string {
  return /(?:"(?:[^"]|"")*"|[^".]+)$/.exec(name)?.[0] ?? name;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

/** ALTER COLUMN for a change of nothing but the default or of dropping NOT NULL. */
function columnStep(before: string, after: string): string | undefined {
  const parse = (text: string) => /^(.*?)( NOT NULL)?(?: DEFAULT (.*))?$/s.exec(text);
  const [, type, notNull, value] = parse(before) ?? [];
  const [, nextType, nextNotNull, nextValue] = parse(after) ?? [];
  if (type !== nextType) return undefined;
  if (value === nextValue)
    return notNull !== undefined && nextNotNull === undefined ? "DROP NOT NULL" : undefined;
  if (notNull !== nextNotNull) return undefined;
  return nextValue === undefined ? "DROP DEFAULT" : `SET DEFAULT ${nextValue}`;
}

/** The dump writes a line for each column or constraint, indented by four blanks. */
function partsOf(create: string): Parts {
  const columns = new Map<string, string>();
  const constraints = new Map<string, string>();
  const start = create.indexOf("(\n    ");
  const end = create.lastIndexOf("\n)");
  if (start < 0 || end < start) return { columns, constraints, around: create };
  const lines = create.slice(start + 2, end).split(/,?\n {4}(?! )|^ {4}/);
  for (const line of lines.filter((text) => text !== "")) {
    const [, named, name, text] =
      /^(CONSTRAINT )?("(?:[^"]|"")*"|[^ ]+) (.*)$/s.exec(line.replace(/,$/, "")) ?? [];
    if (name === undefined || text === undefined) continue;
    (named === undefined ? columns : constraints).set(name, text);
  }
  return { columns, constraints, around: create.slice(0, start) + create.slice(end + 2) };
}
