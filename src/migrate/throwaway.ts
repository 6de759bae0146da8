/** A throwaway database that the files alone have made: what `baseline` compares with. */
import { randomBytes } from "node:crypto";
import { ident } from "../db/identifier.ts";
import { lockKey } from "../db/lock.ts";
import type { Session } from "../db/session.ts";
import { hasSqlState } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { dumpSchema } from "../schema/dump.ts";
import type { BaselineOptions } from "./baseline.ts";
import type { MigrationFile } from "./file.ts";
import { firstLine } from "./journal.ts";
import type { MigrateOptions } from "./migrate.ts";
import { migrate } from "./migrate.ts";
import { isServerWide } from "./server-wide.ts";

/**
 * How much of `policies/` the throwaway database has, as a database to be taken over may have it:
 * nothing, what migrations keep true as they run, or all of it.
 */
export const policyStates = ["none", "kept", "whole"] as const;

/**
 * The dump of a throwaway database to which the files were applied, but for what reaches beyond a
 * database.
 *
 * @throws PgwrightError `baseline-refused` when they cannot be applied, `interrupted`.
 */
export async function dumpOfFiles(
  options: BaselineOptions,
  files: readonly MigrationFile[],
  policies: (typeof policyStates)[number],
): Promise<string> {
  const name = `pgwright_baseline_${randomBytes(4).toString("hex")}`;
  const { events } = options;
  const started = performance.now();
  let done = 0;
  const title = `proof: ${files.length === 1 ? "1 migration" : `${files.length} migrations`} in the throwaway database ${name}`;
  await using server = await options.openOther("postgres");
  await dropLeftovers(server);
  events({ type: "step-started", title });
  await createCopy(server, name);
  try {
    await applyToCopy({
      ...options,
      leaveOut(statement, file) {
        if (!isServerWide(statement)) return false;
        events({
          type: "notice",
          level: "warning",
          message: `${file}: not run for the proof, because it reaches beyond the throwaway database: ${firstLine(statement.text)}`,
        });
        return true;
      },
      open: () => options.openOther(name),
      isProtected: false,
      loadKeeper: policies === "none" ? undefined : options.loadKeeper,
      to: files.at(-1)?.version,
      outOfOrder: false,
      allowNewer: false,
      dryRun: false,
      events: (event) => {
        if (event.type !== "step-finished") return;
        done += 1;
        events({ type: "step-progress", title, done, total: files.length });
      },
    });
    await using copy = await options.openOther(name);
    if (policies === "whole") {
      const keeper = await options.loadKeeper?.(events);
      await copy.script((await keeper?.whole(copy))?.join(";\n") ?? "");
    }
    const { sql } = await dumpSchema(copy, {
      ledger: { ...options.ledger, content: "none" },
      omitOwners: options.omitOwners,
    });
    events({ type: "step-finished", title, durationMs: performance.now() - started });
    return sql;
  } finally {
    if (!server.isDead) await server.settle(`drop database if exists ${ident(name)} with (force)`);
  }
}

/** A failure here is one of the proof: nothing of it is left, and the files may be right. */
async function applyToCopy(options: MigrateOptions): Promise<void> {
  try {
    await migrate(options);
  } catch (error) {
    if (!(error instanceof PgwrightError)) throw error;
    const { at, source, sqlstate, cause } = error.details;
    const isInterrupted = error.code === "interrupted";
    throw new PgwrightError(
      isInterrupted ? "interrupted" : "baseline-refused",
      isInterrupted
        ? "interrupted while the files were applied to the throwaway database"
        : `the files cannot be applied to the throwaway database: ${error.message}`,
      {
        at,
        source,
        sqlstate,
        cause: cause ?? error,
        notes: ["nothing was recorded; the throwaway database is gone"],
        ...(isInterrupted
          ? {}
          : { hint: "the files up to --at must build an empty database from the beginning" }),
      },
    );
  }
}

/** Copies of ours that a killed process left: nobody holds the lock that its maker held all the time. */
async function dropLeftovers(server: Session): Promise<void> {
  const rows = await server.query<{ name: string }>(
    `select datname as name from pg_database
     where datname ~ '^pgwright_baseline_[0-9a-f]{8}$' and pg_has_role(datdba, 'usage')`,
  );
  for (const { name } of rows) {
    const key = lockKey(name);
    const { isFree } = await server.one<{ isFree: boolean }>(
      `select pg_try_advisory_lock(${key}) as "isFree"`,
    );
    if (!isFree) continue;
    await server.settle(`drop database if exists ${ident(name)} with (force)`);
    await server.settle(`select pg_advisory_unlock(${key})`);
  }
}

async function createCopy(server: Session, name: string): Promise<void> {
  try {
    await server.query(`select pg_advisory_lock(${lockKey(name)})`);
    await server.query(`create database ${ident(name)}`);
  } catch (error) {
    if (!hasSqlState(error, "42501")) throw error;
    throw new PgwrightError(
      "baseline-refused",
      `role \`${server.server.role}\` may not create the throwaway database that the proof needs`,
      {
        cause: error,
        sqlstate: "42501",
        notes: ["nothing was changed"],
        hint: `have a superuser run: alter role ${ident(server.server.role)} createdb; afterwards it can be taken back`,
      },
    );
  }
}
