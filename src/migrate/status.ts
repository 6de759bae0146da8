/** `pgwright status`: what is applied, what is pending, and whatever does not fit together. */
import type { Finding } from "../findings.ts";
import type { Session } from "../db/session.ts";
import { readMigrations } from "./file.ts";
import { claimantsOf, tellUnclaimed } from "./keep/claim.ts";
import { findDenied, readKept } from "./keep/find-kept.ts";
import type { LedgerPlace } from "./ledger-place.ts";
import type { Ledger } from "./ledger.ts";
import { readLedger } from "./ledger.ts";
import type { Comparison } from "./plan.ts";
import { compare, isHalfRolledBack } from "./plan.ts";
import type { Change } from "./schema-version.ts";
import { namingServerErrors } from "./server-error.ts";
import { schemaVersionOf } from "./schema-version.ts";

export type MigrationState =
  | "applied"
  | "pending"
  /** Pending, with a lower number than an applied one. */
  | "late"
  /** Applied or rolled back in part: a statement outside a transaction was cut off or failed. */
  | "interrupted"
  /** Applied, and the file has changed since. */
  | "changed"
  /** Applied by a newer release; no file here. */
  | "ahead"
  /** Applied, and the file is gone. */
  | "missing"
  /** Applied, older than every file. */
  | "archived";

export interface MigrationStatus {
  readonly version: string;
  readonly state: MigrationState;
  readonly file: string | null;
  readonly description: string;
  readonly appliedAt: string | null;
  readonly change: Change | null;
  /** It is applied, and statements of it ran in their safe form (`migrate --online`). */
  readonly ranOnline: boolean;
}

export interface StatusResult {
  /** False when nothing was ever migrated here. */
  readonly hasLedger: boolean;
  readonly schemaVersion: string;
  readonly migrations: readonly MigrationStatus[];
  /** Repeatable files that are new or have changed. */
  readonly repeatables: readonly string[];
  readonly counts: { readonly applied: number; readonly pending: number };
  /** Nothing is pending and nothing is wrong. */
  readonly isUpToDate: boolean;
  readonly findings: readonly Finding[];
}

const noLog: Finding = {
  rule: "migrations/no-log",
  severity: "warning",
  message:
    "the ledger has no log beside it (a loaded dump and an anonymized copy have none): the schema version counts each migration as minor",
  hint: "`pgwright migrate` writes it from the files",
};

/** What rollbacks have kept and nobody will put back, or this role cannot. */
async function tellKept(
  session: Session,
  place: LedgerPlace,
  { hasLog }: Ledger,
  comparison: Comparison,
): Promise<Finding[]> {
  const asking = { ledger: place, role: undefined };
  const claimants = claimantsOf(comparison);
  const list = await readKept(session, asking, claimants);
  if (list.isHidden) {
    const about = { files: comparison.pending, claimants, hasLog };
    const denied = await findDenied(session, asking, list, about);
    const { message, details } = denied ?? {};
    return message === undefined
      ? []
      : [{ rule: "migrations/kept-unread", severity: "warning", message, hint: details?.hint }];
  }
  return tellUnclaimed(list.unclaimed).map((told) => ({
    rule: "migrations/kept-unclaimed",
    severity: "warning",
    ...told,
  }));
}

/** Compares directory and ledger. Reads only, parses no SQL, takes no lock. */
export async function readStatus(
  session: Session,
  options: { readonly directory: string; readonly ledger: LedgerPlace },
): Promise<StatusResult> {
  const directory = await readMigrations(options.directory);
  const ledger = await namingServerErrors(() => readLedger(session, options.ledger));
  const comparison = compare(directory, ledger);
  const changed = new Set(comparison.changed.map(({ applied }) => applied.version));
  const states = new Map<string, MigrationState>([
    ...comparison.ahead.map((row) => [row.version, "ahead"] as const),
    ...comparison.missing.map((row) => [row.version, "missing"] as const),
    ...comparison.archived.map((row) => [row.version, "archived"] as const),
  ]);
  const late = new Set(comparison.late);
  const migrations: (MigrationStatus & { order: bigint })[] = [
    ...comparison.applied.map((row) => ({
      order: row.order,
      version: row.version,
      state: isHalfRolledBack(row, comparison.journals)
        ? ("interrupted" as const)
        : changed.has(row.version)
          ? ("changed" as const)
          : (states.get(row.version) ?? "applied"),
      file: row.fileNow?.name ?? row.file,
      description: row.description,
      appliedAt: row.appliedAt,
      change: row.change,
      ranOnline: row.ranOnline,
    })),
    ...comparison.pending.map((file) => ({
      order: file.order,
      version: file.version,
      state: comparison.journals.some(({ order }) => order === file.order)
        ? ("interrupted" as const)
        : late.has(file)
          ? ("late" as const)
          : ("pending" as const),
      file: file.name,
      description: file.description,
      appliedAt: null,
      change: null,
      ranOnline: false,
    })),
  ];
  for (const { version, order } of comparison.lost) {
    migrations.push({
      order: order ?? 0n,
      version,
      state: "interrupted",
      file: null,
      description: "(its file is gone)",
      appliedAt: null,
      change: null,
      ranOnline: false,
    });
  }
  migrations.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  const wrong = migrations.filter(({ state }) =>
    ["changed", "missing", "late", "interrupted"].includes(state),
  );
  const pending = comparison.pending.length;
  // A loaded dump and an anonymized copy have no log: worth a word, and nothing is wrong.
  const hasNoLog = ledger.exists && !ledger.hasLog;
  const kept = ledger.exists ? await tellKept(session, options.ledger, ledger, comparison) : [];
  const findings = [...(hasNoLog ? [noLog] : []), ...kept, ...directory.findings];
  return {
    hasLedger: ledger.exists,
    schemaVersion: schemaVersionOf(ledger.applied),
    migrations: migrations.map(({ order: _order, ...migration }) => migration),
    repeatables: comparison.repeatables.map((file) => file.name),
    counts: { applied: ledger.applied.length, pending },
    isUpToDate:
      pending === 0 &&
      wrong.length === 0 &&
      comparison.repeatables.length === 0 &&
      directory.findings.length === 0,
    findings,
  };
}
