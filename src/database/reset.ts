import { createHash } from "node:crypto";
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { confirmByName, requireConsentPossible } from "./confirm.ts";
import {
  describeOthers,
  describeSize,
  type DropOptions,
  dropStatement,
  readSessions,
  refuseBusy,
  runDrop,
} from "./drop.ts";
import { type DatabaseProperties, readProperties, recreateStatements } from "./properties.ts";
import { describeRefusal } from "./refusal.ts";
import { type DatabaseTarget, mayBeDestroyed, openMaintenance, refuseByName } from "./target.ts";

export interface Reset {
  readonly database: string;
  /** False with `dryRun`. */
  readonly reset: boolean;
  /** What was run, or would be. */
  readonly sql: readonly string[];
}

/**
 * Replaces the configured database by an empty one with the same owner, encoding, locale, rights
 * and settings.
 *
 * The new one is made first, under another name, so that whatever can be refused is refused while
 * the old one still stands.
 *
 * @throws PgwrightError `database-missing`, `confirmation-needed`, `database-protected`,
 * `database-busy`, `sql-failed`; each says whether the old database is still there.
 */
export async function resetDatabase(target: DatabaseTarget, options: DropOptions): Promise<Reset> {
  const { database } = target;
  const { consent, dryRun } = options;
  refuseByName(target, "reset");
  if (!dryRun) requireConsentPossible(consent, database, "pgwright db reset");
  const isThere = await mayBeDestroyed(target, "reset");
  await using session = await openMaintenance(target);
  const properties = await readProperties(session, database);
  if (!isThere || properties === undefined) {
    throw new PgwrightError("database-missing", `there is no database \`${database}\` to reset`, {
      hint: "`pgwright db create`",
    });
  }
  refuseTemplate(properties);
  const plan = await planReset(session, properties, options.disconnect);
  if (dryRun) return { database, reset: false, sql: [...plan.make, plan.drop, plan.rename] };
  const sessions = await readSessions(session, database);
  if (!options.disconnect) refuseBusy(database, sessions);
  const question = `Reset database ${database}${describeSize(properties)}${describeOthers(sessions)}: everything in it is lost.`;
  await confirmByName(consent, database, "pgwright db reset", question);
  await applyReset(session, database, plan, options.disconnect);
  return { database, reset: true, sql: [...plan.make, plan.drop, plan.rename] };
}

export interface ResetPlan {
  readonly draft: string;
  readonly make: readonly string[];
  readonly drop: string;
  readonly rename: string;
}

export async function planReset(
  session: Session,
  properties: DatabaseProperties,
  disconnect: boolean,
): Promise<ResetPlan> {
  const { name } = properties;
  // Always the same, so that the leftover of a killed reset is found; short whatever the name.
  const draft = `pgwright_reset_${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
  const leftover = await readProperties(session, draft);
  const template1 = await readProperties(session, "template1");
  return {
    draft,
    make: [
      ...(leftover === undefined ? [] : [dropStatement(draft, true)]),
      ...recreateStatements(properties, draft, template1),
    ],
    drop: dropStatement(name, disconnect),
    rename: `ALTER DATABASE ${ident(draft)} RENAME TO ${ident(name)}`,
  };
}

export async function applyReset(
  session: Session,
  database: string,
  plan: ResetPlan,
  disconnect: boolean,
): Promise<void> {
  try {
    for (const statement of plan.make) await session.query(statement);
    await runDrop(session, database, disconnect);
  } catch (error) {
    if (!session.isDead) await session.settle(`DROP DATABASE IF EXISTS ${ident(plan.draft)}`);
    throw describeRefusal(error, `database \`${database}\` was not reset and is unchanged`, {
      hint: `role \`${session.server.role}\` must be able to make it again: it needs to own the database, CREATEDB, and the right to every setting on it`,
    });
  }
  try {
    // Also after an interrupt: from here on there is no way back.
    await session.settle(plan.rename);
  } catch (error) {
    throw describeRefusal(
      error,
      `database \`${database}\` was dropped, and the new one in its place is still called \`${plan.draft}\``,
      { hint: `as its owner: ${plan.rename}` },
    );
  }
}

export function refuseTemplate({ name, isTemplate }: DatabaseProperties): void {
  if (!isTemplate) return;
  throw new PgwrightError(
    "sql-failed",
    `\`${name}\` is a template database, which cannot be dropped`,
    {
      hint: `if it must be: ALTER DATABASE ${ident(name)} IS_TEMPLATE false`,
    },
  );
}
