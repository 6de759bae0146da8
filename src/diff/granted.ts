/** What a role that is not the owner has granted onward: it is given and taken back as that role. */
import { inOneLine } from "../schema/compare/words.ts";
import type { Described, Step } from "./step.ts";
import { undo } from "./undo.ts";

/** `privileges on TABLE app.users granted by clerk` */
export function isGrantedOnward(label: string): boolean {
  return /^privileges on .* granted by /s.test(label);
}

/**
 * A right that was granted onward cannot be taken from who has it, so what is taken back comes
 * before all else, and last granted first; what is new comes when its role has its own rights.
 *
 * @param was `SET ROLE clerk`, the grants, `RESET ROLE`; empty where there is none.
 */
export function grantedDifference(
  label: string,
  was: readonly string[],
  is: readonly string[],
): Described {
  const [become = ""] = is.length > 0 ? is : was;
  const [had, has] = [was, is].map((statements) => statements.slice(1, -1));
  const gone = (had ?? []).filter((sql) => has?.includes(sql) !== true);
  const fresh = (has ?? []).filter((sql) => had?.includes(sql) !== true);
  const back = gone.flatMap((sql) => {
    const one = undo(sql, fresh);
    return "sql" in one ? [one.sql] : [];
  });
  const asRole = (sql: readonly string[], step: Pick<Step, "when">): Step[] =>
    sql.length === 0 ? [] : [{ what: label, sql: [become, ...sql, "RESET ROLE"], ...step }];
  return {
    words: [
      ...gone.map((sql) => `no longer: ${inOneLine(sql)}`),
      ...fresh.map((sql) => `now: ${inOneLine(sql)}`),
    ],
    steps: [...asRole(back, { when: "first" }), ...asRole(fresh, { when: "main" })],
  };
}
