/**
 * Counters beside the rows they count: those of rows that were there before are brought up to date
 * when children come, and all are held against the children at the end. What was not true before is
 * left as it is: nobody knows what it means.
 */
import { ident, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Catalog, Column, Table } from "./catalog.ts";
import { nameOf } from "./catalog.ts";
import { type Counted, counterOf, isKeptByTriggers } from "./counter.ts";
import type { SeedRequest } from "./request.ts";

export interface Counter extends Counted {
  readonly parent: Table;
  readonly column: Column;
  /** A temporary table of the parents whose counter was not true before; undefined without parents. */
  readonly untrue: string | undefined;
}

/**
 * The counters that loading these tables touches; remembers which of them are not true as they are.
 * What `watched` holds was looked at before.
 */
export async function watchCounters(
  session: Session,
  catalog: Catalog,
  request: SeedRequest,
  filled: ReadonlyMap<string, { readonly hadRows: boolean }>,
  watched: readonly Counter[],
): Promise<Counter[]> {
  const counters = [...watched];
  for (const parent of catalog.tables) {
    for (const column of parent.columns) {
      const counted = counterOf(catalog, request, parent, column);
      if (!counted || !(filled.has(counted.child.oid) || filled.has(parent.oid))) continue;
      const isWatched = watched.some(
        (one) => one.parent.oid === parent.oid && one.column.name === column.name,
      );
      if (isWatched) continue;
      const counter = { ...counted, parent, column, untrue: undefined };
      // A parent that is not filled has rows, or its children would not come.
      const isNew = filled.get(parent.oid)?.hadRows === false;
      counters.push(
        isNew ? counter : await rememberUntrue(session, counter, `filled_${counters.length}`),
      );
    }
  }
  return counters;
}

/** The counters of tables that stay beside children that are about to be emptied. */
export async function watchEmptied(
  session: Session,
  catalog: Catalog,
  request: SeedRequest,
  emptied: readonly Table[],
): Promise<Counter[]> {
  const counters: Counter[] = [];
  const isEmptied = (table: Table) => emptied.some(({ oid }) => oid === table.oid);
  for (const parent of catalog.tables.filter((table) => !isEmptied(table))) {
    for (const column of parent.columns) {
      const counted = counterOf(catalog, request, parent, column);
      if (!counted || !isEmptied(counted.child)) continue;
      const counter = { ...counted, parent, column, untrue: undefined };
      counters.push(await rememberUntrue(session, counter, `emptied_${counters.length}`));
    }
  }
  return counters;
}

async function rememberUntrue(session: Session, counter: Counter, name: string): Promise<Counter> {
  const untrue = `pgwright_untrue_${name}`;
  await session.query(`drop table if exists pg_temp.${untrue}`);
  await session.query(
    `create temporary table ${untrue} on commit drop as select ${keyOf(counter)} ${parentsWithCounts(counter)} where ${isWrong(counter)}`,
  );
  return { ...counter, untrue: `pg_temp.${untrue}` };
}

/**
 * Sets the counters that were true to what is left. TRUNCATE fires no row trigger, so triggers that
 * count the next rows would add to the number of those that went.
 */
export async function correctCounters(
  session: Session,
  counters: readonly Counter[],
): Promise<void> {
  for (const counter of counters) await correct(session, counter);
}

function whereWrong(counter: Counter): string {
  const { untrue } = counter;
  const isRemembered =
    untrue === undefined
      ? ""
      : ` and not exists (select from ${untrue} u where ${matches(counter, "u")})`;
  return `${isWrong(counter)}${isRemembered}`;
}

async function correct(session: Session, counter: Counter): Promise<void> {
  const { parent, column } = counter;
  await session.execute(
    `with late as (select ${keyOf(counter)}, coalesce(c.n, 0) as n ${parentsWithCounts(counter)} where ${whereWrong(counter)})
update ${qualified(parent.schema, parent.name)} p set ${ident(column.name)} = late.n from late where ${matches(counter, "late")}`,
  );
}

/** @throws PgwrightError `seed-impossible` naming a counter that is not true. */
export async function settleCounters(
  session: Session,
  counters: readonly Counter[],
): Promise<void> {
  for (const counter of counters) {
    const { parent, column, child, untrue } = counter;
    if (untrue !== undefined && !isKeptByTriggers(child, column)) await correct(session, counter);
    const { count } = await session.one<{ count: number }>(
      `select count(*)::float8 as count ${parentsWithCounts(counter)} where ${whereWrong(counter)}`,
    );
    if (count === 0) continue;
    throw new PgwrightError(
      "seed-impossible",
      `${nameOf(parent)}.${column.name} would not agree with ${nameOf(child)} in ${count} ${count === 1 ? "row" : "rows"}; nothing was written`,
      { hint: "say in a file of seeds/ how the column is filled" },
    );
  }
}

function keyOf({ key }: Counter): string {
  return key.targetColumns.map((name, n) => `p.${ident(name)} as k${n}`).join(", ");
}

function matches({ key }: Counter, other: string): string {
  return key.targetColumns.map((name, n) => `${other}.k${n} = p.${ident(name)}`).join(" and ");
}

function parentsWithCounts({ parent, child, key }: Counter): string {
  const columns = key.columns.map(ident).join(", ");
  const join = key.columns
    .map((name, n) => `c.${ident(name)} = p.${ident(key.targetColumns[n] ?? "")}`)
    .join(" and ");
  return `from ${qualified(parent.schema, parent.name)} p
left join (select ${columns}, count(*) as n from ${qualified(child.schema, child.name)} group by ${columns}) c on ${join}`;
}

function isWrong({ column }: Counter): string {
  return `p.${ident(column.name)} is distinct from coalesce(c.n, 0)`;
}
