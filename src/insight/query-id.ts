/** A query's id as people type it: 16 hexadecimal digits in place of a number that may be negative. */
import { PgwrightError } from "../errors.ts";

/** `-1` as "ffffffffffffffff". */
export function toHexId(queryId: string): string {
  return BigInt.asUintN(64, BigInt(queryId)).toString(16).padStart(16, "0");
}

/** Which of these ids a text means: all of its digits, the first of them, or the server's own number. */
export function findId(text: string, ids: readonly string[], readsAll = true): string {
  const wanted = text.toLowerCase();
  const found = [...new Set(ids)].filter((id) => id === text || toHexId(id).startsWith(wanted));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw new PgwrightError(
    "query-unknown",
    found.length === 0
      ? `pg_stat_statements has no query \`${text}\` of this database`
      : `\`${text}\` is the beginning of ${found.length} ids: ${found.map(toHexId).join(", ")}`,
    {
      hint:
        found.length === 0 && !readsAll
          ? "this role sees its own queries only: a superuser can grant it pg_read_all_stats"
          : found.length === 0
            ? "`pgwright slow-queries` lists the ids; an entry goes when the statistics are reset or full"
            : "give more digits",
    },
  );
}
