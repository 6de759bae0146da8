/** Which applied migrations a rollback undoes, and with which SQL. */
import { ScriptError, loadParser, parseScript } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import type { MigrationFile } from "./file.ts";
import { readMigrations } from "./file.ts";
import { checkStatements } from "./check.ts";
import type { StatementProblem } from "./check.ts";
import { inspectMigration } from "./inspect.ts";
import type { AppliedMigration, Ledger } from "./ledger.ts";
import { readStoredSql } from "./ledger.ts";
import { deleteLedgerSql, logSql } from "./ledger-sql.ts";
import { orderOf, unknownVersion } from "./plan.ts";
import { refuseInvalid } from "./prepare.ts";
import type { RollbackOptions } from "./rollback.ts";
import type { SectionWork } from "./section-steps.ts";
import type { Section } from "./section.ts";
import { checksum } from "./section.ts";
import type { Run } from "./segment.ts";
import { segment, withoutStatements } from "./segment.ts";

export interface DownStep {
  readonly applied: AppliedMigration;
  readonly title: string;
  readonly file: MigrationFile | undefined;
  /** Where the SQL came from. */
  readonly source: "file" | "stored";
  /** Why it is the stored text. */
  readonly why: string | undefined;
  readonly section: Section;
  readonly work: SectionWork;
}

interface Down {
  readonly section: Section;
  readonly runs: readonly Run[];
}

/**
 * The steps of a rollback, the migration applied last first. Everything is parsed before the first
 * one runs.
 *
 * @throws PgwrightError `irreversible`, `version-unknown`, `migrations-invalid`, `journal-open`.
 */
export async function planDown(
  options: RollbackOptions,
  session: Session,
  ledger: Ledger,
): Promise<DownStep[]> {
  const chosen = chooseApplied(ledger, options);
  if (chosen.length === 0) return [];
  const read = options.read ?? readMigrations;
  const files = await read(options.directory).catch((error: unknown) => {
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
      journal.direction === "up" && !ledger.applied.some(({ order }) => order === journal.order),
  );
  if (half) {
    throw new PgwrightError("journal-open", `${half.version} is half applied`, {
      notes: ["nothing was rolled back"],
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
  // A row without a checksum was written by hand: then there is only the file to go by.
  const isSame =
    file !== undefined && (applied.checksum === file.checksum || applied.checksum === "");
  const down = isSame
    ? await readFileDown(file, applied, ledger, options.events)
    : await readStoredDown(session, options, applied, ledger, title);
  const why = isSame
    ? undefined
    : file
      ? "its file has changed since it was applied"
      : "its file is gone";
  const { text } = down.section;
  const { confinement } = options;
  return {
    applied,
    title,
    file,
    source: isSame ? "file" : "stored",
    why,
    section: down.section,
    work: {
      title,
      direction: "down",
      version: applied.version,
      runs: confinement
        ? withoutStatements(down.runs, (statement) => confinement.leavesOut(statement, title))
        : down.runs,
      journal: ledger.journals.find(({ order }) => order === applied.order),
      record: (since, reason) => [
        deleteLedgerSql(options.ledger, applied.version),
        logSql(
          options.ledger,
          {
            event: "rollback",
            direction: "down",
            version: applied.version,
            file: title,
            upChecksum: applied.checksum === "" ? undefined : applied.checksum,
            downChecksum: checksum(text),
            downSql: text,
            reason,
          },
          options.author,
          since,
        ),
      ],
    },
  };
}

async function readFileDown(
  file: MigrationFile,
  applied: AppliedMigration,
  ledger: Ledger,
  events: EventListener,
): Promise<Down> {
  const { sections, down } = await inspectMigration(file);
  if (!down) throw noWayBack(ledger, applied, file.name, sections.irreversible);
  refuseInvalid(down.findings);
  if (applied.downChecksum !== null && applied.downChecksum !== checksum(down.section.text)) {
    events({
      type: "notice",
      level: "info",
      message: `${file.name}: its down section has changed since it was applied; the file's is used`,
    });
  }
  return { section: down.section, runs: down.runs };
}

async function readStoredDown(
  session: Session,
  options: RollbackOptions,
  applied: AppliedMigration,
  ledger: Ledger,
  title: string,
): Promise<Down> {
  const stored = await readStoredSql(session, options.ledger, applied.version);
  if (!stored?.down) throw noWayBack(ledger, applied, title, applied.irreversible ?? undefined);
  const section: Section = {
    text: stored.down,
    line: undefined,
    transaction: !applied.downRunsAlone,
  };
  // Whoever may write to the log could otherwise have the next rollback run what they like.
  if (applied.downChecksum !== null && applied.downChecksum !== checksum(stored.down)) {
    throw new PgwrightError(
      "checksum-mismatch",
      `the stored down SQL of ${title} is not the text that was recorded with it`,
      {
        notes: ["nothing was rolled back"],
        hint: "somebody has written to the log; restore the file of this migration and try again",
      },
    );
  }
  try {
    const runs = segment(parseScript(section.text), section.transaction, section.text);
    refuseStored(checkStatements(runs, false), title, section.text);
    return { section, runs };
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const { line, column } = error;
    throw new PgwrightError("migrations-invalid", error.message, {
      cause: error,
      at: { file: `${title} (stored down SQL)`, line, column },
      source: section.text,
      hint: "nothing was rolled back; restore the file of this migration and try again",
    });
  }
}

/** The rules of files hold for stored text as well: nothing in it may leave its role or transaction. */
function refuseStored(problems: readonly StatementProblem[], title: string, source: string): void {
  const problem = problems.find(({ severity }) => severity === "error");
  if (!problem) return;
  const { line, column } = problem.statement;
  throw new PgwrightError("migrations-invalid", problem.message, {
    at: { file: `${title} (stored down SQL)`, line, column },
    source,
    hint: "nothing was rolled back; restore the file of this migration and try again",
  });
}

function noWayBack(
  ledger: Ledger,
  applied: AppliedMigration,
  title: string,
  reason: string | undefined,
): PgwrightError {
  const isNewest = ledger.applied.at(-1)?.version === applied.version;
  return new PgwrightError(
    "irreversible",
    reason
      ? `${title} is irreversible: ${reason}`
      : `${title} has no down section, neither in its file nor stored`,
    {
      notes: ["nothing was rolled back"],
      hint: `write a new migration that goes forward${isNewest ? "" : `; \`pgwright rollback --to ${applied.version}\` stops above it`}`,
    },
  );
}
