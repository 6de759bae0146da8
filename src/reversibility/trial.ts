/** One migration tried in a copy: up, down and up again, with a look at the schema in between. */
import type { Location } from "../errors.ts";
import { PgwrightError } from "../errors.ts";
import { loadParser } from "../db/script.ts";
import { isPostgresError } from "../db/session.ts";
import type { MigrationFile, readMigrations } from "../migrate/file.ts";
import { migrate } from "../migrate/migrate.ts";
import type { MigratorOptions, Open } from "../migrate/migrator.ts";
import { rollback } from "../migrate/rollback.ts";
import type { DumpedObject, DumpedSchema } from "../schema/dump.ts";
import { dumpObjects } from "../schema/dump.ts";
import { compareSchemas } from "./difference.ts";
import type { Difference } from "./difference.ts";
import listReadable from "./readable.sql";

/** What running migrations needs, but for the database. */
export interface Ways {
  readonly migrator: Omit<MigratorOptions, "open">;
  readonly directory: string;
  readonly read: typeof readMigrations;
}

/** What the server said against a section. */
export interface Failure {
  readonly message: string;
  readonly sqlstate: string | undefined;
  readonly at: Location | undefined;
  readonly source: string | undefined;
  /** `schema.name`, not quoted, of the table whose rows the server refuses; undefined where it names none. */
  readonly table: string | undefined;
}

/** What became of a migration; of steps that were not reached, nothing is there. */
export interface Trial {
  readonly upFailure?: Failure;
  /** The schema with the migration; undefined where it could not be applied. */
  readonly after?: DumpedSchema;
  readonly downFailure?: Failure;
  /** How the schema differs after the rollback from that before the migration. */
  readonly unrestored?: readonly Difference[];
  readonly againFailure?: Failure;
  /** How the schema differs after the second time from that after the first. */
  readonly unrepeated?: readonly Difference[];
}

/** Applies one migration and nothing else. */
export async function applyOne(ways: Ways, open: Open, file: MigrationFile): Promise<void> {
  await migrate({
    ...ways.migrator,
    open,
    directory: ways.directory,
    read: ways.read,
    withoutRepeatables: true,
    only: file.version,
    outOfOrder: true,
    allowNewer: false,
    dryRun: false,
  });
}

/** Rolls back what was applied last, whatever it loses. */
export async function undoOne(ways: Ways, open: Open): Promise<void> {
  await rollback({
    ...ways.migrator,
    open,
    directory: ways.directory,
    read: ways.read,
    steps: 1,
    all: false,
    allowDataLoss: true,
    dryRun: false,
  });
}

/**
 * Up, down, up.
 *
 * @param open of a copy in which everything before it is applied.
 * @param hasDown false for a migration without a way back: then it is only applied.
 * @throws PgwrightError for everything but a section that the server refuses.
 */
export async function tryMigration(
  ways: Ways,
  open: Open,
  file: MigrationFile,
  { before, hasDown }: { readonly before: DumpedSchema; readonly hasDown: boolean },
): Promise<Trial> {
  await loadParser();
  const upFailure = await attempt(() => applyOne(ways, open, file));
  if (upFailure) return { upFailure };
  const after = await look(ways, open);
  if (!hasDown) return { after };
  const downFailure = await attempt(() => undoOne(ways, open));
  if (downFailure) return { after, downFailure };
  const unrestored = compareSchemas(before, await look(ways, open, before));
  const againFailure = await attempt(() => applyOne(ways, open, file));
  if (againFailure) return { after, unrestored, againFailure };
  const unrepeated = compareSchemas(after, await look(ways, open, after));
  return { after, unrestored, unrepeated };
}

/**
 * The schema of a copy, but for the ledger; with what a dump leaves out: whether a materialized view
 * can be read, or has the `WITH NO DATA` that every dump gives it.
 *
 * @param before What this is held against: that one can be read now, and could not be, is no matter.
 */
export async function look(
  { migrator }: Ways,
  open: Open,
  before?: DumpedSchema,
): Promise<DumpedSchema> {
  await using session = await open({ writes: false, direct: true });
  const dumped = await dumpObjects(session, { ledger: { ...migrator.ledger, content: "none" } });
  const rows = await session.query<{ label: string }>(listReadable);
  const unread = new Set(before?.objects.filter(isUnreadable).map(({ label }) => label));
  const readable = new Set(rows.map(({ label }) => label).filter((label) => !unread.has(label)));
  let { sql } = dumped;
  const objects = dumped.objects.map((object) => {
    const [create = "", ...rest] = object.statements;
    if (!readable.has(object.label) || !isUnreadable(object)) return object;
    const filled = create.replace(noData, "");
    sql = sql.replace(`${create};`, () => `${filled};`);
    return { ...object, statements: [filled, ...rest] };
  });
  return { ...dumped, sql, objects };
}

const noData = /\s+WITH NO DATA$/;

function isUnreadable({ label, statements: [create = ""] }: DumpedObject): boolean {
  return label.startsWith("materialized view ") && noData.test(create);
}

/** Codes of errors that tell of the migration and not of the server, the run or the files. */
const refusals = ["sql-failed", "view-in-the-way", "index-invalid"];

/** The failure of a section; undefined when there was none. */
export async function attempt(work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof PgwrightError) || !refusals.includes(error.code)) throw error;
    const { sqlstate, at, source } = error.details;
    const { schema_name: schema, table_name: name } = isPostgresError(error.cause)
      ? error.cause
      : {};
    const table = name === undefined ? undefined : `${schema}.${name}`;
    return { message: error.message, sqlstate, at, source, table };
  }
}
