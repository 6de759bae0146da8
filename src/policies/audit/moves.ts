/** Rows that went to another partition: row triggers see the UPDATE as DELETE and INSERT. */
import type { AuditTable } from "./catalog.ts";
import { nameOf } from "./catalog.ts";
import type { LoggedValue } from "./column-form.ts";
import type { Entry } from "./entries.ts";
import type { DeclaredAudit } from "./read.ts";

/**
 * True for the two entries of such an UPDATE. The primary key holds the partition key and so
 * differs; what else the key holds is the same, or, where it holds nothing else, all other columns
 * are but those of bookkeeping, which a trigger may have set.
 */
export function isMove(
  gone: Entry,
  come: Entry,
  table: AuditTable | undefined,
  bookkeeping: ReadonlySet<string>,
): boolean {
  if (!table || table.partitionKey.length === 0) return false;
  const isPair =
    gone.operation === "DELETE" &&
    come.operation === "INSERT" &&
    gone.xid === come.xid &&
    gone.table === come.table;
  if (!isPair) return false;
  const byPartition = new Set(table.partitionKey);
  const rest = table.key.filter((number) => !byPartition.has(number));
  const compared = table.columns.filter(({ number, name, isGenerated }) =>
    rest.length > 0
      ? rest.includes(number)
      : !isGenerated && !byPartition.has(number) && !bookkeeping.has(name),
  );
  return compared.every(({ name }) => isSame(gone.old.get(name), come.new.get(name)));
}

/** Equal as recorded. */
export function isSame(one: LoggedValue | undefined, other: LoggedValue | undefined): boolean {
  return one?.kind === other?.kind && one?.text === other?.text;
}

/** Entries in the order of writing, each move as the one UPDATE that it was. */
export function joinMoves(
  entries: readonly Entry[],
  tables: ReadonlyMap<string, AuditTable>,
  declared: DeclaredAudit | undefined,
): Entry[] {
  const joined: Entry[] = [];
  // Cascades to other tables may be recorded between the two.
  const last = new Map<string, number>();
  for (const entry of entries) {
    const table = tables.get(entry.table);
    const at = last.get(entry.table);
    const gone = at === undefined ? undefined : joined[at];
    if (
      at !== undefined &&
      gone &&
      table &&
      isMove(gone, entry, table, bookkeepingOf(table, declared))
    ) {
      joined[at] = { ...entry, key: gone.key, operation: "UPDATE", old: gone.old };
    } else {
      last.set(entry.table, joined.length);
      joined.push(entry);
    }
  }
  return joined;
}

/** Columns that may have changed since, and say nothing about the row. */
export function bookkeepingOf(
  table: AuditTable,
  declared: DeclaredAudit | undefined,
): ReadonlySet<string> {
  const options = declared?.file.tables[nameOf(table)];
  return new Set([
    ...(declared?.file.defaults?.bookkeeping ?? []),
    ...(options?.bookkeeping ?? []),
  ]);
}
