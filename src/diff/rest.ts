/** What follows the CREATE of an object: how it differs, and how that is brought about. */
import { inOneLine } from "../schema/compare/words.ts";
import type { LeftOut } from "./left-out.ts";

export interface RestDifference {
  readonly words: readonly string[];
  readonly sql: readonly string[];
  /** What `sql` does not bring about. */
  readonly leftOut: readonly LeftOut[];
}

/** What follows the CREATE: owner, comments, rights, settings. */
export function restDifference(was: readonly string[], is: readonly string[]): RestDifference {
  const gone = was.filter((sql) => !is.includes(sql));
  const fresh = is.filter((sql) => !was.includes(sql));
  const undone = gone.map((sql) => ({ sql, back: undo(sql, fresh) }));
  return {
    words: [
      ...undone.filter(({ back }) => back !== "").map(({ sql }) => `no longer: ${inOneLine(sql)}`),
      ...fresh.map((sql) => `now: ${inOneLine(sql)}`),
    ],
    sql: [
      ...undone.flatMap(({ back }) => (back === undefined || back === "" ? [] : [back])),
      ...fresh,
    ],
    leftOut: undone
      .filter(({ back }) => back === undefined)
      .map(({ sql }) => ({
        what: inOneLine(sql),
        why: "no statement is known that takes it back",
      })),
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
