/** How a table differs: column by column, constraint by constraint. */
import { oneLine, restDifference } from "./rest.ts";

interface Parts {
  /** Definitions by the column's name as SQL, in order. */
  readonly columns: ReadonlyMap<string, string>;
  /** CONSTRAINT … by its name as SQL. */
  readonly constraints: ReadonlyMap<string, string>;
  /** Before and after the list: kind, PARTITION BY, WITH (…). */
  readonly around: string;
}

/** `name` as SQL. The first of the statements is the CREATE TABLE as the dump writes it. */
export function tableDifference(
  name: string,
  was: readonly string[],
  is: readonly string[],
): { readonly words: readonly string[]; readonly sql: readonly string[] } {
  const [oldCreate = "", ...oldRest] = was;
  const [create = "", ...rest] = is;
  const [before, after] = [partsOf(oldCreate), partsOf(create)];
  const words: string[] = [];
  const sql: string[] = [];
  let isSafe = true;
  const alter = (action: string) => sql.push(`ALTER TABLE ${name} ${action}`);
  for (const [column, text] of before.columns) {
    if (after.columns.has(column)) continue;
    words.push(`column ${column} is gone (${text})`);
    isSafe = false; // it would lose values, and may have been renamed
  }
  for (const [constraint, text] of before.constraints) {
    if (after.constraints.get(constraint) === text) continue;
    if (!after.constraints.has(constraint)) words.push(`constraint ${constraint} is gone`);
    alter(`DROP CONSTRAINT ${constraint}`);
  }
  for (const [column, text] of after.columns) {
    const old = before.columns.get(column);
    if (old === undefined) {
      words.push(`column ${column} is new (${text})`);
      // Without a value for the rows that are there, NOT NULL fails.
      if (/\bNOT NULL\b/.test(text) && !/\b(?:DEFAULT|GENERATED)\b/.test(text)) isSafe = false;
      alter(`ADD COLUMN ${column} ${text}`);
    } else if (old !== text) {
      words.push(`column ${column} was ${old} and is ${text}`);
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
    alter(`ADD CONSTRAINT ${constraint} ${text}`);
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
  return {
    words: [...words, ...around.words],
    sql: isSafe && around.isSafe ? [...sql, ...around.sql] : [],
  };
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
