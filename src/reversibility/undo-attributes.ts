/** Comments, rights and settings of an object, changed back. */
import type { DumpedObject } from "../schema/dump.ts";
import { NoWayBack } from "./no-way-back.ts";

/**
 * The statements that follow the first one.
 *
 * @throws NoWayBack for a setting whose opposite is not known.
 */
export function undoAttributes(now: DumpedObject, wanted: DumpedObject): string[] {
  // Of a schema or what else has no statement of its own, the first one is an attribute too.
  const from = (wanted.statements[0] ?? now.statements[0] ?? "").startsWith("CREATE ") ? 1 : 0;
  const has = now.statements.slice(from);
  const goal = wanted.statements.slice(from);
  const missing = goal.filter((statement) => !has.includes(statement));
  const extra = has.filter((statement) => !goal.includes(statement));
  return [...extra.flatMap((statement) => undo(statement, missing, wanted.label)), ...missing];
}

function undo(statement: string, missing: readonly string[], label: string): string[] {
  const [comment] = /^COMMENT ON .*? IS (?=E?'|NULL)/s.exec(statement) ?? [];
  if (comment !== undefined) {
    return missing.some((other) => other.startsWith(comment)) ? [] : [`${comment}NULL`];
  }
  const grant = /^GRANT (.+) TO ([^;]+?)( WITH GRANT OPTION)?$/s.exec(statement);
  if (grant) return [`REVOKE ${grant[1]} FROM ${grant[2]}`];
  const revoke = /^REVOKE (.+) FROM ([^;]+)$/s.exec(statement);
  if (revoke) return [`GRANT ${revoke[1]} TO ${revoke[2]}`];
  const [, security] = /^(ALTER TABLE .+ )ENABLE ROW LEVEL SECURITY$/s.exec(statement) ?? [];
  if (security !== undefined) return [`${security}DISABLE ROW LEVEL SECURITY`];
  const [, forced] = /^(ALTER TABLE .+ )FORCE ROW LEVEL SECURITY$/s.exec(statement) ?? [];
  if (forced !== undefined) return [`${forced}NO FORCE ROW LEVEL SECURITY`];
  const [, target] =
    /^(ALTER TABLE ONLY .+ ALTER COLUMN .+ SET STATISTICS )\d+$/s.exec(statement) ?? [];
  if (target !== undefined) {
    return missing.some((other) => other.startsWith(target)) ? [] : [`${target}-1`];
  }
  // The sequence of a column that goes goes with it, and an owner is set by what is missing.
  if (/^ALTER SEQUENCE .+ OWNED BY /s.test(statement) || / OWNER TO \S+$/.test(statement))
    return [];
  throw new NoWayBack(`nothing is known that takes back \`${statement}\` of ${label}`);
}
