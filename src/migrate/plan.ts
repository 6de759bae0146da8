/** Files against ledger: what is pending, and everything that forbids to go on. Reads files only. */
import { PgwrightError } from "../errors.ts";
import { progressInFile } from "./online/in-file.ts";
import type { MigrationDirectory, MigrationFile, RepeatableFile } from "./file.ts";
import type { AppliedMigration, Ledger, OpenJournal } from "./ledger.ts";

export interface PlanOptions {
  /** The last version to apply, as typed. */
  readonly to?: string | undefined;
  readonly steps?: number | undefined;
  /** This version and nothing else, late or not (redo). */
  readonly only?: string | undefined;
  /** Apply late files with a lower number too. */
  readonly outOfOrder: boolean;
  /** Go on although a newer release applied a major change. */
  readonly allowNewer: boolean;
}

/** How the files and the ledger relate; `status` shows it, `migrate` acts on it. */
export interface Comparison {
  readonly applied: readonly (AppliedMigration & { readonly fileNow: MigrationFile | undefined })[];
  readonly pending: readonly MigrationFile[];
  /** Applied versions above every local file: a newer release was here. */
  readonly ahead: readonly AppliedMigration[];
  /** Applied versions below every local file: their files were archived. */
  readonly archived: readonly AppliedMigration[];
  /** Applied versions in between whose file is gone. */
  readonly missing: readonly AppliedMigration[];
  /** Applied files whose up section is not the one that was applied. */
  readonly changed: readonly { readonly applied: AppliedMigration; readonly file: MigrationFile }[];
  /** Pending files below the highest applied version. */
  readonly late: readonly MigrationFile[];
  readonly journals: readonly OpenJournal[];
  /** Begun and not finished, and there is no file any more to finish them by. */
  readonly lost: readonly OpenJournal[];
  readonly repeatables: readonly RepeatableFile[];
}

/** Compares without judging. */
export function compare(directory: MigrationDirectory, ledger: Ledger): Comparison {
  const files = new Map(directory.migrations.map((file) => [file.order, file]));
  const appliedOrders = new Set(ledger.applied.map((row) => row.order));
  const orders = [...files.keys()];
  const lowest = orders.reduce((a, b) => (b < a ? b : a), orders[0] ?? 0n);
  const highest = orders.reduce((a, b) => (b > a ? b : a), 0n);
  const unknown = ledger.applied.filter((row) => !files.has(row.order));
  const highestApplied = ledger.applied.reduce(
    (top, row) => (row.order > top ? row.order : top),
    -1n,
  );
  const pending = directory.migrations.filter((file) => !appliedOrders.has(file.order));
  return {
    applied: ledger.applied.map((row) => ({ ...row, fileNow: files.get(row.order) })),
    pending,
    ahead: unknown.filter((row) => row.order > highest),
    archived: unknown.filter((row) => row.order < lowest),
    missing: unknown.filter((row) => row.order > lowest && row.order < highest),
    changed: ledger.applied.flatMap((row) => {
      const file = files.get(row.order);
      return file && row.checksum !== "" && row.checksum !== file.checksum
        ? [{ applied: row, file }]
        : [];
    }),
    late: pending.filter((file) => file.order < highestApplied),
    journals: ledger.journals,
    lost: ledger.journals.filter(
      ({ order }) => order !== undefined && !files.has(order) && !appliedOrders.has(order),
    ),
    repeatables: directory.repeatables.filter(
      (file) => ledger.repeatables.get(file.name) !== file.checksum,
    ),
  };
}

/**
 * The files `migrate` will apply, in order.
 *
 * @throws PgwrightError `journal-open`, `file-missing`, `database-ahead`, `migration-late`,
 *   `version-unknown`.
 *   A changed file is judged by the caller, who has the stored text.
 */
export function choosePending(comparison: Comparison, options: PlanOptions): MigrationFile[] {
  refuseHalfRolledBack(comparison);
  refuseLost(comparison.lost);
  refuseMissing(comparison);
  if (!options.allowNewer) refuseMajorAhead(comparison.ahead);
  if (options.only !== undefined) {
    const order = orderOf(options.only);
    return comparison.pending.filter((file) => file.order === order);
  }
  if (!options.outOfOrder) refuseLate(comparison);
  let chosen = [...comparison.pending];
  if (options.to !== undefined) {
    const target = orderOf(options.to);
    const isKnown =
      comparison.pending.some((file) => file.order === target) ||
      comparison.applied.some((row) => row.order === target);
    if (!isKnown) throw unknownVersion(options.to);
    chosen = chosen.filter((file) => file.order <= target);
  }
  return options.steps === undefined ? chosen : chosen.slice(0, options.steps);
}

/**
 * A version as the user typed it: "7", "007" or a whole file name.
 *
 * @throws PgwrightError `version-unknown` for anything that does not begin with digits.
 */
export function orderOf(version: string): bigint {
  const digits = /^[0-9]+/.exec(version)?.[0];
  if (digits === undefined) throw unknownVersion(version);
  return BigInt(digits);
}

export function unknownVersion(version: string): PgwrightError {
  return new PgwrightError("version-unknown", `there is no migration with version \`${version}\``, {
    hint: "`pgwright status` lists the versions",
  });
}

/** A rollback that was cut off leaves a schema no migration was written for. */
function refuseHalfRolledBack({ applied, journals }: Comparison): void {
  const half = applied.find((row) => isHalfRolledBack(row, journals));
  if (!half) return;
  throw new PgwrightError(
    "journal-open",
    `${half.fileNow?.name ?? half.file ?? half.version} is half rolled back`,
    {
      notes: ["nothing was applied"],
      hint: `finish that with \`pgwright rollback\`; or restore by hand what it undid and say \`pgwright repair applied ${half.version} --reason "…"\``,
    },
  );
}

/** True for an applied migration whose rollback was begun and not finished. */
export function isHalfRolledBack(row: AppliedMigration, journals: readonly OpenJournal[]): boolean {
  return journals.some(({ order, direction }) => order === row.order && direction === "down");
}

function refuseLost(lost: readonly OpenJournal[]): void {
  const [first] = lost;
  if (!first) return;
  const { doneStatements } = progressInFile(first);
  throw new PgwrightError(
    "file-missing",
    `${first.version} was interrupted after ${doneStatements === 1 ? "1 statement" : `${doneStatements} statements`}, and its file is gone`,
    {
      notes: ["nothing was applied"],
      hint: `bring the file back under that version, and \`pgwright migrate\` goes on with it; or undo by hand what it did and say \`pgwright repair reverted ${first.version} --reason "…"\``,
    },
  );
}

function refuseMissing({ missing, applied }: Comparison): void {
  const [first] = missing;
  if (!first) return;
  throw new PgwrightError(
    "file-missing",
    `${missing.length === 1 ? "an applied migration has" : `${missing.length} applied migrations have`} no file any more`,
    {
      notes: [
        ...missing
          .slice(0, mostShown)
          .map((row) => `${row.version} ${row.file ?? row.description}, applied ${row.appliedAt}`),
        ...(missing.length > mostShown ? [`… and ${missing.length - mostShown} more`] : []),
      ],
      hint: `bring the file back from version control; or, if it is gone on purpose, ${wayBack(first, applied)}, or forget it with \`pgwright repair reverted ${first.version} --reason "…"\``,
    },
  );
}

/** Rolling back goes from the last one applied: what came after this one goes first. */
function wayBack(row: AppliedMigration, applied: Comparison["applied"]): string {
  const at = applied.findIndex(({ version }) => version === row.version);
  const later = applied.slice(at + 1).map(({ version }) => version);
  if (later.length === 0) return "roll it back with `pgwright rollback` (the stored text is used)";
  const before = applied[at - 1];
  const command = before ? `pgwright rollback --to ${before.version}` : "pgwright rollback --all";
  return `roll it back with \`${command}\` (the stored text is used), which first undoes ${inShort(later.toReversed())}`;
}

// Of thousands, nobody reads all.
const mostShown = 20;

function inShort(versions: readonly string[]): string {
  const more = versions.length - mostShown;
  const shown = versions.slice(0, mostShown).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function refuseMajorAhead(ahead: readonly AppliedMigration[]): void {
  const major = ahead.filter((row) => row.change === "major" || row.change === null);
  if (major.length === 0) return;
  throw new PgwrightError(
    "database-ahead",
    `the database is ahead of these files by ${ahead.length === 1 ? "a migration" : `${ahead.length} migrations`} that may break this release`,
    {
      notes: major.map(
        (row) =>
          `${row.version} ${row.file ?? row.description}: ${row.change === null ? "nobody recorded what it changes" : "a major change"}`,
      ),
      hint: "deploy the newer release, or pass --allow-newer if this one is known to work",
    },
  );
}

function refuseLate(comparison: Comparison): void {
  const [first] = comparison.late;
  if (!first) return;
  const top = comparison.applied.reduce((a, b) => (b.order > a.order ? b : a));
  throw new PgwrightError(
    "migration-late",
    comparison.late.length === 1
      ? `\`${first.name}\` is not applied, but ${top.version}, which comes after it, is`
      : `${comparison.late.length} migrations are not applied, but ${top.version}, which comes after them, is`,
    {
      at: { file: first.path, line: 1, column: 1 },
      notes: comparison.late.map((file) => `late: ${file.name}`),
      hint: `move ${comparison.late.length === 1 ? "it" : "them"} behind the last version with \`pgwright renumber\`, or apply ${comparison.late.length === 1 ? "it" : "them"} now with \`pgwright migrate --out-of-order\``,
    },
  );
}
