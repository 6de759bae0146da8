/** What follows the CREATE of an object: how it differs, and how that is brought about. */
import { inOneLine } from "../schema/compare/words.ts";

export interface RestDifference {
  readonly words: readonly string[];
  readonly sql: readonly string[];
  /** True when `sql` brings about all of it. */
  readonly isSafe: boolean;
}

/** What follows the CREATE: owner, comments, rights, settings. */
export function restDifference(was: readonly string[], is: readonly string[]): RestDifference {
  const gone = was.filter((sql) => !is.includes(sql));
  const fresh = is.filter((sql) => !was.includes(sql));
  const undone = gone.map((sql) => undo(sql, fresh));
  const isSafe = undone.every((sql) => sql !== undefined);
  return {
    words: [
      ...gone.filter((_, i) => undone[i] !== "").map((sql) => `no longer: ${inOneLine(sql)}`),
      ...fresh.map((sql) => `now: ${inOneLine(sql)}`),
    ],
    sql: isSafe
      ? ([...undone.filter((sql) => sql !== undefined && sql !== ""), ...fresh] as string[])
      : [],
    isSafe,
  };
}

/** SQL that takes a statement back; empty where a new one replaces it, undefined where none is known. */
function undo(sql: string, fresh: readonly string[]): string | undefined {
  const comment = /^COMMENT ON (.*?) IS /s.exec(sql)?.[1];
  if (comment !== undefined) {
    const isReplaced = fresh.some((other) => other.startsWith(`COMMENT ON ${comment} IS `));
    return isReplaced ? "" : `COMMENT ON ${comment} IS NULL`;
  }
  const owner = /^ALTER .* OWNER TO /s.exec(sql)?.[0];
  if (owner !== undefined && fresh.some((other) => other.startsWith(owner))) return "";
  const [, rights, to] = /^GRANT (.*) TO ([^ ]+|"(?:[^"]|"")*")$/s.exec(sql) ?? [];
  return rights !== undefined && to !== undefined ? `REVOKE ${rights} FROM ${to}` : undefined;
}
