import type { Node, Tree } from "../../db/script.ts";
import { as, findNodes, relationName, stringsOf } from "../../db/tree.ts";
import type { Effect } from "../../locks/effect.ts";
import { isAtLeast } from "../../locks/mode.ts";
import type { Model } from "../../locks/model.ts";
import { isSmall, keyOf } from "../../locks/model.ts";
import { columnOf } from "../rows.ts";
import { tableName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule, Step } from "../rule.ts";
import { inShort } from "../../db/sql-text.ts";

/** pgwright's lock_timeout bounds the wait for a lock, and nothing bounds how long it is held. */
export const workUnderLock: LintRule = {
  name: "work-under-lock",
  severity: "warning",
  summary: "long work in a transaction that has locked another table",
  why: "A lock is held until the transaction ends. What is brief by itself, ALTER TABLE … ADD COLUMN, blocks everybody for as long as the UPDATE, the index or the scan behind it takes.",
  safe: "-- the long work in a file before, or behind, the one that locks",
  judge: (step) => {
    if (step.before.length === 0) return [];
    const work = longWork(step);
    if (!work) return [];
    const held = firstOf(heldBy(step.before), work);
    if (!held) return [];
    return [
      {
        // Not `table`: by now another one may have its name, which the file has made.
        object: held.table,
        message: `${tableName(held.table)} stays locked (${held.lock}, since line ${held.line}) while \`${inShort(step.statement.text, 40)}\` works`,
        hint: `put the two into files of their own: each is a transaction`,
      },
    ];
  },
};

interface Held {
  readonly table: string;
  readonly lock: Effect["lock"];
  readonly line: number;
}

/** Gathered as a file goes on, so that each of its statements is looked at once. */
const gathered = new WeakMap<readonly Step[], { seen: number; readonly held: Map<string, Held> }>();

/** The first lock of each table that others wait for. */
function heldBy(before: readonly Step[]): ReadonlyMap<string, Held> {
  const known = gathered.get(before) ?? { seen: 0, held: new Map<string, Held>() };
  gathered.set(before, known);
  for (const { effects, own, line } of before.slice(known.seen)) {
    for (const { table, lock } of effects.flatMap(locksOf)) {
      // Nobody waits for a table that the file made, and may have dropped again since.
      const isWaitedFor = isAtLeast(lock, "SHARE ROW EXCLUSIVE") && !own.has(table);
      if (isWaitedFor && !known.held.has(table)) {
        known.held.set(table, { table, lock, line });
      }
    }
  }
  known.seen = before.length;
  return known.held;
}

/** The finding about the work itself says it of its own table. */
function firstOf(
  held: ReadonlyMap<string, Held>,
  { table, isWrite }: { table: string; isWrite: boolean },
): Held | undefined {
  for (const one of held.values()) if (one.table !== table || isWrite) return one;
  return undefined;
}

function locksOf({ table, lock, other }: Effect): { table: string; lock: Effect["lock"] }[] {
  return [{ table, lock }, ...(other ? [other] : [])];
}

/** The table that the statement reads or writes a great part of, unless it is new. */
function longWork(step: Step): { table: string; isWrite: boolean } | undefined {
  const { effects, model } = step;
  const isOld = (name: string) => {
    const table = model.table(name);
    return table?.isNew !== true && !(table && isSmall(table));
  };
  const slow = effects.find(({ work, table }) => work !== "none" && isOld(table));
  if (slow) return { table: slow.table, isWrite: false };
  const update = nodeOf(step, "UpdateStmt");
  const written = update ?? nodeOf(step, "DeleteStmt");
  const name = written?.relation && relationName(written.relation);
  if (written?.relation && name !== undefined && isOld(name)) {
    const others = update?.fromClause ?? nodeOf(step, "DeleteStmt")?.usingClause ?? [];
    return isOneRow(written.relation, others, written.whereClause, model)
      ? undefined
      : { table: keyOf(name), isWrite: true };
  }
  const filled = fillingQuery(step);
  const from = filled && sourceOf(filled, model);
  return from !== undefined && isOld(from) ? { table: keyOf(from), isWrite: true } : undefined;
}

/**
 * `WHERE key = constant`, of columns that are unique together, whatever else is asked. What is joined
 * to the row may be large by itself.
 */
function isOneRow(
  relation: Tree.RangeVar,
  others: readonly Node[],
  where: Node | undefined,
  model: Model,
): boolean {
  const table = model.table(relationName(relation));
  if (!table || others.length > 0) return false;
  const given = new Set(fixedColumns(where, relation));
  return model
    .indexesOf(table)
    .some(
      ({ isUnique, columns }) =>
        isUnique && columns.length > 0 && columns.every((column) => given.has(column)),
    );
}

/** The columns that must be equal to something that no row decides; a list of constants counts too. */
function fixedColumns(where: Node | undefined, relation: Tree.RangeVar): string[] {
  const all = as(where, "BoolExpr");
  if (all) {
    if (all.boolop !== "AND_EXPR") return [];
    return (all.args ?? []).flatMap((part) => fixedColumns(part, relation));
  }
  const comparison = as(where, "A_Expr");
  if (stringsOf(comparison?.name).join(".") !== "=") return [];
  const rows = { relation, isAlone: true };
  const sides = [
    [comparison?.lexpr, comparison?.rexpr],
    [comparison?.rexpr, comparison?.lexpr],
  ] as const;
  return sides.flatMap(([one, other]) => {
    const column = columnOf(one, rows);
    const isFixed =
      findNodes([other], "ColumnRef").length === 0 && findNodes([other], "SelectStmt").length === 0;
    return column !== undefined && isFixed ? [column] : [];
  });
}

/** The query from whose rows a table gets its own: INSERT … SELECT, CREATE TABLE … AS and its like. */
function fillingQuery(step: Step): Node | undefined {
  const insert = nodeOf(step, "InsertStmt");
  if (insert) return step.effects[0] && insert.selectStmt;
  const create = nodeOf(step, "CreateTableAsStmt");
  if (create) return create.into?.skipData ? undefined : create.query;
  return nodeOf(step, "SelectStmt")?.intoClause ? step.statement.node : undefined;
}

/** The first table of which a query reads more than a row that it names. */
function sourceOf(query: Node, model: Model): string | undefined {
  const sources = findNodes(query, "SelectStmt").flatMap(({ fromClause, whereClause }) => {
    const relation = as(fromClause?.[0], "RangeVar");
    if (!relation) return [];
    return isOneRow(relation, fromClause?.slice(1) ?? [], whereClause, model) ? [] : relation;
  });
  const [source] = sources;
  return source && relationName(source);
}
