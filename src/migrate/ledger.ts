/**
 * What the database says was applied: `schema_migrations`, exactly as teams know it, and the
 * append-only `schema_migrations_log` beside it with everything else.
 */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { hasSqlState } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import describeLedger from "./ledger-shape.sql";
import { refuseForeign, refuseForeignLog } from "./ledger-shape.ts";
import type { LedgerPlace } from "./ledger-place.ts";
import type { Rewriting } from "./online/rewriting.ts";
import { planNumber, readOnline } from "./online/stored.ts";
import { ledgerName, logName } from "./ledger-place.ts";
import type { Change } from "./schema-version.ts";

/** One applied migration, in the order of application. */
export interface AppliedMigration {
  readonly version: string;
  readonly order: bigint;
  readonly description: string;
  readonly checksum: string;
  /** ISO 8601, UTC. */
  readonly appliedAt: string;
  /** From the log; null for a row that another tool or a person wrote. */
  readonly file: string | null;
  readonly change: Change | null;
  readonly schemaVersion: string | null;
  /** SHA-256 of the down section that was stored, null when none was. */
  readonly downChecksum: string | null;
  readonly irreversible: string | null;
  /** The stored down section says `transaction:false`. */
  readonly downRunsAlone: boolean;
  /** Statements of it ran in their safe form. */
  readonly ranOnline: boolean;
}

/** How far a file with statements outside a transaction got before it was interrupted. */
export interface OpenJournal {
  readonly version: string;
  readonly order: bigint | undefined;
  readonly direction: "up" | "down";
  /** Statements of the section known to be done; they are skipped when the file is resumed. */
  readonly doneStatements: number;
  /** `progressChecksum` of those. */
  readonly doneChecksum: string;
  /** A statement that was begun outside a transaction and is not done, 1-based. */
  readonly openStatement: number | undefined;
  /** `progressChecksum` up to and including that one. */
  readonly openChecksum: string;
  /** The server reported an error for it; otherwise it never reported back. */
  readonly hasFailed: boolean;
  /** Batches of that statement that are committed, if it is a backfill. */
  readonly batches: number;
  /** Statements of the file that run in their safe form; it was begun so. */
  readonly online?: readonly Rewriting[];
}

export interface Ledger {
  readonly exists: boolean;
  /** Its schema exists. */
  readonly hasSchema: boolean;
  /** False where a dump was loaded, which has the ledger's rows and no history. */
  readonly hasLog: boolean;
  readonly applied: readonly AppliedMigration[];
  readonly journals: readonly OpenJournal[];
  /** Checksum of the content each repeatable file had when it last ran, by its name. */
  readonly repeatables: ReadonlyMap<string, string>;
}

interface Shape {
  readonly hasSchema: boolean;
  /** Columns ("version character varying(255)") by the name of the table. */
  readonly relations: Readonly<Record<string, readonly string[]>> | null;
}

/**
 * Reads the ledger. Takes no lock and creates nothing.
 *
 * @throws PgwrightError `ledger-foreign` when a table of that name belongs to another tool,
 *   `ledger-denied` when this role may not read it.
 */
export async function readLedger(session: Session, place: LedgerPlace): Promise<Ledger> {
  const { hasSchema, relations } = await session.one<Shape>(describeLedger, [
    place.schema,
    place.table,
  ]);
  const ledger = relations?.[place.table];
  const log = relations?.[`${place.table}_log`];
  if (!ledger && !log) {
    return {
      exists: false,
      hasSchema,
      hasLog: false,
      applied: [],
      journals: [],
      repeatables: new Map(),
    };
  }
  if (ledger) refuseForeign(place, ledger);
  if (log) refuseForeignLog(place, ledger !== undefined, log);
  const hasLog = log !== undefined;
  try {
    const rows = hasLog ? await readRows(session, place) : await readBare(session, place);
    return { exists: true, hasSchema, hasLog, ...rows };
  } catch (error) {
    if (!hasSqlState(error, "42501")) throw error;
    throw new PgwrightError(
      "ledger-denied",
      `role \`${session.server.role}\` may not read the ledger: ${(error as Error).message}`,
      {
        cause: error,
        hint: `have its owner run:\n${grantReadSql(place, session.server.role).join("\n")}`,
      },
    );
  }
}

function grantReadSql(place: LedgerPlace, role: string): string[] {
  return [
    `grant usage on schema ${ident(place.schema)} to ${ident(role)};`,
    `grant select on ${ledgerName(place)}, ${logName(place)} to ${ident(role)};`,
  ];
}

type Rows = Pick<Ledger, "applied" | "journals" | "repeatables">;

/** The ledger alone: what was applied, without what it was. */
async function readBare(session: Session, place: LedgerPlace): Promise<Rows> {
  const rows = await session.query<
    Pick<AppliedMigration, "version" | "description" | "checksum" | "appliedAt">
  >(
    `select ${ledgerColumns} from ${ledgerName(place)} m
     order by m.applied_at, length(m.version), m.version`,
  );
  return {
    applied: rows.map((row) => ({
      ...row,
      order: orderOf(row.version, place),
      file: null,
      change: null,
      schemaVersion: null,
      downChecksum: null,
      irreversible: null,
      downRunsAlone: false,
      ranOnline: false,
    })),
    journals: [],
    repeatables: new Map(),
  };
}

async function readRows(session: Session, place: LedgerPlace): Promise<Rows> {
  const applied = await session.query<Omit<AppliedMigration, "order">>(selectApplied(place));
  const journals = await session.query<JournalRow>(selectJournals(place));
  const repeatables = await session.query<{ version: string; checksum: string }>(
    `select distinct on (version) version, up_checksum as checksum
     from ${logName(place)} where event = 'repeat' order by version, id desc`,
  );
  return {
    applied: applied.map((row) => ({ ...row, order: orderOf(row.version, place) })),
    journals: foldJournals(journals),
    repeatables: new Map(repeatables.map((row) => [row.version, row.checksum])),
  };
}

function orderOf(version: string, place: LedgerPlace): bigint {
  if (/^[0-9]+$/.test(version)) return BigInt(version);
  throw new PgwrightError(
    "ledger-foreign",
    `${ledgerName(place)} has a row with version \`${version}\`, which is no number`,
    { hint: "that row was not written by pgwright; nothing was changed" },
  );
}

const ledgerColumns = `m.version,
           coalesce(m.description, '') as description,
           coalesce(m.checksum, '') as checksum,
           to_char(m.applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "appliedAt"`;

/** Applied rows joined with the log entry that made each of them. */
function selectApplied(place: LedgerPlace): string {
  return `
    select ${ledgerColumns},
           l.file, l.change, l.schema_version as "schemaVersion",
           l.down_checksum as "downChecksum", l.irreversible,
           coalesce(l.down_runs_alone, false) as "downRunsAlone",
           coalesce(o.id < l.position and not exists (
             select from ${logName(place)} e
             where e.version = o.version and e.id between o.id and l.position
               and (e.event in ('rollback', 'baseline', 'repair') or e.event = 'apply' and e.id < l.position)
           ), false) as "ranOnline"
    from ${ledgerName(place)} m
    left join (
      select distinct on (version) *,
             max(id) filter (where event <> 'checksum') over (partition by version) as position
      from ${logName(place)}
      where event in ('apply', 'baseline', 'repair', 'checksum') and direction = 'up'
      order by version, id desc
    ) l using (version)
    left join (
      select version, max(id) as id from ${logName(place)}
      where event = 'statement-started' and statement = ${planNumber} and reason = 'online'
      group by version
    ) o using (version)
    order by l.position nulls first, m.applied_at, length(m.version), m.version`;
}

interface JournalRow {
  readonly version: string;
  readonly event: "statement-started" | "statement-finished" | "statement-failed";
  readonly direction: "up" | "down";
  readonly statement: number;
  readonly checksum: string;
  /** Of a failure: SQLSTATE and message. Of a batch: how far it came, as JSON. */
  readonly reason: string | null;
  /** The safe forms in which the file was begun. */
  readonly online: string | null;
}

/** Journal entries newer than the last event that closed their version. */
function selectJournals(place: LedgerPlace): string {
  return `
    select j.version, j.event, j.direction, j.statement,
           coalesce(j.up_checksum, j.down_checksum) as checksum, j.reason,
           case when j.statement = ${planNumber} then j.up_sql end as online
    from ${logName(place)} j
    where j.event in ('statement-started', 'statement-finished', 'statement-failed')
      and not exists (
        select from ${logName(place)} e
        where e.version = j.version and e.id > j.id
          and e.event in ('apply', 'rollback', 'repair', 'baseline'))
    order by j.id`;
}

function foldJournals(rows: readonly JournalRow[]): OpenJournal[] {
  const journals = new Map<string, OpenJournal>();
  const online = new Map<string, readonly Rewriting[]>();
  for (const row of rows) {
    if (row.online !== null) {
      online.set(row.version, readOnline(row.version, row.online));
      continue;
    }
    const before = journals.get(row.version);
    const rewritings = online.get(row.version);
    const isFinished = row.event === "statement-finished";
    const batches = batchesBehind(row, before);
    // Class 42 (no such table, no right, exists already) is found before any work is done.
    const hasFailed = row.event === "statement-failed";
    const isOpen = !isFinished && !(hasFailed && row.reason?.startsWith("42") && batches === 0);
    journals.set(row.version, {
      version: row.version,
      order: /^[0-9]+$/.test(row.version) ? BigInt(row.version) : undefined,
      direction: row.direction,
      doneStatements: isFinished ? row.statement : (before?.doneStatements ?? 0),
      doneChecksum: isFinished ? row.checksum : (before?.doneChecksum ?? ""),
      openStatement: isOpen ? row.statement : undefined,
      openChecksum: isOpen ? row.checksum : "",
      hasFailed,
      batches,
      ...(rewritings ? { online: rewritings } : {}),
    });
  }
  // A first statement that was refused leaves nothing to take up.
  return [...journals.values()].filter(
    ({ doneStatements, openStatement }) => doneStatements > 0 || openStatement !== undefined,
  );
}

/** Batches that are committed of the statement that is open behind this entry. */
function batchesBehind(
  { event, reason, statement }: JournalRow,
  before: OpenJournal | undefined,
): number {
  if (event === "statement-finished") return 0;
  if (event === "statement-started" && reason !== null) {
    return (JSON.parse(reason) as { batches: number }).batches;
  }
  // It was taken up again, or failed.
  return before?.openStatement === statement ? before.batches : 0;
}

/** The SQL texts stored when a version was applied. */
export async function readStoredSql(
  session: Session,
  place: LedgerPlace,
  version: string,
): Promise<{ up: string | null; down: string | null } | undefined> {
  const rows = await session.query<{ up: string | null; down: string | null }>(
    `select up_sql as up, down_sql as down from ${logName(place)}
     where version = $1 and event in ('apply', 'baseline', 'repair', 'checksum') and direction = 'up' and up_sql is not null
     order by id desc limit 1`,
    [version],
  );
  return rows[0];
}

/** The content of a repeatable file that last ran; null where it is not stored. */
export async function readRepeatedSql(
  session: Session,
  place: LedgerPlace,
  name: string,
): Promise<string | null> {
  const [row] = await session.query<{ up: string | null }>(
    `select up_sql as up from ${logName(place)} where version = $1 and event = 'repeat'
     order by id desc limit 1`,
    [name],
  );
  return row?.up ?? null;
}

/** True where `baseline` has recorded migrations, which it does without a word of repeatable files. */
export async function isTakenOver(session: Session, place: LedgerPlace): Promise<boolean> {
  const { isTaken } = await session.one<{ isTaken: boolean }>(
    `select exists (select from ${logName(place)} where event = 'baseline') as "isTaken"`,
  );
  return isTaken;
}
