/** Rows that are written while a migration is applied: what its rollback leaves of them. */
import { ident } from "../db/identifier.ts";
import type { MigrationFile } from "../migrate/file.ts";
import type { Open } from "../migrate/migrator.ts";
import type { Allowances } from "./allowances.ts";
import { readAllowances } from "./allowances.ts";
import type { FillOptions } from "./fill.ts";
import { fillTables } from "./fill.ts";
import type { NewPartition } from "./new-partitions.ts";
import { listNewPartitions } from "./new-partitions.ts";
import { listNewlyAllowed } from "./newly-allowed.ts";
import type { ColumnSum, RowChange, TableSum } from "./rows.ts";
import { compareRows, sumPartitions, sumRows, sumWith } from "./rows.ts";
import type { NotTried } from "./special-rows.ts";
import { makeSpecialRows, markTime } from "./special-rows.ts";
import type { Failure, Ways } from "./trial.ts";
import { applyOne, attempt, undoOne } from "./trial.ts";
import type { Write } from "./unmet-writes.ts";
import { watchWrites } from "./unmet-writes.ts";

export interface NewRows {
  /** Rows written after the migration was applied. */
  readonly rows: number;
  /** Why none could be; the rest is not tried then. */
  readonly unfilled?: string;
  readonly downFailure?: Failure;
  readonly againFailure?: Failure;
  /** What is gone of tables and columns that were there before the migration. */
  readonly changes: readonly RowChange[];
  /** What is gone with the tables, partitions and columns that the migration adds: no rollback can keep it. */
  readonly additions: readonly RowChange[];
  /** What the migration allows and no row could be made to use. */
  readonly notTried: readonly NotTried[];
  /** Writes of the down section that met neither these rows nor those before. */
  readonly unmet: readonly Write[];
}

/**
 * Appends rows as `seed --append` does, and changes some, so that they use what the migration allows
 * and adds; then down and up again. Lost is what neither the schema after the rollback nor the one after the second
 * application holds as it was written: what was renamed, moved or stored otherwise comes back with
 * the second, what the up section itself changes is untouched by the first. That goes for the rows
 * before the migration too, which its rollback may change back: they are taken as it left them the
 * first time.
 *
 * @param open of a copy to which the migration is applied.
 * @param before what was there before it, and `allowed` what tables took then.
 * @param undone what the first rollback left of that, and `unmet` the writes that met no row in it.
 * @throws PgwrightError for everything but sections and rows that the server refuses.
 */
export async function tryNewRows(
  ways: Ways,
  open: Open,
  file: MigrationFile,
  {
    before,
    allowed,
    undone: base,
    unmet,
    ...options
  }: FillOptions & {
    readonly before: readonly TableSum[];
    readonly allowed: readonly Allowances[];
    readonly undone: readonly TableSum[];
    readonly unmet: readonly Write[];
  },
): Promise<NewRows> {
  const { ledger, role, log } = options;
  const sum = async (wanted?: readonly TableSum[]) => {
    await using session = await open({ writes: true, direct: true });
    return await sumRows(session, ledger, role, wanted);
  };
  const none = { rows: 0, changes: [], additions: [], notTried: [], unmet };
  const applied = await sum();
  const filled = await fill(open, applied, { ...options, allowed });
  if ("reason" in filled) return { ...none, unfilled: filled.reason };
  const { rows, notTried, partitions } = filled;
  if (rows === 0) return { ...none, notTried };
  const written = await sum();
  const parts = await sumParts(open, written, partitions, role);
  const { result: downFailure, unmet: stillUnmet } = await watchWrites(open, role, unmet, () =>
    attempt(() => undoOne(ways, open)),
  );
  const nothing = { ...none, rows, notTried, unmet: stillUnmet };
  if (downFailure) return { ...nothing, downFailure };
  const left = await sum(written);
  const undone = compareRows(written, left, log);
  const apart = sumWith(base, { from: applied, to: written });
  const apartChanges = compareRows(apart, left, log);
  const againFailure = await attempt(() => applyOne(ways, open, file));
  if (againFailure) return { ...nothing, againFailure };
  const redone = compareRows(written, await sum(written), log);
  const objects = new Set(redone.filter(isLoss).map(({ object }) => object));
  const lost = undone.filter(
    (change) =>
      isLoss(change) &&
      objects.has(change.object) &&
      (isAmong(change, apartChanges) || !isSummed(change, apart)),
  );
  const added = addedBetween(before, written);
  for (const table of goneWithParts(written, left, parts)) added.add(table);
  return {
    ...nothing,
    changes: lost.filter(({ object }) => !added.has(object)),
    additions: lost.filter(({ object }) => added.has(object)),
  };
}

/** Tables that have lost the rows of the partitions that the migration adds, and nothing else. */
function goneWithParts(
  written: readonly TableSum[],
  left: readonly TableSum[],
  parts: readonly TableSum[],
): string[] {
  return parts.flatMap((part) => {
    const { table, columns } = part;
    const whole = written.filter((one) => one.table === table);
    const nothing = { ...part, rows: 0, sum: "0", columns: columns.map(toNothing) };
    const rest = sumWith(whole, { from: [part], to: [nothing] });
    return compareRows(rest, left).some(isLoss) ? [] : [table];
  });
}

const toNothing = (column: ColumnSum) => ({ ...column, values: 0, sum: "0" });

/** What the new partitions of each table hold, together. */
async function sumParts(
  open: Open,
  written: readonly TableSum[],
  partitions: readonly NewPartition[],
  role: string | undefined,
): Promise<TableSum[]> {
  const tables = written.filter(({ table }) => partitions.some((one) => one.table === table));
  const sums: TableSum[] = [];
  if (tables.length === 0) return sums;
  await using session = await open({ writes: true, direct: true });
  for (const table of tables) {
    const own = partitions.flatMap((one) => (one.table === table.table ? [one.partition] : []));
    sums.push(await sumPartitions(session, role, table, own));
  }
  return sums;
}

const isLoss = ({ kind }: RowChange) => kind !== "rows-left";

/** The object is lost there as well, or the table that it is in. */
function isAmong({ object }: RowChange, changes: readonly RowChange[]): boolean {
  return changes.some(
    (one) => isLoss(one) && (one.object === object || object.startsWith(`${one.object}.`)),
  );
}

/** What the migration adds, or calls otherwise, was not there for the sums to be added to. */
function isSummed({ object }: RowChange, sums: readonly TableSum[]): boolean {
  return sums.some(
    ({ table, columns }) =>
      table === object || columns.some(({ name }) => `${table}.${ident(name)}` === object),
  );
}

/** As `seed --append` does; then what no row has by chance. */
async function fill(
  open: Open,
  tables: readonly TableSum[],
  { allowed, ...options }: FillOptions & { readonly allowed: readonly Allowances[] },
) {
  const none = { notTried: [], partitions: [] };
  if (tables.length === 0) return { rows: 0, ...none };
  await using session = await open({ writes: true, direct: true });
  const fresh = await markTime(session);
  const filled = await fillTables(session, tables, { ...options, isAfter: true });
  if ("reason" in filled) return filled;
  const { rows } = filled;
  if (rows === 0) return { rows, ...none };
  const now = await readAllowances(session, options.ledger);
  const notTried = await makeSpecialRows(session, listNewlyAllowed(allowed, now), fresh, options);
  return { rows, notTried, partitions: listNewPartitions(allowed, now) };
}

/** Objects that are there now and were not, as changes name them; another name makes no other object. */
function addedBetween(before: readonly TableSum[], now: readonly TableSum[]): Set<string> {
  const added = new Set<string>();
  for (const has of now) {
    const had = before.find(({ oid, table }) => oid === has.oid || table === has.table);
    if (!had) added.add(has.table);
    for (const column of has.columns) {
      const isOld = had?.columns.some(
        ({ number, name }) =>
          (had.oid === has.oid && number === column.number) || name === column.name,
      );
      if (!isOld) added.add(`${has.table}.${ident(column.name)}`);
    }
  }
  return added;
}
