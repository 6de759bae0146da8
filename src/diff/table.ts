/** How a table differs, and ALTER TABLE for what can be derived. */
import { ident } from "../db/identifier.ts";
import { readColumn } from "../schema/compare/column-words.ts";
import type { TableElement } from "../schema/compare/table-elements.ts";
import type { TableDifference } from "../schema/compare/words.ts";
import { compareTables, describeDefinition, inOneLine } from "../schema/compare/words.ts";
import { restDifference } from "./rest.ts";

/** `name` as SQL. The first of the statements is the CREATE TABLE as the dump writes it. */
export function tableDifference(
  name: string,
  was: readonly string[],
  is: readonly string[],
): { readonly words: readonly string[]; readonly sql: readonly string[] } {
  const [oldCreate = "", ...oldRest] = was;
  const [create = "", ...rest] = is;
  const parts = compareTables(oldCreate, create) ?? [];
  const words = parts.map(describe);
  let isSafe = true;
  if (parts.length === 0 && oldCreate !== create) {
    words.push(`it ${describeDefinition(oldCreate, create)}`);
    isSafe = false;
  }
  // Constraints go before the columns that they are about change, and come when those are there.
  const [drops, columns, adds] = [[], [], []] as [string[], string[], string[]];
  for (const { kind, element, before, now } of parts) {
    if (element?.kind === "constraint" && element.name !== "") {
      if (before !== null) drops.push(`DROP CONSTRAINT ${ident(element.name)}`);
      if (now !== null) adds.push(`ADD ${now}`);
    } else {
      const step = kind === "new" || kind === "changed" ? columnStep(element, before) : undefined;
      if (step === undefined) isSafe = false;
      else columns.push(step);
    }
  }
  const sql = [...drops, ...columns, ...adds].map((action) => `ALTER TABLE ${name} ${action}`);
  const around = restDifference(oldRest, rest);
  return {
    words: [...words, ...around.words],
    sql: isSafe && around.isSafe ? [...sql, ...around.sql] : [],
  };
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
