/** `pgwright rollback`: undoes applied migrations, the last one first, with the files or without. */
import { loadParser, parseScript } from "../db/script.ts";
import { PgwrightError } from "../errors.ts";
import type { Loss } from "./data-loss.ts";
import { describeLoss, findLosses } from "./data-loss.ts";
import { describeFailure, withState } from "./failure.ts";
import type { MigrationFile } from "./file.ts";
import { loadSections, readMigrations } from "./file.ts";
import type { AppliedMigration, Ledger } from "./ledger.ts";
import { readLedger, readStoredSql } from "./ledger.ts";
import { deleteLedgerSql, logSql } from "./ledger-sql.ts";
import type { Migrator, MigratorOptions } from "./migrator.ts";
import { withMigrator } from "./migrator.ts";
import { orderOf, unknownVersion } from "./plan.ts";
import type { SectionWork } from "./run-section.ts";
import { SectionFailed, hasLoneStatements, printSection, runSection } from "./run-section.ts";
import { schemaVersionOf } from "./schema-version.ts";
import type { Section } from "./section.ts";
import { checksum } from "./section.ts";
import { segment } from "./segment.ts";
import type { Session } from "../db/session.ts";
import { settingsSql } from "./transaction.ts";

export interface RollbackOptions extends MigratorOptions {
  readonly directory: string;
  /** How many to undo; 1 unless `to` or `all` says otherwise. */
  readonly steps?: number | undefined;
  /** The version that stays applied. */
  readonly to?: string | undefined;
  readonly all: boolean;
  readonly allowDataLoss: boolean;
  readonly dryRun: boolean;
}

export interface RolledBack {
  readonly version: string;
  readonly file: string;
  readonly description: string;
  /** Where the SQL came from: the file, or the text stored when it was applied. */
  readonly source: "file" | "stored";
  readonly losses: readonly Loss[];
  readonly durationMs: number;
}

export interface RollbackResult {
  readonly rolledBack: RolledBack[];
  readonly notAttempted: string[];
  readonly schemaVersion: string;
  readonly sql?: string;
}

interface DownStep {
  readonly applied: AppliedMigration;
  readonly title: string;
  readonly file: MigrationFile | undefined;
  readonly source: "file" | "stored";
  readonly section: Section;
  readonly work: SectionWork;
}

/**
 * Undoes applied migrations in reverse order of application.
 *
 * @throws PgwrightError `irreversible`, `data-loss`, `sql-failed`, …; each names what was undone.
 */
export async function rollback(options: RollbackOptions): Promise<RollbackResult> {
  if (options.dryRun) {
    await using session = await options.open({ writes: false });
    const ledger = await readLedger(session, options.ledger);
    const steps = await planDown(options, session, ledger);
    const prefix = settingsSql({ ...options, isPooled: false, watchesClient: false });
    return {
      rolledBack: [],
      notAttempted: steps.map((step) => step.title),
      schemaVersion: schemaVersionOf(ledger.applied),
      sql: steps
        .map(
          (step) =>
            `-- ${step.title}, from the ${step.source === "file" ? "file" : "stored text"}\n${printSection(step.work, prefix)}`,
        )
        .join("\n"),
    };
  }
  return withMigrator(options, (migrator) => rollbackWith(migrator, options));
}

/** The same on a session that holds the lock already. */
export async function rollbackWith(
  migrator: Migrator,
  options: RollbackOptions,
): Promise<RollbackResult> {
  const ledger = await migrator.ledger();
  const steps = await planDown(options, migrator.session, ledger);
  if (migrator.isPooled && steps.some((step) => hasLoneStatements(step.work.runs))) {
    throw new PgwrightError(
      "pooler-refused",
      "the rollback has statements outside a transaction, which cannot go through a transaction pooler",
      { notes: ["nothing was rolled back"], hint: "name the server itself with --direct-url" },
    );
  }
  // All at once and before anything runs, so that a refusal leaves nothing half-way.
  const losses = new Map<DownStep, Loss[]>();
  for (const step of steps) losses.set(step, await lossesOf(migrator, step));
  if (!options.allowDataLoss) refuseLosses(steps, losses);
  const rolledBack: RolledBack[] = [];
  let left = [...ledger.applied];
  const result = (notAttempted: string[]): RollbackResult => ({
    rolledBack,
    notAttempted,
    schemaVersion: schemaVersionOf(left),
  });
  for (const [index, step] of steps.entries()) {
    const following = steps.slice(index + 1).map(({ title }) => title);
    const started = performance.now();
    try {
      // Looked at again: the steps before it may have brought back what this one drops.
      const now = await lossesOf(migrator, step);
      if (!options.allowDataLoss) refuseLosses([step], new Map([[step, now]]));
      await runDown(migrator, step);
      rolledBack.push({
        version: step.applied.version,
        file: step.title,
        description: step.applied.description,
        source: step.source,
        losses: now,
        durationMs: performance.now() - started,
      });
      left = left.filter((row) => row !== step.applied);
    } catch (error) {
      const state = {
        finished: rolledBack.map(({ file }) => file),
        notAttempted: following,
        direction: "down" as const,
        result: result([step.title, ...following]),
      };
      const shown =
        error instanceof SectionFailed
          ? describeFailure(
              error.failure,
              step.source === "file" ? step.file : undefined,
              step.section,
              step.title,
              state,
            )
          : error;
      throw withState(shown, migrator.committed, state.result);
    }
  }
  return result([]);
}

async function planDown(
  options: RollbackOptions,
  session: Session,
  ledger: Ledger,
): Promise<DownStep[]> {
  const chosen = chooseApplied(ledger, options);
  if (chosen.length === 0) return [];
  const files = await readMigrations(options.directory).catch((error: unknown) => {
    // Stored texts are enough: an old release's folder may be gone altogether.
    if (error instanceof PgwrightError && error.code === "migrations-unreadable") return undefined;
    throw error;
  });
  await loadParser();
  const steps: DownStep[] = [];
  for (const applied of chosen) {
    const file = files?.migrations.find((candidate) => candidate.order === applied.order);
    steps.push(await planStep(options, session, ledger, applied, file));
  }
  return steps;
}

/** Which applied migrations to undo, the one applied last first. */
function chooseApplied(ledger: Ledger, options: RollbackOptions): AppliedMigration[] {
  const half = ledger.journals.find(
    (journal) =>
      journal.direction === "up" && !ledger.applied.some((row) => row.version === journal.version),
  );
  if (half) {
    throw new PgwrightError("journal-open", `${half.version} is half applied`, {
      hint: `finish it with \`pgwright migrate\`, or undo what it did and say \`pgwright repair reverted ${half.version} --reason "…"\``,
    });
  }
  const newestFirst = ledger.applied.toReversed();
  if (options.all) return newestFirst;
  if (options.to !== undefined) {
    const order = orderOf(options.to);
    const index = newestFirst.findIndex((row) => row.order === order);
    if (index < 0) throw unknownVersion(options.to);
    return newestFirst.slice(0, index);
  }
  return newestFirst.slice(0, options.steps ?? 1);
}

async function planStep(
  options: RollbackOptions,
  session: Session,
  ledger: Ledger,
  applied: AppliedMigration,
  file: MigrationFile | undefined,
): Promise<DownStep> {
  const title = file?.name ?? applied.file ?? applied.version;
  const isSame = file !== undefined && file.checksum === applied.checksum;
  const sections = isSame ? await loadSections(file) : undefined;
  const stored = isSame ? undefined : await readStoredSql(session, options.ledger, applied.version);
  const reason = sections ? sections.irreversible : applied.irreversible;
  const down: Section | undefined = sections
    ? sections.down
    : stored?.down
      ? { text: stored.down, line: undefined, transaction: !applied.downRunsAlone }
      : undefined;
  if (!down) throw noWayBack(applied, title, reason ?? undefined);
  const journal = ledger.journals.find((row) => row.version === applied.version);
  return {
    applied,
    title,
    file,
    source: isSame ? "file" : "stored",
    section: down,
    work: {
      title,
      direction: "down",
      version: applied.version,
      checksum: applied.checksum,
      runs: segment(parseScript(down.text), down.transaction),
      journal,
      record: [
        deleteLedgerSql(options.ledger, applied.version),
        logSql(
          options.ledger,
          {
            event: "rollback",
            direction: "down",
            version: applied.version,
            file: title,
            upChecksum: applied.checksum,
            downChecksum: checksum(down.text),
            downSql: down.text,
          },
          options.author,
        ),
      ],
    },
  };
}

function noWayBack(
  applied: AppliedMigration,
  title: string,
  reason: string | undefined,
): PgwrightError {
  return new PgwrightError(
    "irreversible",
    reason
      ? `${title} is irreversible: ${reason}`
      : `${title} has no down section, neither in its file nor stored`,
    {
      notes: ["nothing was rolled back"],
      hint: reason
        ? `write a new migration that goes forward; \`pgwright rollback --to ${applied.version}\` stops above it`
        : "write a new migration that goes forward",
    },
  );
}

async function lossesOf(migrator: Migrator, step: DownStep): Promise<Loss[]> {
  const statements = step.work.runs.flatMap((run) =>
    run.kind === "alone" ? [run.statement] : run.statements,
  );
  return findLosses(migrator.session, statements, migrator.options.role);
}

function refuseLosses(
  steps: readonly DownStep[],
  losses: ReadonlyMap<DownStep, readonly Loss[]>,
): void {
  const losing = steps.filter((step) => (losses.get(step) ?? []).length > 0);
  if (losing.length === 0) return;
  throw new PgwrightError(
    "data-loss",
    `rolling back ${losing.map(({ title }) => title).join(", ")} would lose data`,
    {
      notes: losing.flatMap((step) =>
        (losses.get(step) ?? []).map((loss) => `${step.title} drops ${describeLoss(loss)}`),
      ),
      hint: "pass --allow-data-loss to lose what is listed",
    },
  );
}

async function runDown(migrator: Migrator, step: DownStep): Promise<void> {
  const { events } = migrator.options;
  const title = `rollback ${step.title}`;
  if (step.source === "stored") {
    const why = step.file ? "its file has changed since it was applied" : "its file is gone";
    events({
      type: "sql",
      title: `${step.title}: ${why}; the SQL stored when it was applied runs instead`,
      sql: step.section.text,
    });
  }
  const started = performance.now();
  events({ type: "step-started", title });
  const stopListening = migrator.session.onNotice((notice) => {
    events({ type: "notice", level: "info", message: `${step.title}: ${notice.message}` });
  });
  try {
    await runSection(migrator, step.work);
  } catch (error) {
    events({ type: "step-failed", title, durationMs: performance.now() - started });
    throw error;
  } finally {
    stopListening();
  }
  events({
    type: "step-finished",
    title,
    durationMs: performance.now() - started,
    ...(step.source === "stored" ? { detail: "from the stored text" } : {}),
  });
}
