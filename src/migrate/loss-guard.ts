/** A second look at tables judged empty, in the transaction that drops them. */
import { literal } from "../db/identifier.ts";
import type { Conversion, LossVerb, Suspect } from "./suspect.ts";
import { takesSingleRows } from "./suspect.ts";
import measureTable from "./table-size.sql";

/** What would have lost nothing when it was looked at. */
export interface Guarded extends Suspect {
  /** Its rows could not be read; only its size showed that there are none. */
  readonly isProvenBySize: boolean;
}

/** SQLSTATE of a guard that found rows. Class PW is nobody's: PostgreSQL uses no W in second place. */
export const guardState = "PW001";

/** What a guard has found; reads on after the object's name. */
const findings: Record<LossVerb, string> = {
  drops: "which is not empty at that point",
  empties: "which is not empty at that point",
  "deletes from": "which has such rows at that point",
  overwrites: "which has such values at that point",
  "changes values of": "some of which do not survive that",
};

/**
 * SQL for right before the statement, in its transaction: locks what was empty against writers, in
 * the mode the statement needs anyway, and raises `guardState` when rows have come in since; the
 * message reads on after the name of the file. Tables that are renamed away by then are no concern
 * of the statement.
 */
export function guardSql(guarded: readonly Guarded[]): string[] {
  return guarded.map((suspect) => {
    const { verb, object, tableThen, rowsThen, isProvenBySize, conversion } = suspect;
    const name = literal(tableThen);
    const mode = takesSingleRows(suspect) ? "exclusive" : "access exclusive";
    const size = measureTable.replace(/^--.*\n/gm, "").replaceAll("$1", name);
    const look = isProvenBySize
      ? `lost := (${size.trim()}) <> '0';`
      : conversion
        ? tryConversion(name, conversion)
        : `lost := exists (${rowsThen});`;
    const body = `declare
  lost boolean;
  type_now text;
begin
  if to_regclass(${name}) is null then return; end if;
  lock table ${tableThen} in ${mode} mode;
  ${look}
  if lost then
    raise exception using errcode = '${guardState}', message = ${literal(`${verb} ${object}, ${findings[verb]}`)};
  end if;
end`;
    return `do ${quoteBody(body)}`;
  });
}

/** What `judgeConversion` decides, in PL/pgSQL. A name unknown here is unknown to the statement too. */
function tryConversion(name: string, conversion: Conversion): string {
  const [before, after] = conversion.rowsAround;
  return `select format_type(atttypid, atttypmod) into type_now from pg_attribute
  where attrelid = to_regclass(${name}) and attname = ${literal(conversion.columnThen)} and not attisdropped;
  begin
    execute ${literal(`select exists (${before}`)} || type_now || ${literal(`${after})`)} into lost;
  exception when cannot_coerce or data_exception then
    declare
      way_back text := sqlstate;
    begin
      select count(*) > 0 from (${conversion.nullsThen}) nulls into lost;
      lost := lost or way_back <> '42846';
    exception when cannot_coerce or data_exception then
      lost := false;
    end;
  end;`;
}

function quoteBody(body: string): string {
  let tag = "$guard$";
  while (body.includes(tag)) tag = `$guard${tag.length}${tag.slice(6)}`;
  return `${tag}\n${body}\n${tag}`;
}
