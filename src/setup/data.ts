/** The part of `setup` that is about rows: seeds/ where all tables are empty, and materialized views. */
import { readdir } from "node:fs/promises";
import { readProtection, refuseWhenProtected } from "../database/protection.ts";
import { ident, literal, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { withMigrator, type Migrator, type MigratorOptions } from "../migrate/migrator.ts";
import { fillFirst, planFirstFill, statementsOf } from "../insight/matviews/first-fill.ts";
import { namingServerErrors } from "../migrate/server-error.ts";
import { nameOf, readCatalog, type Table } from "../seed/catalog.ts";
import type { Seeds } from "../seed/read.ts";
import { emptyViews, runAlone } from "./matviews.ts";

export interface SeedChoice {
  /** `seeds.directory`. */
  readonly directory: string;
  /** `setup.seed_scale`: their numbers of rows times this. */
  readonly scale: number;
  /** The server is ours: what is on it was made by this tool, for development. */
  readonly isEmbedded: boolean;
  /** `--with-seed`. */
  readonly isAsked: boolean;
  /** What messages about seed files are seen from. */
  readonly workingDirectory: string;
}

/** Why tables were not filled, in one word; `filled` when they were. */
export type SeedState =
  | "filled"
  /** A dry run: they would be. */
  | "planned"
  /** There are no seed files, and nobody asked. */
  | "none"
  /** Some table that seeds/ fills has rows already: this was done before. */
  | "present"
  /** Only tables that seeds/ does not name have rows. */
  | "blocked"
  /** Neither the embedded server nor `--with-seed`. */
  | "not-asked"
  | "protected"
  /** Migrations are left pending, or the database is ahead of the files. */
  | "not-current";

export interface SetupData {
  readonly seeds: {
    readonly state: SeedState;
    readonly tables: readonly { readonly table: string; readonly rows: number }[];
  };
  /** Materialized views that were filled for the first time. */
  readonly refreshed: readonly string[];
  /** What a dry run has to say of it. */
  readonly sql: readonly string[];
}

export type DataOptions = MigratorOptions & {
  readonly dryRun: boolean;
  readonly policiesDirectory: string;
};

/** Rows are no SQL that could be printed. */
export const seedsFollow = "-- then the rows of seeds/: `pgwright seed --dry-run` shows their plan";

/**
 * Decides whether seeds/ is to be applied, and reads it, before anything is changed: a mistake in it, or a
 * protected database, is told while nothing is done.
 *
 * @param session in the database, or undefined where there is none yet.
 * @throws PgwrightError `database-protected` when the command line asks for seeds, `config-invalid`,
 * `seeds-unreadable`.
 */
export async function prepareSeeds(
  choice: SeedChoice,
  { isProtected }: Pick<MigratorOptions, "isProtected">,
  session: Session | undefined,
): Promise<Seeds | Exclude<SeedState, "filled" | "planned">> {
  if (!choice.isAsked && !(await hasFiles(choice.directory))) return "none";
  if (!choice.isAsked && !choice.isEmbedded) return "not-asked";
  if (choice.isAsked) {
    if (isProtected) {
      throw new PgwrightError(
        "database-protected",
        "refusing `--with-seed`: the environment says `protected: true`; nothing was changed",
        { hint: "run `pgwright setup` without it" },
      );
    }
    if (session) await refuseWhenProtected(session, `seed \`${session.server.database}\``);
  } else if (isProtected || (session && (await readProtection(session)) !== undefined)) {
    return "protected";
  }
  const { readSeeds } = await import("../seed/read.ts");
  const overrides = { seed: undefined, scale: choice.scale, asOf: undefined };
  return readSeeds(choice.directory, overrides, choice.workingDirectory);
}

async function hasFiles(directory: string): Promise<boolean> {
  try {
    return (await readdir(directory)).some((name) => /\.(ya?ml|sql)$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw new PgwrightError("seeds-unreadable", `${directory} cannot be read`, { cause: error });
  }
}

/**
 * Fills tables that are all empty, and then materialized views, under the migration lock. Rows come
 * in one transaction: after an interrupt there are none, and the next run begins again.
 *
 * @throws PgwrightError as `seed`, `sql-failed`, `lock-timeout`.
 */
export async function bringData(
  options: DataOptions,
  prepared: Awaited<ReturnType<typeof prepareSeeds>>,
): Promise<SetupData> {
  const { state, refresh } = await namingServerErrors(async () => {
    await using session = await options.open({ writes: false, direct: true });
    return {
      state:
        typeof prepared === "string"
          ? prepared
          : await judgeTables(session, prepared, options, await readTables(session, options)),
      refresh: statementsOf(await planFirstFill(session)),
    };
  });
  if (options.dryRun || (state !== "planned" && refresh.length === 0)) {
    const sql = [
      ...(state === "planned" ? [seedsFollow] : []),
      ...refresh.map((statement) => `${statement};`),
    ];
    return { seeds: { state, tables: [] }, refreshed: [], sql };
  }
  return withMigrator(options, async (migrator) => {
    const seeds =
      typeof prepared === "string"
        ? { state, tables: [] }
        : await fillTables(migrator, prepared, options);
    // Seeds have emptied some that the plan above found filled.
    const plan = await planFirstFill(migrator.session);
    return { seeds, refreshed: await fillFirst(plan, options), sql: [] };
  });
}

async function fillTables(
  migrator: Migrator,
  seeds: Seeds,
  options: DataOptions,
): Promise<SetupData["seeds"]> {
  const { session } = migrator;
  // Whoever held the lock before may have filled them.
  const tables = await readTables(session, options);
  const state = await judgeTables(session, seeds, options, tables);
  if (state !== "planned") return { state, tables: [] };
  await emptyViews(migrator, options);
  const { seed } = await import("../seed/seed.ts");
  const { mustReadPartitions } = await import("../policies/partitions/choose.ts");
  const { loaded } = await seed(session, {
    ...seeds,
    ledger: options.ledger,
    role: options.role,
    isProtected: options.isProtected,
    partitions: await mustReadPartitions(options.policiesDirectory),
    tables: [],
    append: false,
    truncate: false,
    allowDataLoss: false,
    dryRun: false,
    lockTimeoutMs: options.lockTimeoutMs,
    events: options.events,
  });
  const filled = loaded.filter(({ filledByTriggers, rows }) => !filledByTriggers && rows > 0);
  const names = tables.map(({ schema, name }) => qualified(schema, name));
  // The planner, and the overview of this command, know the rows at once.
  if (names.length > 0) await runAlone(session, `analyze ${names.join(", ")}`, options);
  return { state: "filled", tables: filled.map(({ table, rows }) => ({ table, rows })) };
}

/** Every table that can be filled; the ledger is none of them. */
async function readTables(session: Session, { ledger }: MigratorOptions) {
  const { schema, table } = ledger;
  const { tables } = await readCatalog(session, [
    { schema, table },
    { schema, table: `${table}_log` },
  ]);
  return tables;
}

/** Looks at the tables that are the seeds' matter: a seed file leaves one out by `rows: 0`. */
async function judgeTables(
  session: Session,
  seeds: Seeds,
  options: MigratorOptions,
  tables: readonly Table[],
): Promise<"planned" | "present" | "blocked"> {
  const wanted = tables.filter((one) => seeds.request.tables[nameOf(one)]?.rows !== 0);
  const probes = wanted.map(
    (table) =>
      `select ${literal(nameOf(table))} as name where exists (select from ${qualified(table.schema, table.name)})`,
  );
  if (probes.length === 0) return "planned";
  const { role } = options;
  await session.script(
    // Under row level security an owner would see no rows, and the table would pass for empty.
    `begin read only;\n${role === undefined ? "" : `set local role ${ident(role)};\n`}set local row_security = off`,
  );
  try {
    const filled = await session.query<{ name: string }>(probes.join("\nunion all\n"));
    if (filled.length === 0) return "planned";
    const named = Object.keys(seeds.request.tables);
    const isDone = named.length === 0 || filled.some(({ name }) => named.includes(name));
    if (isDone) return "present";
    const names = filled.map(({ name }) => name).join(", ");
    options.events({
      type: "notice",
      level: "info",
      message: `seeds/ is not applied, because there are rows in ${names}: \`pgwright seed\` fills the tables that are empty, and \`rows: 0\` in a seed file says that a table is no matter of it`,
    });
    return "blocked";
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}
