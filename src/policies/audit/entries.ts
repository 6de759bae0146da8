/** Reads entries of the log. */
import { qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { hasSqlState } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { LoggedValue } from "./column-form.ts";
import listEntries from "./entries.sql";
import type { LogShape } from "./log-shape.ts";
import { readLogShape } from "./log-shape.ts";
import { beginStatements } from "./undo-script.ts";

export type Operation = "INSERT" | "UPDATE" | "DELETE" | "TRUNCATE";

/** A row, or a part of one, as recorded: column name to value. */
export type LoggedRow = ReadonlyMap<string, LoggedValue>;

export interface Entry {
  /** Order of writing; a bigint as text. */
  readonly seq: string;
  readonly xid: string;
  /** `schema.table`; the root where the table is partitioned. */
  readonly table: string;
  readonly key: string | null;
  readonly operation: Operation;
  readonly changedBy: string | null;
  /** UTC, with microseconds. */
  readonly at: string;
  readonly sessionRole: string | null;
  readonly applicationName: string | null;
  readonly clientAddress: string | null;
  readonly old: LoggedRow;
  readonly new: LoggedRow;
}

export interface EntryFilter {
  readonly table?: string | undefined;
  readonly key?: string | undefined;
  /** `changed_by`, or the role that was logged in. */
  readonly actor?: string | undefined;
  /** A time as PostgreSQL reads it, or a duration before now: "2h". */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly xids?: readonly string[] | undefined;
  readonly operation?: Operation | undefined;
  readonly limit?: number | undefined;
}

/**
 * Begins the transaction that a log is read or undone in: with row_security off, so that a policy
 * on the log or on a table fails loudly and hides nothing, and with the settings under which values
 * were recorded. `role` is assumed where there is such a role and the connected one may; the role
 * that was assumed, or null.
 */
export async function beginReading(
  session: Session,
  role: string | undefined,
  more: readonly string[] = [],
): Promise<string | null> {
  const usable =
    role === undefined
      ? []
      : await session.query(
          "select from pg_roles where rolname = $1 and pg_has_role(session_user, oid, 'MEMBER')",
          [role],
        );
  const assumed = usable.length > 0 && role !== undefined ? role : null;
  await session.script([...beginStatements(assumed), ...more].join(";\n"));
  return assumed;
}

/**
 * The log of that name, which fits.
 *
 * @throws PgwrightError `audit-log-unusable`.
 */
export async function findLog(session: Session, name: string): Promise<LogShape> {
  const [schema = "", table = ""] = name.split(".");
  const log = await readLogShape(session, schema, table);
  if (log && log.faults.length === 0) return log;
  throw new PgwrightError(
    "audit-log-unusable",
    log ? `${name} is no audit log: ${log.faults.join("; ")}` : `there is no table ${name}`,
    { hint: "name the log in policies/audit.yaml (`log:`) or with --log schema.table" },
  );
}

/** Entries that match, newest first. */
export async function readEntries(
  session: Session,
  log: LogShape,
  filter: EntryFilter,
): Promise<Entry[]> {
  const text = listEntries.replace(
    "from shared.audit_log e",
    `from ${qualified(log.schema, log.name)} e`,
  );
  type Raw = [string, string, string | null, string | null];
  const rows = await session.query<
    Omit<Entry, "old" | "new"> & { readonly old: Raw[] | null; readonly new: Raw[] | null }
  >(text, [
    filter.table ?? null,
    filter.key === undefined ? null : canonicalKey(filter.key),
    filter.actor ?? null,
    await readTime(session, "--since", filter.since),
    await readTime(session, "--until", filter.until),
    filter.xids ? JSON.stringify(filter.xids) : null,
    filter.operation ?? null,
    filter.limit === undefined ? null : String(filter.limit),
  ]);
  const toRow = (values: readonly Raw[] | null): LoggedRow =>
    new Map(
      (values ?? []).map(([name, kind, value, array]) => [name, { kind, text: value, array }]),
    );
  return rows.map((row) => ({ ...row, old: toRow(row.old), new: toRow(row.new) }));
}

/** A key of several columns may be written with any blanks and order: as jsonb prints it. */
function canonicalKey(key: string): string {
  if (!key.startsWith("{")) return key;
  let parsed: unknown;
  try {
    parsed = JSON.parse(key);
  } catch {
    // A text key that happens to begin with a brace.
    return key;
  }
  const bytes = (name: string) => Buffer.from(name);
  const pairs = Object.entries(parsed as object)
    .toSorted(([one], [other]) => {
      const [a, b] = [bytes(one), bytes(other)];
      return a.length - b.length || a.compare(b);
    })
    .map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(String(value))}`);
  return `{${pairs.join(", ")}}`;
}

async function readTime(
  session: Session,
  option: string,
  text: string | undefined,
): Promise<string | null> {
  if (text === undefined) return null;
  const isAge = /^[0-9.]+ ?[a-z]+$/i.test(text);
  try {
    const { time } = await session.one<{ time: string }>(
      isAge
        ? "select (clock_timestamp() - $1::text::interval)::text as time"
        : "select $1::text::timestamptz::text as time",
      [text],
    );
    return time;
  } catch (error) {
    if (!hasSqlState(error, "22007", "22008", "22015")) throw error;
    throw new PgwrightError("usage", `${option} ${text} is no time`, {
      hint: "write a time (`2026-01-31 14:00`, `yesterday`) or how long ago (`2h`, `30min`, `90d`)",
    });
  }
}
