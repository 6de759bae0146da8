/** A second look at tables judged empty, in the transaction that drops them. */
import { literal } from "../db/identifier.ts";
import type { Suspect } from "./suspect.ts";
import measureTable from "./table-size.sql";

/** A table or column that was empty when it was looked at. */
export interface Guarded extends Suspect {
  /** Its rows could not be read; only its size showed that there are none. */
  readonly isProvenBySize: boolean;
}

/** SQLSTATE of a guard that found rows. Class PW is nobody's: PostgreSQL uses no W in second place. */
export const guardState = "PW001";

/**
 * SQL for right before the statement, in its transaction: locks what was empty against writers, in
 * the mode the statement needs anyway, and raises `guardState` when rows have come in since.
 * Tables that are renamed away by then are no concern of the statement.
 */
export function guardSql(guarded: readonly Guarded[]): string[] {
  return guarded.map(({ object, tableThen, rowsThen, isProvenBySize, isDelete }) => {
    const name = literal(tableThen);
    const finds = isProvenBySize
      ? `(${measureTable
          .replace(/^--.*\n/gm, "")
          .replaceAll("$1", name)
          .trim()}) <> '0'`
      : `exists (${rowsThen})`;
    const body = `begin
  if to_regclass(${name}) is null then return; end if;
  lock table ${tableThen} in ${isDelete ? "exclusive" : "access exclusive"} mode;
  if ${finds} then
    raise exception using errcode = '${guardState}', message = ${literal(object)};
  end if;
end`;
    return `do ${quoteBody(body)}`;
  });
}

function quoteBody(body: string): string {
  let tag = "$guard$";
  while (body.includes(tag)) tag = `$guard${tag.length}${tag.slice(6)}`;
  return `${tag}\n${body}\n${tag}`;
}
