/** The SQL that creates and writes ledger and log, as text: it goes into the migrations' transactions. */
import { ident, literal } from "../db/identifier.ts";
import type { LedgerPlace } from "./ledger-place.ts";
import { ledgerName, logName } from "./ledger-place.ts";
import type { Change } from "./schema-version.ts";

/**
 * SQL that creates ledger and log. The ledger is the table that teams know from the FitnessHub
 * architecture, `version varchar(255)`, `checksum varchar(64)`; nothing is ever added to it.
 */
export function createLedgerSql(
  place: LedgerPlace,
  role: string | undefined,
  hasSchema: boolean,
): string[] {
  const ledger = ledgerName(place);
  return [
    // IF NOT EXISTS would ask for CREATE on the database even where the schema is there.
    ...(hasSchema ? [] : [`create schema ${ident(place.schema)}`]),
    `create table ${ledger} (
  version varchar(255) primary key,
  applied_at timestamp with time zone default now(),
  checksum varchar(64),
  description text
)`,
    `comment on table ${ledger} is 'Migrations applied to this database; written by pgwright'`,
    ...createLogSql(place, role),
  ];
}

/** SQL that creates the log beside a ledger that is there. */
export function createLogSql(place: LedgerPlace, role: string | undefined): string[] {
  const log = logName(place);
  const statements = [
    `create table ${log} (
  id bigint generated always as identity primary key,
  at timestamp with time zone not null default clock_timestamp(),
  event text not null check (event in ('apply', 'rollback', 'repeat', 'repair', 'checksum', 'baseline', 'statement-started', 'statement-finished', 'statement-failed')),
  direction text not null check (direction in ('up', 'down')),
  version varchar(255) not null,
  file text,
  statement integer,
  duration_ms double precision,
  change text check (change in ('major', 'minor', 'patch')),
  schema_version text,
  up_checksum varchar(64),
  up_sql text,
  down_checksum varchar(64),
  down_sql text,
  down_runs_alone boolean,
  irreversible text,
  reason text,
  role text not null default session_user,
  host text,
  client_address inet default inet_client_addr(),
  tool_version text
)`,
    `create index ${ident(`${place.table}_log_version_idx`)} on ${log} (version, id)`,
    `comment on table ${log} is 'Everything pgwright did to this schema, append-only'`,
  ];
  return role === undefined ? statements : [...statements, ...grantLedgerSql(place, role)];
}

/** SQL that lets a role keep the ledger. */
export function grantLedgerSql(place: LedgerPlace, role: string): string[] {
  return [
    `grant usage on schema ${ident(place.schema)} to ${ident(role)}`,
    `grant select, insert, update, delete on ${ledgerName(place)} to ${ident(role)}`,
    `grant select, insert on ${logName(place)} to ${ident(role)}`,
  ];
}

/** A log entry; everything absent is NULL. */
export interface LogEntry {
  readonly event:
    | "apply"
    | "rollback"
    | "repeat"
    | "repair"
    | "checksum"
    | "baseline"
    | "statement-started"
    | "statement-finished"
    | "statement-failed";
  readonly direction: "up" | "down";
  readonly version: string;
  readonly file?: string | undefined;
  readonly statement?: number | undefined;
  readonly change?: Change | undefined;
  readonly schemaVersion?: string | undefined;
  /** For a statement: of the section's statements up to and including it. */
  readonly upChecksum?: string | undefined;
  readonly upSql?: string | undefined;
  readonly downChecksum?: string | undefined;
  readonly downSql?: string | undefined;
  readonly downRunsAlone?: boolean | undefined;
  readonly irreversible?: string | undefined;
  readonly reason?: string | undefined;
}

/** When the work that a log entry records began, as an SQL expression. */
export type Since = string;

export const transactionStart: Since = "now()";

/** Before the transaction that writes the entry; earlier steps have taken so long. */
export function beforeTransaction(earlierMs: number): Since {
  return `(now() - interval '${earlierMs.toFixed(1)} ms')`;
}

/**
 * In a message of several transactions, where now() is the arrival of the message for all of them:
 * `noteBeginning`, run in the transaction, says when its work began. A function of a file may RESET ALL.
 */
export const notedBeginning: Since =
  "coalesce(nullif(current_setting('pgwright.began', true), '')::timestamptz, now())";

/** SQL that a transaction begins with whose entry says `notedBeginning`. */
export const noteBeginning = "select set_config('pgwright.began', clock_timestamp()::text, true)";

/** Who writes: recorded in each log entry. */
export interface Author {
  readonly host: string;
  readonly toolVersion: string;
}

/**
 * SQL that appends to the log. The duration is the server's own, from `since` (an SQL expression) on.
 */
export function logSql(
  place: LedgerPlace,
  entry: LogEntry,
  author: Author,
  since: Since = transactionStart,
): string {
  const values: [string, string | null][] = [
    ["event", entry.event],
    ["direction", entry.direction],
    ["version", entry.version],
    ["file", entry.file ?? null],
    ["change", entry.change ?? null],
    ["schema_version", entry.schemaVersion ?? null],
    ["up_checksum", entry.upChecksum ?? null],
    ["up_sql", entry.upSql ?? null],
    ["down_checksum", entry.downChecksum ?? null],
    ["down_sql", entry.downSql ?? null],
    ["irreversible", entry.irreversible ?? null],
    ["reason", entry.reason ?? null],
    ["host", author.host],
    ["tool_version", author.toolVersion],
  ];
  const given = values.filter(([, value]) => value !== null);
  const columns = given.map(([name]) => name);
  const literals = given.map(([, value]) => literal(value));
  if (entry.statement !== undefined) {
    columns.push("statement");
    literals.push(String(entry.statement));
  }
  if (entry.downRunsAlone) {
    columns.push("down_runs_alone");
    literals.push("true");
  }
  columns.push("duration_ms");
  // EXTRACT gives a numeric, which takes three times as long.
  literals.push(`date_part('epoch', clock_timestamp() - ${since}) * 1000`);
  return `insert into ${logName(place)} (${columns.join(", ")})\nvalues (${literals.join(", ")})`;
}

/** SQL that records a migration as applied. */
export function insertLedgerSql(
  place: LedgerPlace,
  row: { version: string; checksum: string; description: string },
): string {
  return (
    `insert into ${ledgerName(place)} (version, applied_at, checksum, description)\n` +
    `values (${literal(row.version)}, clock_timestamp(), ${literal(row.checksum)}, ${literal(row.description)})`
  );
}

/** SQL that removes a migration from the ledger. */
export function deleteLedgerSql(place: LedgerPlace, version: string): string {
  return `delete from ${ledgerName(place)} where version = ${literal(version)}`;
}
