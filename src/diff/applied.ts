/** What is applied to a database, by its ledger: files to run in an empty one, and what to know of them. */
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { compareSql } from "../migrate/compare.ts";
import type { MigrationDirectory, MigrationFile, RepeatableFile } from "../migrate/file.ts";
import { loadSections, readMigrations } from "../migrate/file.ts";
import type { AppliedMigration, Ledger } from "../migrate/ledger.ts";
import { isTakenOver, readLedger, readRepeatedSql, readStoredSql } from "../migrate/ledger.ts";
import type { LedgerPlace } from "../migrate/ledger-place.ts";
import { compare } from "../migrate/plan.ts";
import type { UnfinishedFile } from "../migrate/unfinished.ts";
import { unfinishedFiles } from "../migrate/unfinished.ts";

/** An applied file that is no longer what was applied. */
export interface ChangedFile {
  readonly file: string;
  readonly path: string;
  /** True where comments and white space alone differ, or nothing that reaches the database. */
  readonly isCosmetic: boolean;
  /** "001_a.sql is not what was applied on 2024-01-15: its statements differ" */
  readonly words: string;
}

/** A repeatable file that `migrate` would run. */
export interface PendingRepeatable {
  readonly file: string;
  readonly words: string;
}

export interface Applied {
  /** The last version that is applied, null where none is. */
  readonly at: string | null;
  /** The files as they are applied: the migrations as they are now, repeatable files as they last ran. */
  readonly directory: MigrationDirectory;
  readonly unfinished: readonly UnfinishedFile[];
  readonly changed: readonly ChangedFile[];
  readonly pending: readonly PendingRepeatable[];
}

/**
 * Reads the ledger and the files it tells of.
 *
 * @throws PgwrightError `file-missing` when an applied file is not there to run, and as reading them.
 */
export async function readApplied(
  session: Session,
  directory: string,
  place: LedgerPlace,
): Promise<Applied> {
  const ledger = await readLedger(session, place);
  const files = await readMigrations(directory);
  const comparison = compare(files, ledger);
  const unfinished = unfinishedFiles(comparison);
  const [unknown] = [...comparison.archived, ...comparison.missing, ...comparison.ahead];
  if (unknown) {
    const missing = new PgwrightError(
      "file-missing",
      `${unknown.version} is applied and has no file here, so the files cannot make this database`,
      { hint: "compare with a dump instead: `pgwright diff schema.sql database`" },
    );
    throw withUnfinished(missing, unfinished);
  }
  const last = ledger.applied.reduce<AppliedMigration | undefined>(
    (top, row) => (top && top.order > row.order ? top : row),
    undefined,
  );
  const orders = new Set(ledger.applied.map(({ order }) => order));
  const repeatables = await readRepeatables(session, place, files, ledger);
  const changed: ChangedFile[] = [];
  for (const { applied, file } of comparison.changed) {
    changed.push(await describeChange(session, place, applied, file));
  }
  return {
    at: last?.version ?? null,
    directory: {
      ...files,
      migrations: files.migrations.filter(({ order }) => orders.has(order)),
      repeatables: repeatables.applied,
    },
    unfinished,
    changed,
    pending: repeatables.pending,
  };
}

/** Where nothing can be compared, what stopped in the middle is known all the same. */
export function withUnfinished(error: unknown, unfinished: readonly UnfinishedFile[]): unknown {
  if (!(error instanceof PgwrightError) || unfinished.length === 0) return error;
  const { notes = [] } = error.details;
  return new PgwrightError(error.code, error.message, {
    ...error.details,
    notes: [
      ...notes,
      ...unfinished.map(
        ({ words, next }) => `${words}; \`${next}\` goes on with it, or shows the way out`,
      ),
    ],
  });
}

async function describeChange(
  session: Session,
  place: LedgerPlace,
  applied: AppliedMigration,
  file: MigrationFile,
): Promise<ChangedFile> {
  const stored = await readStoredSql(session, place, applied.version);
  const kind =
    stored?.up == null
      ? "unknown"
      : (await compareSql(stored.up, (await loadSections(file)).up.text)).kind;
  const how = {
    unknown: "its checksum is another, and the text that was applied is not stored",
    same:
      file.kind === "code"
        ? "its code differs, and gives the same SQL"
        : "its text is the same, and the recorded checksum is of something else",
    cosmetic: "comments or white space of its up section differ",
    semantic: "the statements of its up section differ",
  }[kind];
  return {
    file: file.name,
    path: file.path,
    isCosmetic: kind === "same" || kind === "cosmetic",
    words: `${file.name} is not the file that was applied on ${applied.appliedAt.slice(0, 10)}: ${how}`,
  };
}

/** Repeatable files with the content that last ran; one that never ran is left out. */
async function readRepeatables(
  session: Session,
  place: LedgerPlace,
  { repeatables }: MigrationDirectory,
  ledger: Ledger,
): Promise<{
  readonly applied: readonly RepeatableFile[];
  readonly pending: readonly PendingRepeatable[];
}> {
  // Nothing is recorded of them there: that they ran as they are is the best guess.
  const isUntold =
    ledger.exists &&
    (!ledger.hasLog || (ledger.repeatables.size === 0 && (await isTakenOver(session, place))));
  if (isUntold) return { applied: repeatables, pending: [] };
  const here = new Set(repeatables.map(({ name }) => name));
  const renamed = new Set(
    [...ledger.repeatables].filter(([name]) => !here.has(name)).map(([, checksum]) => checksum),
  );
  const applied: RepeatableFile[] = [];
  const pending: PendingRepeatable[] = [];
  for (const file of repeatables) {
    const checksum = ledger.repeatables.get(file.name);
    if (checksum === file.checksum) {
      applied.push(file);
    } else if (checksum === undefined) {
      const isRenamed = renamed.has(file.checksum);
      if (isRenamed) applied.push(file);
      pending.push({
        file: file.name,
        words: isRenamed
          ? `${file.name} is pending: what it holds has run under another name, and is compared`
          : `${file.name} is pending: it has never run here, and is not compared`,
      });
    } else {
      const text = await readRepeatedSql(session, place, file.name);
      applied.push(
        text === null ? file : { ...file, text, checksum, section: { ...file.section, text } },
      );
      pending.push({
        file: file.name,
        words:
          text === null
            ? `${file.name} is pending: what ran last is not stored, so its new content is compared`
            : `${file.name} is pending: what ran last is compared, and not its new content`,
      });
    }
  }
  return { applied, pending };
}
