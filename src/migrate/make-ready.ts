/** What must be there before the first migration: the role, the mark of a protected database, the ledger. */
import { protect } from "../database/protection.ts";
import { ident } from "../db/identifier.ts";
import { ensureRole, planRole } from "../db/role.ts";
import type { Session } from "../db/session.ts";
import { hasSqlState } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Ledger } from "./ledger.ts";
import { readLedger } from "./ledger.ts";
import type { LedgerPlace } from "./ledger-place.ts";
import { ledgerName, logName } from "./ledger-place.ts";
import mayKeepLedger from "./ledger-rights.sql";
import { createLedgerSql, createLogSql, grantLedgerSql } from "./ledger-sql.ts";
import type { MigratorOptions } from "./migrator.ts";

/**
 * Creates role and ledger where they are missing, and marks a protected database. None of this
 * counts as work of the run: an empty ledger is no reason not to try again. Gives back the ledger
 * it found.
 *
 * @throws PgwrightError `role-unusable`, `ledger-denied`, `ledger-foreign`.
 */
export async function makeReady(
  session: Session,
  options: MigratorOptions,
): Promise<Ledger | undefined> {
  const { role, ledger: place, events } = options;
  const ledger = await readLedger(session, place);
  if (role !== undefined) await ensureRole(session, role, events);
  if (options.isProtected) await protect(session, null);
  if (!ledger.exists || !ledger.hasLog) await createLedger(session, options, ledger);
  else await allowRole(session, options);
  return ledger.exists ? ledger : undefined;
}

/** The SQL of `makeReady` but for the mark, for a dry run. */
export async function readySql(
  session: Session,
  { role, ledger: place }: MigratorOptions,
  ledger: Ledger,
): Promise<string> {
  const roleSql = role === undefined ? [] : await planRole(session, role);
  const ledgerSql =
    ledger.exists && ledger.hasLog ? [] : ["begin", ...missingSql(place, role, ledger), "commit"];
  const part = (title: string, statements: readonly string[]) =>
    statements.length === 0 ? "" : `-- ${title}\n${statements.join(";\n")};\n`;
  return [part("the migrations role", roleSql), part("the ledger", ledgerSql)]
    .filter(Boolean)
    .join("\n");
}

function missingSql(
  place: LedgerPlace,
  role: string | undefined,
  { exists, hasSchema }: Ledger,
): string[] {
  return exists ? createLogSql(place, role) : createLedgerSql(place, role, hasSchema);
}

async function createLedger(
  session: Session,
  { ledger: place, role }: MigratorOptions,
  ledger: Ledger,
): Promise<void> {
  const { hasSchema } = ledger;
  const statements = missingSql(place, role, ledger);
  try {
    await session.script(`begin;\n${statements.join(";\n")};\ncommit`);
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    if (!hasSqlState(error, "42501")) throw error;
    const me = ident(session.server.role);
    const right = hasSchema
      ? `grant create on schema ${ident(place.schema)} to ${me}`
      : `grant create on database ${ident(session.server.database)} to ${me}`;
    throw new PgwrightError(
      "ledger-denied",
      `role \`${session.server.role}\` may not create the ledger in schema \`${place.schema}\`: ${(error as Error).message}`,
      { cause: error, sqlstate: "42501", hint: `have its owner run: ${right};` },
    );
  }
}

/** A ledger made under another role, or before `migrations.role` was set. */
async function allowRole(session: Session, options: MigratorOptions): Promise<void> {
  const { ledger: place } = options;
  const role = options.role ?? session.server.role;
  const isGranted = async () =>
    (
      await session.one<{ granted: boolean | null }>(mayKeepLedger, [
        role,
        ledgerName(place),
        logName(place),
      ])
    ).granted;
  if (await isGranted()) return;
  const grants = grantLedgerSql(place, role);
  let cause: unknown;
  if (options.role !== undefined) {
    try {
      await session.script(grants.join(";\n"));
      if (await isGranted()) return;
    } catch (error) {
      if (!hasSqlState(error, "42501")) throw error;
      cause = error;
    }
  }
  throw new PgwrightError(
    "ledger-denied",
    `role \`${role}\` may not write the ledger ${ledgerName(place)}`,
    {
      cause,
      sqlstate: "42501",
      hint: `have its owner run:\n${grants.map((sql) => `${sql};`).join("\n")}`,
    },
  );
}
