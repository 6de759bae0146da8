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
import { Confinement } from "./confinement.ts";
import { freshRightsHint } from "./fresh-rights.ts";
import type { MigrateOptions } from "./migrate.ts";
import { migrate } from "./migrate.ts";
import type { MigratorOptions } from "./migrator.ts";

/**
 * How much of `policies/` the throwaway database has, as a database to be taken over may have it:
 * nothing, what migrations keep true as they run, or all of it.
 */
export const policyStates = ["none", "kept", "whole"] as const;

/** Where a throwaway database is made, and what is said when it cannot be. */
export interface ThrowawayOptions extends MigratorOptions {
  readonly directory: string;
  /** Opens another database of the same server. */
  readonly openOther: (database: string) => Promise<Session>;
  readonly refusal: "baseline-refused" | "diff-refused";
}

/**
 * The dump of a throwaway database to which the files were applied, but for what reaches beyond a
 * database.
 *
 * @throws PgwrightError `baseline-refused` when they cannot be applied, `interrupted`.
 */
export async function dumpOfFiles(
  options: Omit<BaselineOptions, "dryRun">,
  files: readonly MigrationFile[],
  policies: (typeof policyStates)[number],
): Promise<string> {
  const to = files.at(-1)?.version;
  const all = { ...options, refusal: "baseline-refused" as const, to, count: files.length };
  return withFilesApplied(all, policies, async (copy) => {
    const { sql } = await dumpSchema(copy, {
      ledger: { ...options.ledger, content: "none" },
      omitOwners: options.omitOwners,
    });
    return sql;
  });
}

/** Applies the files up to `to` to a throwaway database, and gives what `read` makes of that. */
export async function withFilesApplied<T>(
  options: ThrowawayOptions & Pick<MigrateOptions, "to" | "read"> & { readonly count: number },
  policies: (typeof policyStates)[number],
  read: (copy: Session) => Promise<T>,
): Promise<T> {
  const { events, count } = options;
  const what = options.refusal === "baseline-refused" ? "proof: " : "";
  const title = `${what}${count === 1 ? "1 migration" : `${count} migrations`} in the throwaway database`;
  return withThrowaway(options, title, async (name) => {
    let done = 0;
    const warn = (message: string) => events({ type: "notice", level: "warning", message });
    const how = "not run, because it reaches beyond the throwaway database";
    const confinement = new Confinement(how, warn);
    try {
      await applyToCopy(
        {
          ...options,
          confinement,
          open: () => options.openOther(name),
          isProtected: false,
          loadKeeper: policies === "none" ? undefined : options.loadKeeper,
          outOfOrder: false,
          allowNewer: false,
          leaveKept: true,
          dryRun: false,
          events: (event) => {
            if (event.type !== "step-finished") return;
            done += 1;
            events({ type: "step-progress", title: `${title} ${name}`, done, total: count });
          },
        },
        options.refusal,
      );
    } finally {
      await sayRolesLeft(options, confinement);
    }
    await using copy = await options.openOther(name);
    if (policies === "whole") {
      const keeper = await options.loadKeeper?.(events);
      await copy.script((await keeper?.whole(copy))?.join(";\n") ?? "");
    }
    return await read(copy);
  });
}

/** Makes an empty database of the same server, gives its name to `work`, and drops it whatever happens. */
export async function withThrowaway<T>(
  options: ThrowawayOptions,
  title: string,
  work: (name: string) => Promise<T>,
): Promise<T> {
  const name = `pgwright_baseline_${randomBytes(4).toString("hex")}`;
  const started = performance.now();
  const shown = `${title} ${name}`;
  await using server = await options.openOther("postgres");
  await dropLeftovers(server);
  options.events({ type: "step-started", title: shown });
  await createCopy(server, name, options.refusal);
  try {
    const result = await work(name);
    options.events({
      type: "step-finished",
      title: shown,
      durationMs: performance.now() - started,
    });
    return result;
  } finally {
    if (!server.isDead) await server.settle(`drop database if exists ${ident(name)} with (force)`);
  }
}

async function sayRolesLeft(
  { openOther, events }: ThrowawayOptions,
  confinement: Confinement,
): Promise<void> {
  if (!confinement.hasMadeRoles) return;
  await using server = await openOther("postgres");
  for (const name of await confinement.rolesLeft(server)) {
    const message = `${name}, which a DO block or a function makes, is on the server now and stays: DROP ${name.replace("role", "ROLE")};`;
    events({ type: "notice", level: "warning", message });
  }
}

/** A failure here is one of the proof: nothing of it is left, and the files may be right. */
async function applyToCopy(
  options: MigrateOptions,
  refusal: ThrowawayOptions["refusal"],
): Promise<void> {
  try {
    await migrate(options);
  } catch (error) {
    if (!(error instanceof PgwrightError)) throw error;
    const { at, source, sqlstate, cause } = error.details;
    const isInterrupted = error.code === "interrupted";
    throw new PgwrightError(
      isInterrupted ? "interrupted" : refusal,
      isInterrupted
        ? "interrupted while the files were applied to the throwaway database"
        : `the files cannot be applied to the throwaway database: ${error.message}`,
      {
        at,
        source,
        sqlstate,
        cause: cause ?? error,
        notes: [
          refusal === "baseline-refused"
            ? "nothing was recorded; the throwaway database is gone"
            : "the throwaway database is gone",
        ],
        ...(isInterrupted
          ? {}
          : {
              hint:
                freshRightsHint(options, sqlstate) ??
                `the files${refusal === "baseline-refused" ? " up to --at" : ""} must build an empty database from the beginning`,
            }),
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

async function createCopy(
  server: Session,
  name: string,
  refusal: ThrowawayOptions["refusal"],
): Promise<void> {
  try {
    await server.query(`select pg_advisory_lock(${lockKey(name)})`);
    await server.query(`create database ${ident(name)}`);
  } catch (error) {
    if (!hasSqlState(error, "42501")) throw error;
    throw new PgwrightError(
      refusal,
      `role \`${server.server.role}\` may not create the throwaway database that is needed`,
      {
        cause: error,
        sqlstate: "42501",
        notes: ["nothing was changed"],
        hint: `have a superuser run: alter role ${ident(server.server.role)} createdb; afterwards it can be taken back`,
      },
    );
  }
}
