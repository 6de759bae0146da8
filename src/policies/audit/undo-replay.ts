/** Recorded changes taken back one by one, the last first. */
import { nameOf } from "./catalog.ts";
import type { AuditTable } from "./catalog.ts";
import { combine, keyColumns } from "./net-effect.ts";
import type { DeclaredAudit } from "./read.ts";
import type { StandIn } from "./sameness.ts";
import { valuesOf } from "./unique-clash.ts";
import type { ForeignKey } from "./undo-order.ts";
import type { PreparedRow } from "./undo-row.ts";
import { isMasked, prepareRow } from "./undo-row.ts";
import type { UndoStatement } from "./undo-statements.ts";
import { deleteFrom, insertInto, update } from "./undo-statements.ts";

const none: ReadonlySet<string> = new Set();

/**
 * True where the net effect may have no order that it can be undone in: rows that passed a value on
 * to each other, or a key that others refer to. Which values are unique cannot be told from indexes
 * alone: FitnessHub keeps e-mail addresses unique by a table that a trigger writes.
 */
export function needsReplay(
  rows: readonly PreparedRow[],
  keys: readonly ForeignKey[],
  standIn: StandIn,
): boolean {
  const isReferredTo = ({ row, values }: PreparedRow) =>
    row.kind === "update" &&
    (keyColumns(row.table).some(({ name, number }) => {
      return values.has(name) && row.table.partitionKey.includes(number);
    }) ||
      keys.some(
        ({ parent, parentColumns }) =>
          parent === row.table.oid && parentColumns.some((column) => values.has(column)),
      ));
  if (rows.some(isReferredTo)) return true;
  const holders = new Map<string, PreparedRow>();
  const places = (prepared: PreparedRow, then: boolean) => {
    const { row, values } = prepared;
    const recorded = then ? row.before : row.after;
    return [...recorded].flatMap(([column, value]) =>
      value.text === null ||
      value.kind === "boolean" ||
      isMasked(value) ||
      (row.kind === "update" && !values.has(column))
        ? []
        : [JSON.stringify([row.table.oid, column, standIn(row.table.oid, column, value.text)])],
    );
  };
  for (const prepared of rows) {
    if (prepared.row.kind === "insert") continue;
    for (const place of places(prepared, false)) holders.set(place, prepared);
  }
  return rows.some(
    (prepared) =>
      prepared.row.kind !== "delete" &&
      places(prepared, true).some((place) => (holders.get(place) ?? prepared) !== prepared),
  );
}

/**
 * Steps that take back every entry of `rows` in the reverse order of writing. Only where one
 * statement did more (ON DELETE and ON UPDATE of foreign keys, whose entries come in the order of
 * the triggers' names) the order is that of the references.
 */
export function prepareReplay(
  rows: readonly PreparedRow[],
  keys: readonly ForeignKey[],
  order: readonly string[],
  declared: DeclaredAudit | undefined,
  standIn: StandIn,
): PreparedRow[] {
  const all = rows
    .flatMap((net) => net.row.entries.map((entry) => ({ net, entry })))
    .toSorted((one, other) => (BigInt(one.entry.seq) < BigInt(other.entry.seq) ? 1 : -1));
  const touched = new Set<PreparedRow>();
  const steps = all.flatMap(({ net, entry }) => {
    const { table } = net.row;
    const [row] = combine([entry], new Map([[nameOf(table), table]])).rows;
    if (!row) return [];
    const step = prepareRow(row, declared);
    const isFirst = !touched.has(net);
    touched.add(net);
    // Triggers may set columns as the first step is run; the row is locked from then on.
    return [
      { ...step, guards: isFirst ? net.guards : table.key.length > 0 ? new Map() : step.guards },
    ];
  });
  return sortRuns(followCascades(steps, keys, declared, standIn), keys, order);
}

/**
 * Rows that come back, or go, one right after the other were all there at the same time: those that
 * are referred to come first, or go last.
 */
function sortRuns(
  steps: readonly PreparedRow[],
  keys: readonly ForeignKey[],
  order: readonly string[],
): PreparedRow[] {
  // ON DELETE SET NULL: the reference waits for the row that comes back.
  const isEmptied = ({ row, values }: PreparedRow) =>
    row.kind === "update" &&
    keys.some(
      ({ child, columns, onDelete }) =>
        child === row.table.oid &&
        ["n", "d"].includes(onDelete) &&
        columns.some((column) => values.has(column)),
    );
  const place = ({ row }: PreparedRow) => order.indexOf(row.table.oid);
  const sorted: PreparedRow[] = [];
  let run: PreparedRow[] = [];
  let waiting: PreparedRow[] = [];
  const finish = () => {
    const isDelete = run[0]?.row.kind === "delete";
    run.sort((one, other) => (isDelete ? place(other) - place(one) : place(one) - place(other)));
    sorted.push(...run, ...waiting);
    run = [];
    waiting = [];
  };
  for (const step of steps) {
    const kind = run[0]?.row.kind;
    if (kind === "insert" && isEmptied(step)) waiting.push(step);
    else {
      if (kind !== undefined && kind !== step.row.kind) finish();
      if (step.row.kind === "update") {
        if (isEmptied(step)) waiting.push(step);
        else sorted.push(...waiting.splice(0), step);
      } else {
        if (step.row.kind === "delete") sorted.push(...waiting.splice(0));
        run.push(step);
      }
    }
  }
  finish();
  return sorted;
}

/**
 * Where a key goes back, ON UPDATE CASCADE takes the references along: what remains of the referring
 * row's own step comes after that.
 */
function followCascades(
  steps: readonly PreparedRow[],
  keys: readonly ForeignKey[],
  declared: DeclaredAudit | undefined,
  standIn: StandIn,
): PreparedRow[] {
  let ordered = [...steps];
  for (const key of keys.filter(({ onUpdate }) => onUpdate === "c")) {
    const parents = ordered.filter(
      ({ row, values }) =>
        row.kind === "update" &&
        row.table.oid === key.parent &&
        key.parentColumns.some((column) => values.has(column)),
    );
    /** By parent, what follows it. */
    const following = new Map<PreparedRow, PreparedRow[]>();
    const rest = ordered.filter((step) => {
      const parent =
        step.row.table.oid === key.child && step.row.kind === "update"
          ? parents.findLast((one) => one !== step && isCascade(one, step, key, standIn))
          : undefined;
      if (!parent) return true;
      const child = afterCascade(step, parent, key, declared);
      following.set(parent, [...(following.get(parent) ?? []), child]);
      return false;
    });
    ordered = rest.flatMap((step) => [step, ...(following.get(step) ?? [])]);
  }
  return ordered;
}

/** True where the child's reference changed as the parent's key did, as far as both are recorded. */
function isCascade(
  parent: PreparedRow,
  child: PreparedRow,
  key: ForeignKey,
  standIn: StandIn,
): boolean {
  return key.parentColumns.every((name, i) => {
    const column = key.columns[i] ?? "";
    if (!parent.values.has(name)) return true;
    return [true, false].every((then) => {
      const value = valuesOf(child, [column], then, standIn);
      return value !== undefined && value === valuesOf(parent, [name], then, standIn);
    });
  });
}

function afterCascade(
  { row }: PreparedRow,
  parent: PreparedRow,
  key: ForeignKey,
  declared: DeclaredAudit | undefined,
): PreparedRow {
  const moved = new Set(key.columns);
  // The cascade writes the parent's form: 'Ann' where it was 'ANN'.
  const isBack = (column: string) =>
    row.before.get(column)?.text ===
    parent.row.before.get(key.parentColumns[key.columns.indexOf(column)] ?? "")?.text;
  const after = new Map(row.after);
  for (const column of moved) {
    const value = row.before.get(column);
    if (value) after.set(column, value);
  }
  const step = prepareRow(
    {
      ...row,
      key: keyColumns(row.table).map(({ name }, i) =>
        moved.has(name) ? (row.before.get(name)?.text ?? row.key[i] ?? "") : (row.key[i] ?? ""),
      ),
      before: new Map([...row.before].filter(([column]) => !(moved.has(column) && isBack(column)))),
      after,
    },
    declared,
  );
  return row.table.key.length > 0 ? { ...step, guards: new Map() } : step;
}

/** Steps as SQL; neighbours of one kind in one table together, as references are checked at the end. */
export function composeReplay(
  steps: readonly PreparedRow[],
  keys: readonly ForeignKey[],
): UndoStatement[] {
  const isSelfReferring = ({ oid }: AuditTable) =>
    keys.some(({ child, parent }) => child === oid && parent === oid);
  const statements: UndoStatement[] = [];
  if (keys.some(({ isDeferrable }) => isDeferrable)) {
    statements.push({ sql: "set constraints all deferred", rows: null });
  }
  for (let i = 0; i < steps.length;) {
    const first = steps[i];
    if (!first) break;
    const { table, kind } = first.row;
    const isOther = (step: PreparedRow) => step.row.table !== table || step.row.kind !== kind;
    const length = steps.slice(i).findIndex(isOther);
    const run = steps.slice(i, length < 0 ? undefined : i + length);
    i += run.length;
    if (kind === "insert") {
      statements.push(...insertInto(table, run, none, isSelfReferring(table)));
    } else if (kind === "delete") {
      statements.push(...deleteFrom(table, run, none, isSelfReferring(table)));
    } else {
      statements.push(
        ...run.filter(({ values }) => values.size > 0).map((step) => update(table, step)),
      );
    }
  }
  return statements;
}
