/**
 * A subset that is whole: the rows of the roots, all rows that refer to them (and to those), and
 * whatever any of these refer to. What refers to a row that is only referred to stays out, or one
 * popular row would bring in everything.
 */
import type { Session } from "../../db/session.ts";
import { formatCount } from "../../db/amount.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import listForeignKeys from "./foreign-keys.sql";
import { asTids, findRoots, placeOf, push, type RowsByTable, type SubsetRequest } from "./root.ts";

interface ForeignKey {
  readonly childName: string;
  readonly isChildDivided: boolean;
  readonly parentName: string;
  readonly isParentDivided: boolean;
  readonly childLeaves: readonly number[];
  readonly parentLeaves: readonly number[];
  /** `p.id operator(pg_catalog.=) c.team` */
  readonly condition: string;
}

/** A table with rows, as far as the closure needs it. */
export interface Leaf {
  readonly oid: number;
  /** `schema.name`, quoted where needed. */
  readonly id: string;
}

// Of a set's numbers; 150 MB is what the whole process may take.
const mostRows = 1_500_000;
const batchRows = 5000;

/**
 * The rows of the subset, by table; tables of which none are in it are absent. Reads in the
 * session's transaction and writes nothing, so it also works on a standby. Cycles end, because a
 * row is followed once in each direction.
 *
 * @throws PgwrightError `copy-refused` for a subset of over 1.5 million rows, and those of the roots.
 */
export async function closeSubset(
  session: Session,
  leaves: readonly Leaf[],
  { roots, size }: SubsetRequest,
  events: EventListener,
): Promise<RowsByTable> {
  const foreignKeys = await session.query<ForeignKey>(listForeignKeys);
  const names = new Map(leaves.map(({ oid, id }) => [oid, id]));
  const subset = new Subset(names);
  for (const root of roots) subset.add(await findRoots(session, root, size), "down");
  for (let batch = subset.next(); batch !== undefined; batch = subset.next()) {
    const { table, direction, places } = batch;
    const name = names.get(table) ?? "";
    const tids = asTids(places);
    for (const key of foreignKeys) {
      if (key.childLeaves.includes(table)) {
        const parent = `${key.isParentDivided ? "" : "only "}${key.parentName}`;
        const sql = follow("p", `only ${name} c join ${parent} p on ${key.condition}`, "c");
        subset.add(await collect(session, sql, tids), "up");
      }
      if (direction === "down" && key.parentLeaves.includes(table)) {
        const child = `${key.isChildDivided ? "" : "only "}${key.childName}`;
        const sql = follow("c", `only ${name} p join ${child} c on ${key.condition}`, "p");
        subset.add(await collect(session, sql, tids), "down");
      }
    }
    events({
      type: "step-progress",
      title: "finding the rows of the subset",
      detail: `${formatCount(subset.count)} so far`,
    });
  }
  return subset.rows();
}

function follow(wanted: "c" | "p", from: string, given: "c" | "p"): string {
  return `select distinct ${wanted}.tableoid::int8::float8 as leaf, ${placeOf(wanted)} as place
    from ${from} where ${given}.ctid = any ($1::text::tid[])`;
}

async function collect(session: Session, sql: string, tids: string): Promise<RowsByTable> {
  const byTable: RowsByTable = new Map();
  for (const { leaf, place } of await session.query<{ leaf: number; place: number }>(sql, [tids])) {
    push(byTable, leaf, place);
  }
  return byTable;
}

type Direction = "down" | "up";

/** What is in it, and what has not been followed yet. */
class Subset {
  readonly #names: ReadonlyMap<number, string>;
  readonly #seen: Record<Direction, Map<number, Set<number>>> = { down: new Map(), up: new Map() };
  readonly #open: Record<Direction, RowsByTable> = { down: new Map(), up: new Map() };
  count = 0;

  constructor(names: ReadonlyMap<number, string>) {
    this.#names = names;
  }

  /** Rows that were reached downward have been followed upward, too. */
  add(rows: RowsByTable, direction: Direction): void {
    for (const [table, places] of rows) {
      // A table that is not copied (an extension's).
      if (!this.#names.has(table)) continue;
      const down = setOf(this.#seen.down, table);
      const up = setOf(this.#seen.up, table);
      for (const place of places) {
        if (down.has(place) || (direction === "up" && up.has(place))) continue;
        if (up.has(place)) up.delete(place);
        else this.count += 1;
        (direction === "down" ? down : up).add(place);
        push(this.#open[direction], table, place);
      }
    }
    if (this.count > mostRows) {
      throw new PgwrightError("copy-refused", `the subset has over ${formatCount(mostRows)} rows`, {
        hint: "nothing was written; narrow the condition, or give a smaller --subset-size",
      });
    }
  }

  next(): { table: number; direction: Direction; places: number[] } | undefined {
    for (const direction of ["down", "up"] as const) {
      for (const [table, places] of this.#open[direction]) {
        const batch = places.splice(0, batchRows);
        if (places.length === 0) this.#open[direction].delete(table);
        return { table, direction, places: batch };
      }
    }
    return undefined;
  }

  rows(): RowsByTable {
    const found: RowsByTable = new Map();
    for (const seen of [this.#seen.down, this.#seen.up]) {
      for (const [table, places] of seen) {
        const all = [...(found.get(table) ?? []), ...places];
        if (all.length > 0) found.set(table, all);
      }
    }
    for (const places of found.values()) places.sort((a, b) => a - b);
    return found;
  }
}

function setOf(map: Map<number, Set<number>>, table: number): Set<number> {
  const known = map.get(table) ?? new Set();
  map.set(table, known);
  return known;
}
