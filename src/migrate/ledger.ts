/**
 * What the database says was applied: `schema_migrations`, exactly as teams know it, and the
 * append-only `schema_migrations_log` beside it with everything else.
 */
import { qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import describeLedger from "./ledger-shape.sql";
import type { Change } from "./schema-version.ts";

/** Where the ledger stands, and as whom it is written. */
export interface LedgerPlace {
  readonly schema: string;
  readonly table: string;
}

export function ledgerName(place: LedgerPlace): string {
  return qualified(place.schema, place.table);
}

export function logName(place: LedgerPlace): string {
  return qualified(place.schema, `${place.table}_log`);
}

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
}

/** How far a file with statements outside a transaction got before it was interrupted. */
export interface OpenJournal {
  readonly version: string;
  readonly direction: "up" | "down";
  readonly upChecksum: string;
  /** Statements of the section known to be done; they are skipped when the file is resumed. */
  readonly doneStatements: number;
  /** A statement that was begun outside a transaction and never reported back, 1-based. */
  readonly openStatement: number | undefined;
}

export interface Ledger {
  readonly exists: boolean;
  readonly applied: readonly AppliedMigration[];
  readonly journals: readonly OpenJournal[];
  /** Checksum of the content each repeatable file had when it last ran, by its name. */
  readonly repeatables: ReadonlyMap<string, string>;
}

interface ShapeRow {
  readonly relation: string;
  readonly columns: readonly string[];
}

/**
 * Reads the ledger. Takes no lock and creates nothing.
 *
 * @throws PgwrightError `ledger-foreign` when a table of that name belongs to another tool.
 */
export async function readLedger(session: Session, place: LedgerPlace): Promise<Ledger> {
  const shapes = await session.query<ShapeRow>(describeLedger, [place.schema, place.table]);
  const ledger = shapes.find((shape) => shape.relation === place.table);
  if (!ledger) return { exists: false, applied: [], journals: [], repeatables: new Map() };
  refuseForeign(place, ledger.columns);
  if (!shapes.some((shape) => shape.relation === `${place.table}_log`)) {
    throw new PgwrightError(
      "ledger-foreign",
      `${ledgerName(place)} exists without its log ${logName(place)}`,
      {
        hint: `restore the log table, or choose another name with \`migrations.table\` in pgwright.yaml`,
      },
    );
  }
  const applied = await session.query<Omit<AppliedMigration, "order">>(selectApplied(place));
  const journals = await session.query<JournalRow>(selectJournals(place));
  const repeatables = await session.query<{ version: string; checksum: string }>(
    `select distinct on (version) version, up_checksum as checksum
     from ${logName(place)} where event = 'repeat' order by version, id desc`,
  );
  return {
    exists: true,
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

/** Applied rows joined with the log entry that made each of them. */
function selectApplied(place: LedgerPlace): string {
  return `
    select m.version,
           coalesce(m.description, '') as description,
           coalesce(m.checksum, '') as checksum,
           to_char(m.applied_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "appliedAt",
           l.file, l.change, l.schema_version as "schemaVersion",
           l.down_checksum as "downChecksum", l.irreversible,
           coalesce(l.down_runs_alone, false) as "downRunsAlone"
    from ${ledgerName(place)} m
    left join (
      select distinct on (version) *,
             max(id) filter (where event <> 'checksum') over (partition by version) as position
      from ${logName(place)}
      where event in ('apply', 'baseline', 'repair', 'checksum') and direction = 'up'
      order by version, id desc
    ) l using (version)
    order by l.position nulls first, m.applied_at, length(m.version), m.version`;
}

interface JournalRow {
  readonly version: string;
  readonly event: "statement-started" | "statement-finished";
  readonly direction: "up" | "down";
  readonly statement: number;
  readonly checksum: string;
}

/** Journal entries newer than the last event that closed their version. */
function selectJournals(place: LedgerPlace): string {
  return `
    select j.version, j.event, j.direction, j.statement, j.up_checksum as checksum
    from ${logName(place)} j
    where j.event in ('statement-started', 'statement-finished')
      and not exists (
        select from ${logName(place)} e
        where e.version = j.version and e.id > j.id
          and e.event in ('apply', 'rollback', 'repair', 'baseline'))
    order by j.id`;
}

function foldJournals(rows: readonly JournalRow[]): OpenJournal[] {
  const journals = new Map<string, OpenJournal>();
  for (const row of rows) {
    const before = journals.get(row.version);
    journals.set(row.version, {
      version: row.version,
      direction: row.direction,
      upChecksum: row.checksum,
      doneStatements:
        row.event === "statement-finished" ? row.statement : (before?.doneStatements ?? 0),
      openStatement: row.event === "statement-started" ? row.statement : undefined,
    });
  }
  return [...journals.values()];
}

/** Tables of this name that other tools make, by their columns. */
const foreignTools: readonly { readonly tool: string; readonly columns: readonly string[] }[] = [
  { tool: "golang-migrate", columns: ["version", "dirty"] },
  { tool: "Rails or dbmate", columns: ["version"] },
  { tool: "diesel", columns: ["version", "run_on"] },
  { tool: "Ecto", columns: ["version", "inserted_at"] },
  { tool: "node-pg-migrate", columns: ["id", "name", "run_on"] },
];

function refuseForeign(place: LedgerPlace, columns: readonly string[]): void {
  const names = columns.map((column) => column.split(" ")[0] ?? "");
  const ours = ["version", "applied_at", "checksum", "description"];
  if (names.join() === ours.join() && columns[0] === "version character varying(255)") return;
  const tool = foreignTools.find((foreign) => foreign.columns.join() === names.join())?.tool;
  throw new PgwrightError(
    "ledger-foreign",
    `the table ${ledgerName(place)} ${tool ? `belongs to ${tool}` : "is not a pgwright ledger"}: it has the columns ${columns.join(", ")}`,
    {
      hint: "nothing was changed; set `migrations.schema` or `migrations.table` in pgwright.yaml to a name of its own",
    },
  );
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
