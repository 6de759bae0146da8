/** What went wrong in a unit, in words that say which right is missing and who can help. */
import type { Session } from "../db/session.ts";
import { hasSqlState, isPostgresError } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { printPlan } from "./print.ts";
import type { Unit } from "./print.ts";
import type { PolicyStep } from "./step.ts";

interface State {
  readonly session: Session;
  readonly applied: readonly PolicyStep[];
}

/** A server's error becomes `policies-denied` or `sql-failed`; anything else is given back as it is. */
export function explainFailure(error: unknown, unit: Unit, { session, applied }: State): unknown {
  const cause = error instanceof PgwrightError ? error.cause : error;
  const notes = [`${unit.name} was rolled back`];
  if (error instanceof PgwrightError) {
    return new PgwrightError(error.code, error.message, {
      ...error.details,
      notes: [...(error.details.notes ?? []), ...notes],
      // Exit 3 promises that nothing was committed.
      ...(error.exit === 3 && applied.length > 0 ? { exit: 4 as const } : {}),
    });
  }
  if (!isPostgresError(cause)) return error;
  const details = { cause, sqlstate: cause.code, notes };
  if (hasSqlState(cause, "42501")) {
    return new PgwrightError(
      "policies-denied",
      `role \`${session.server.role}\` lacks a right that \`${unit.name}\` needs: ${cause.message}`,
      {
        ...details,
        hint: `${rightFor(unit, session)}, or have a superuser run:\n${printPlan(unit.steps, { prune: true }).trimEnd()}`,
      },
    );
  }
  return new PgwrightError("sql-failed", `${unit.name}: ${cause.message}`, {
    ...details,
    ...(cause.hint === undefined ? {} : { hint: cause.hint }),
  });
}

/** The single right that lets the connected role do it. */
function rightFor({ steps }: Unit, { server }: Session): string {
  const [{ role, isClusterWide }] = steps;
  if (isClusterWide) {
    return server.versionNumber >= 160000
      ? `role ${server.role} needs CREATEROLE and the ADMIN option on the roles it changes`
      : `role ${server.role} needs CREATEROLE`;
  }
  return role === null
    ? `role ${server.role} needs to own the object`
    : `grant ${role} to ${server.role}`;
}
