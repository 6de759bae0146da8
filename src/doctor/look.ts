/** What a check could not see, said as a finding. */
import { ident } from "../db/identifier.ts";
import { lookSafely, vanished } from "../db/look.ts";
import type { Session } from "../db/session.ts";
import { isPostgresError, type PostgresError } from "../db/session.ts";
import type { Finding } from "../findings.ts";

/** What could not be looked at, with what would allow it. A check never leaves that unsaid. */
export function cannotLook(what: string, why: string, hint?: string): Finding {
  return {
    rule: "doctor/cannot-look",
    severity: "warning",
    message: `could not look at ${what}: ${why}`,
    object: what,
    hint,
  };
}

/**
 * Like `lookSafely`; where the server refuses, that is the finding. `what` is what was not seen.
 * Looked at again, an object that was just dropped is simply not there.
 */
export async function lookOrSayWhy(
  session: Session,
  what: string,
  work: () => Promise<readonly Finding[]> | readonly Finding[],
): Promise<readonly Finding[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await lookSafely(session, work);
    } catch (error) {
      if (!isPostgresError(error)) throw error;
      if (attempt < 3 && vanished.includes(error.code)) continue;
      return [explainRefusal(error, what, session.server.role)];
    }
  }
}

/**
 * Looks at one of several things within a check, behind a savepoint: what cannot be seen does not
 * hide the others, and the locks of having looked are given back at once.
 */
export async function lookAtPart(
  session: Session,
  what: string,
  work: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  await session.script("savepoint part");
  try {
    return await work();
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    return [explainRefusal(error, what, session.server.role)];
  } finally {
    if (!session.isDead) await session.settle("rollback to savepoint part");
  }
}

function explainRefusal(error: PostgresError, what: string, role: string): Finding {
  switch (error.code) {
    case "42501":
      return cannotLook(
        what,
        error.message,
        error.message.includes("row-level security")
          ? `run doctor as a role with BYPASSRLS: \`ALTER ROLE ${ident(role)} BYPASSRLS;\``
          : `let a superuser run \`GRANT pg_monitor TO ${ident(role)};\`, or connect as a role that may`,
      );
    case "57014":
      return cannotLook(what, "it took longer than 5 s", "run doctor again at a quieter time");
    case "55P03":
      return cannotLook(what, "a lock was not to be had within 1 s", "run doctor again");
    default:
      return cannotLook(what, `${error.message} (SQLSTATE ${error.code})`);
  }
}
