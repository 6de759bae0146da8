/** Where rows are not, or no longer, as the log says. */
import { ident, literal, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { AuditTable } from "./catalog.ts";
import { nameOf } from "./catalog.ts";
import { decode, encodeKey, operand } from "./column-form.ts";
import { keyColumns } from "./net-effect.ts";
import type { ForeignKey } from "./undo-order.ts";
import type { PreparedRow } from "./undo-row.ts";

/** Why each row in conflict cannot be undone. */
export type Conflicts = Map<PreparedRow, string>;

/** Rows that may refer to one that is to be deleted: those of this undo, and no others. */
export interface Reference {
  /** What follows FROM. */
  readonly from: string;
  /** So many there are. */
  readonly count: number;
  /** Says what it means when there are more. */
  readonly message: string;
}

const rowsPerQuery = 200;

/**
 * Compares the recorded values with the current rows, and locks these where `locks`: a row that
 * others begin to refer to would take them along when it is deleted.
 */
export async function findChanged(
  session: Session,
  rows: readonly PreparedRow[],
  locks: boolean,
): Promise<Conflicts> {
  const conflicts: Conflicts = new Map();
  const places = countEqual(rows);
  for (let i = 0; i < rows.length; i += rowsPerQuery) {
    const some = rows.slice(i, i + rowsPerQuery);
    if (locks) await lockRows(session, some);
    const text = some
      .map((row, index) => probe(row, index, places.get(row) ?? 0))
      .join("\nunion all\n");
    const found = await session.query<{ index: number; found: boolean; differing: string[] }>(text);
    for (const { index, found: isThere, differing } of found) {
      const row = some[index];
      if (!row) continue;
      const why = explain(row, isThere, differing ?? []);
      if (why !== undefined) conflicts.set(row, why);
    }
  }
  return conflicts;
}

/** By row without a key: how many equal ones come before it, each of which must be there as well. */
function countEqual(rows: readonly PreparedRow[]): Map<PreparedRow, number> {
  const counts = new Map<string, number>();
  const places = new Map<PreparedRow, number>();
  for (const prepared of rows) {
    const { row, guards } = prepared;
    if (row.kind === "insert" || row.table.key.length > 0) continue;
    const values = `${row.table.oid} ${[...guards.values()].toSorted().join(" and ")}`;
    const count = counts.get(values) ?? 0;
    places.set(prepared, count);
    counts.set(values, count + 1);
  }
  return places;
}

async function lockRows(session: Session, rows: readonly PreparedRow[]): Promise<void> {
  for (const { row, where } of rows) {
    if (row.kind === "insert" || row.table.key.length === 0) continue;
    await session.query(
      `select from ${qualified(row.table.schema, row.table.name)} where ${where.join(" and ")} for update`,
    );
  }
}

function probe({ row, where, guards }: PreparedRow, index: number, offset: number): string {
  const place = qualified(row.table.schema, row.table.name);
  const hasKey = row.table.key.length > 0;
  if (row.kind === "insert") {
    const isThere = hasKey ? `exists (select from ${place} where ${where.join(" and ")})` : "false";
    return `select ${index} as index, ${isThere} as found, null::json as differing`;
  }
  const tests = hasKey
    ? [...guards].map(
        ([column, condition]) => `case when (${condition}) is not true then ${literal(column)} end`,
      )
    : [];
  const differing =
    tests.length === 0 ? "null::json" : `to_json(array_remove(array[${tests.join(", ")}], null))`;
  const conditions = hasKey ? where : [...guards.values()];
  return (
    `select ${index} as index, r.found is true as found, r.differing from (select) one ` +
    `left join lateral (select true as found, ${differing} as differing from ${place} where ${conditions.join(" and ") || "true"} limit 1${offset > 0 ? ` offset ${offset}` : ""}) r on true`
  );
}

function explain(
  { row }: PreparedRow,
  isThere: boolean,
  differing: readonly string[],
): string | undefined {
  if (row.kind === "insert") return isThere ? "there is such a row again" : undefined;
  if (!isThere) {
    return row.table.key.length > 0
      ? "the row is not there any more"
      : "no row has these values any more";
  }
  return differing.length > 0 ? `changed since: ${differing.join(", ")}` : undefined;
}

/**
 * Rows that refer to one that is to be deleted and do not go by themselves: the deletion would take
 * them along, or fail. Of tables that are not audited and would be cleared by ON DELETE, a note is
 * enough: nobody could undo more (FitnessHub's guard of e-mail addresses is such a table).
 */
export async function findReferring(
  session: Session,
  rows: readonly PreparedRow[],
  keys: readonly ForeignKey[],
  tables: ReadonlyMap<string, AuditTable>,
): Promise<{ conflicts: Conflicts; notes: string[]; references: Reference[] }> {
  const conflicts: Conflicts = new Map();
  const references: Reference[] = [];
  const notes: string[] = [];
  const going = new Set(
    rows
      .filter(({ row }) => row.kind === "delete")
      .map(({ row }) => `${row.table.oid} ${JSON.stringify(row.key)}`),
  );
  for (const key of keys) {
    const child = tables.get(key.child);
    const place = qualified(key.childSchema, key.childName);
    const rewritten = new Set(
      rows
        .filter(
          ({ row, values }) =>
            row.kind === "update" &&
            row.table.oid === key.child &&
            key.columns.some((column) => values.has(column)),
        )
        .map(({ row }) => `${row.table.oid} ${JSON.stringify(row.key)}`),
    );
    let others = 0;
    for (const prepared of rows) {
      const { row } = prepared;
      if (row.kind !== "delete" || row.table.oid !== key.parent) continue;
      const condition = referenceTo(prepared, key);
      if (condition === undefined) continue;
      const identity =
        child && child.key.length > 0
          ? `to_json(array[${keyColumns(child)
              .map((column) => encodeKey(column, ident(column.name)))
              .join(", ")}])`
          : "null::json";
      // One more than all that go along tells that there is a stranger.
      const most = going.size + rewritten.size + 100;
      const found = await session.query<{ identity: string[] | null }>(
        `select ${identity} as identity from ${place} where ${condition} limit ${most}`,
      );
      const strangers = found.filter(({ identity: one }) => {
        const name = `${key.child} ${JSON.stringify(one)}`;
        return one === null || !(going.has(name) || rewritten.has(name));
      });
      const why = `${key.childSchema}.${key.childName} refers to it since`;
      if (!key.isAudited && ["c", "n", "d"].includes(key.onDelete)) others += strangers.length;
      else if (strangers.length > 0) conflicts.set(prepared, why);
      else {
        const message = `${describeRow(prepared)}: ${why}`;
        references.push({ from: `${place} where ${condition}`, count: found.length, message });
      }
    }
    if (others > 0) {
      const effect = key.onDelete === "c" ? "go with them" : "lose their reference";
      notes.push(
        `rows of ${key.childSchema}.${key.childName} that refer to deleted rows ${effect} (${others}); that table is not audited`,
      );
    }
  }
  return { conflicts, notes, references };
}

function referenceTo({ row }: PreparedRow, key: ForeignKey): string | undefined {
  const columns = keyColumns(row.table);
  const conditions = key.parentColumns.map((name, i) => {
    const place = columns.findIndex((column) => column.name === name);
    const column = row.table.columns.find((one) => one.name === name);
    const recorded = row.after.get(name);
    const value =
      place >= 0 ? (row.key[place] ?? null) : column && recorded ? decode(column, recorded) : null;
    return value === null || !column
      ? undefined
      : `${ident(key.columns[i] ?? "")} = ${operand(column, value)}`;
  });
  return conditions.every((condition) => condition !== undefined)
    ? conditions.join(" and ")
    : undefined;
}

/** A row as people name it: `app.users 42`. */
export function describeRow({ row }: PreparedRow): string {
  const key = row.table.key.length === 0 ? "(no key)" : row.key.join(", ");
  return `${nameOf(row.table)} ${key}`;
}
