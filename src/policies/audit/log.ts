/** `audit log`: who changed what, newest first. */
import { findNearest } from "../../config/nearest.ts";
import type { Session } from "../../db/session.ts";
import type { AuditTable } from "./catalog.ts";
import { nameOf, readTables } from "./catalog.ts";
import type { LoggedValue } from "./column-form.ts";
import type { Entry, EntryFilter, LoggedRow, Operation } from "./entries.ts";
import { beginReading, findLog, readEntries } from "./entries.ts";
import type { LogShape } from "./log-shape.ts";
import { bookkeepingOf, isMove, isSame } from "./moves.ts";
import type { DeclaredAudit } from "./read.ts";

/** A value for people and programs: numbers that JavaScript would round are texts. */
export type ShownValue = string | number | boolean | null | object;

export interface ShownChange {
  readonly column: string;
  /** Absent for an INSERT. */
  readonly old?: ShownValue;
  /** Absent for a DELETE. */
  readonly new?: ShownValue;
}

export interface ShownEntry extends Omit<Entry, "old" | "new"> {
  /** The row went to another partition: recorded as DELETE and INSERT, shown as one UPDATE. */
  readonly isMove: boolean;
  /** Key of the row afterwards, where it changed. */
  readonly newKey: string | null;
  /** Only the partition was emptied. */
  readonly partition: string | null;
  readonly changes: readonly ShownChange[];
}

export interface LogResult {
  /** `schema.table` of the log. */
  readonly log: string;
  /** Newest first. */
  readonly entries: readonly ShownEntry[];
  /** There may be more than `limit`. */
  readonly isCut: boolean;
  /** What was asked for is not there: a table that does not exist and has no entry. */
  readonly note: string | null;
}

/** Reads the log; changes nothing. `declared` says which columns are bookkeeping. */
export async function readLog(
  session: Session,
  logName: string,
  filter: EntryFilter & { readonly limit: number },
  role: string | undefined,
  declared?: DeclaredAudit,
): Promise<LogResult> {
  await beginReading(session, role, ["set transaction read only"]);
  try {
    const log = await findLog(session, logName);
    // One more tells whether there are more, and may complete a move.
    const found = await readEntries(session, log, { ...filter, limit: filter.limit + 1 });
    const names = new Set(found.map(({ table }) => table));
    const tables = (await readTables(session)).filter((table) => names.has(nameOf(table)));
    const byName = new Map(tables.map((table) => [nameOf(table), table]));
    const shown = showEntries(found, byName, declared);
    return {
      log: logName,
      entries: shown.slice(0, filter.limit),
      isCut: found.length > filter.limit,
      note:
        found.length === 0 && filter.table !== undefined
          ? await explainTable(session, log, filter.table)
          : null,
    };
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

/** Says so where nothing could ever match a name, which most likely is misspelled. */
async function explainTable(
  session: Session,
  log: LogShape,
  wanted: string,
): Promise<string | null> {
  const tables = await readTables(session);
  const names = tables.map((table) => nameOf(table));
  const isMeant = (name: string) =>
    wanted.includes(".") ? name === wanted : name.endsWith(`.${wanted}`);
  if (names.some(isMeant)) return null;
  const [entry] = await readEntries(session, log, { table: wanted, limit: 1 });
  if (entry) return null;
  const root = tables.find(({ relations }) => relations.some((one) => isMeant(nameOf(one))));
  if (root)
    return `${wanted} is a partition of ${nameOf(root)}, which its changes are recorded under`;
  const short = names.map((name) => name.slice(name.indexOf(".") + 1));
  const nearest = findNearest(wanted, wanted.includes(".") ? names : short);
  return `there is no table ${wanted}, and no entry of it${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
}

function showEntries(
  entries: readonly Entry[],
  tables: ReadonlyMap<string, AuditTable>,
  declared: DeclaredAudit | undefined,
): ShownEntry[] {
  const shown: ShownEntry[] = [];
  for (let i = 0; i < entries.length; i += 1) {
    const entry = entries[i];
    const earlier = entries[i + 1];
    if (!entry) continue;
    const table = tables.get(entry.table);
    if (earlier && table && isMove(earlier, entry, table, bookkeepingOf(table, declared))) {
      shown.push({
        ...show(earlier, "UPDATE", changed(earlier.old, entry.new)),
        isMove: true,
        newKey: entry.key,
      });
      i += 1;
    } else {
      shown.push(show(entry, entry.operation, changed(entry.old, entry.new)));
    }
  }
  return shown;
}

function changed(before: LoggedRow, after: LoggedRow): ShownChange[] {
  const columns = [...new Set([...before.keys(), ...after.keys()])];
  return columns
    .filter((column) => {
      const [old, now] = [before.get(column), after.get(column)];
      if (old === undefined || now === undefined) return true;
      // A masked value changed although both are the same in the log.
      return !isSame(old, now) || old.text === "***";
    })
    .map((column) => {
      const [old, now] = [before.get(column), after.get(column)];
      return { column, ...(old && { old: showValue(old) }), ...(now && { new: showValue(now) }) };
    });
}

function show(entry: Entry, operation: Operation, changes: readonly ShownChange[]): ShownEntry {
  const { old, new: _new, ...rest } = entry;
  const isTruncate = operation === "TRUNCATE";
  return {
    ...rest,
    operation,
    isMove: false,
    newKey: null,
    partition: isTruncate ? (old.get("partition")?.text ?? null) : null,
    changes: isTruncate ? [] : changes,
  };
}

function showValue({ kind, text }: LoggedValue): ShownValue {
  if (text === null) return null;
  switch (kind) {
    case "number":
      return String(Number(text)) === text ? Number(text) : text;
    case "boolean":
      return text === "true";
    case "array":
    case "object":
      // Long numbers inside would be rounded.
      return /\d{16}/.test(text) ? text : (JSON.parse(text) as object);
    default:
      return text;
  }
}
