/** Rows that several statements take, by way of a partition and of what it is a part of: each is lost, and kept, once. */
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import type { Loss } from "./count-loss.ts";
import { countLoss } from "./count-loss.ts";
import type { Lost } from "./data-loss.ts";
import { heirsOf, notInSql } from "./heirs.ts";
import { guardSql } from "./loss-guard.ts";
import type { Suspect } from "./suspect.ts";
import { partOf, placesOf, reachOfSuspect, sparing } from "./suspect.ts";
import type { Table } from "./table-names.ts";
import { sqlOf } from "./table-names.ts";

/** What is lost once each row is counted with the first that takes it. */
export interface Parted {
  readonly lost: readonly Lost[];
  readonly losses: readonly Loss[];
  /** SQL that makes sure, right before a statement, of what others have taken by then. */
  readonly guards: ReadonlyMap<Statement, readonly string[]>;
}

/**
 * The first statement that takes a row has it, and of one statement the smallest table. What may
 * only perhaps take rows has those that nothing else takes. `losses` are all by their object.
 */
export async function partOverlaps(
  session: Session,
  lost: readonly Lost[],
  losses: ReadonlyMap<string, Loss>,
): Promise<Parted> {
  const winners = widest(lost);
  const candidates = [...new Set(winners.values())];
  const tables = [...new Set(candidates.map(({ suspect: { table } }) => table))];
  if (candidates.length < 2) return { lost, losses: [...losses.values()], guards: new Map() };
  const trees = await heirsOf(session, tables);
  // What several statements take together is gone behind the last of them.
  const lastOf = (one: Lost) => {
    const reach = reachOfSuspect(one.suspect);
    return lost.findLast(
      (other) => winners.get(other) === one && reachOfSuspect(other.suspect) === reach,
    )?.statement;
  };
  const order = inOrder(candidates, (one) => [
    one.suspect.isUpperBound === true ? 1 : 0,
    lost.findIndex(({ statement }) => statement === lastOf(one)),
    trees.get(one.suspect.table)?.length ?? 0,
  ]);
  const left = new Map<Lost, Lost | undefined>(order.map((one) => [one, one]));
  const guards = new Map<Statement, readonly string[]>();
  for (const [i, one] of order.entries()) {
    const { suspect } = one;
    const statement = lastOf(one) ?? one.statement;
    const others = order
      .slice(0, i)
      .filter((other) => share(trees.get(other.suspect.table), trees.get(suspect.table)));
    if (others.length === 0) continue;
    const rest = sparing(
      suspect,
      others.map((other) => notAmongSql(other.suspect, trees)),
      others
        .filter((other) => lastOf(other) === statement)
        .map(({ suspect: { rowsThen } }) => notAmongRows(rowsThen)),
    );
    const { loss } = await countLoss(session, rest);
    // A number is better than none, though it be too high.
    const counted = loss?.rows === null ? one.loss : loss;
    left.set(one, counted && { ...one, suspect: rest, loss: counted });
    if (counted || suspect.isUpperBound === true) continue;
    const guard = guardSql([{ ...rest, isProvenBySize: false }]);
    guards.set(statement, [...(guards.get(statement) ?? []), ...guard]);
  }
  return {
    lost: lost.flatMap((one) => {
      const winner = winners.get(one);
      if (!winner) return [one];
      const rest = left.get(winner);
      if (!rest || one === winner) return rest ?? [];
      return [{ ...one, suspect: { ...one.suspect, spared: rest.suspect.spared ?? [] } }];
    }),
    losses: [...losses].flatMap(([object, loss]) => {
      const own = candidates.filter((one) => one.suspect.object === object);
      return own.length === 0 ? [loss] : own.flatMap((one) => left.get(one)?.loss ?? []);
    }),
    guards,
  };
}

/**
 * What takes rows, each with the first that takes most of the same: of the same table, and without the
 * same partitions that have left it by then.
 */
function widest(lost: readonly Lost[]): Map<Lost, Lost> {
  const groups = new Map<string, Lost[]>();
  for (const one of lost) {
    const { column, isForeign, untold } = one.suspect;
    if (column !== undefined || isForeign || untold !== undefined) continue;
    const key = partOf(one.suspect);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return new Map(
    [...groups.values()].flatMap((group) => {
      const reach = Math.max(...group.map(({ suspect }) => reachOfSuspect(suspect)));
      const winner = group.find(({ suspect }) => reachOfSuspect(suspect) === reach);
      return group.flatMap((one) => (winner ? [[one, winner] as const] : []));
    }),
  );
}

function inOrder(candidates: readonly Lost[], rank: (one: Lost) => readonly number[]): Lost[] {
  const ranks = new Map(candidates.map((one) => [one, rank(one)]));
  return candidates.toSorted((one, other) => {
    const theirs = ranks.get(other) ?? [];
    const differences = (ranks.get(one) ?? []).map((value, i) => value - (theirs[i] ?? 0));
    return differences.find((difference) => difference !== 0) ?? 0;
  });
}

function share(one: readonly Table[] = [], other: readonly Table[] = []): boolean {
  const names = new Set(one.map(sqlOf));
  return other.some((table) => names.has(sqlOf(table)));
}

/** True for a row `pgwright_t` that the suspect does not take. */
function notAmongSql(
  { table, rows }: Suspect,
  trees: ReadonlyMap<string, readonly Table[]>,
): string {
  const holders = (trees.get(table) ?? []).filter(({ kind }) => kind !== "p");
  return rows === `select from ${table}` ? notInSql(holders) : notAmongRows(rows);
}

/** As a join: a list that does not fit into memory would be read once for each row. */
function notAmongRows(rows: string): string {
  return `not exists (select from (${placesOf(rows)}\n) as pgwright_e (o, c) where pgwright_e.o = pgwright_t.tableoid and pgwright_e.c = pgwright_t.ctid)`;
}
