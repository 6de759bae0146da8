/** Columns that count the rows of another table: `likes_count` beside a table `likes`. */
import { type Catalog, type Column, type ForeignKey, nameOf, type Table } from "./catalog.ts";
import { plainName } from "./plain-name.ts";
import type { SeedRequest } from "./request.ts";
import type { TableRows } from "./rows.ts";
import { Impossible, type Made } from "./scope.ts";
import { showWhole } from "./generators/whole.ts";

export interface Counted {
  readonly child: Table;
  /** The child's foreign key to the table with the counter. */
  readonly key: ForeignKey;
}

/** What a column counts: by its name, or as a seed file says; undefined for other columns. */
export function counterOf(
  { tables }: Catalog,
  request: SeedRequest,
  parent: Table,
  column: Column,
): Counted | undefined {
  const spec = request.tables[nameOf(parent)]?.columns[column.name]?.spec;
  const [, counted] = /^(\w+?)s?_(?:count|counter)$/.exec(plainName(column.name)) ?? [];
  const child = tables.find((table) =>
    spec
      ? spec.kind === "count" && nameOf(table) === spec.table
      : counted !== undefined &&
        [counted, `${counted}s`, `${counted}es`].includes(plainName(table.name)) &&
        table.foreignKeys.some(({ target }) => target === parent.oid),
  );
  const key = child?.foreignKeys.find(({ target }) => target === parent.oid);
  if (child && key) return { child, key };
  return spec || counted === undefined ? undefined : countedByKey(tables, parent, counted);
}

/**
 * What a counter means that is named after a column rather than a table: `children_count` of a tree,
 * and, beside a table of (follower_id, followed_id), `follower_count` and `following_count`.
 */
function countedByKey(
  tables: readonly Table[],
  parent: Table,
  counted: string,
): Counted | undefined {
  const own = parent.foreignKeys.find(({ target }) => target === parent.oid);
  if (own && /^(child(ren)?|repl(y|ie))$/.test(counted)) return { child: parent, key: own };
  for (const child of tables) {
    const keys = child.foreignKeys.filter(
      ({ target, columns }) => target === parent.oid && columns.length === 1,
    );
    const [one, other] = keys;
    if (child === parent || keys.length !== 2 || !one || !other) continue;
    const role = (key: ForeignKey) => plainName(key.columns[0] ?? "").replace(/_(id|uuid)$/, "");
    for (const [key, opposite] of [
      [one, other],
      [other, one],
    ] as const) {
      // The followers of a row are those whose other key is the row.
      if (role(key) === counted) return { child, key: opposite };
      // `following`, beside a `follower`, are those whom the row follows.
      if (role(key).endsWith("er") && counted === role(key).replace(/er$/, "ing")) {
        return { child, key };
      }
    }
  }
  return undefined;
}

/** A trigger of the children adds to the counter when they come. */
export function isKeptByTriggers(child: Table, column: Column): boolean {
  return child.triggerSources.some((source) => source.includes(column.name));
}

/** Undefined for a column that counts nothing. */
export function countChildren(rows: TableRows, column: Column): Made | undefined {
  if (!/_(count|counter)$/.test(plainName(column.name))) return undefined;
  const { catalog, request } = rows.world;
  const counted = counterOf(catalog, request, rows.table, column);
  if (counted) return countIn(rows, column, counted);
  const isNumber = /^\(?'?-?\d+/.test(column.default ?? "");
  return isNumber
    ? { text: () => "0", number: () => 0, how: "0, as nothing is counted yet" }
    : undefined;
}

/** @throws Impossible when the named table does not refer to this one. */
export function countNamed(rows: TableRows, column: Column, table: string): Made {
  const child = rows.world.catalog.tables.find((one) => nameOf(one) === table);
  const key = child?.foreignKeys.find(({ target }) => target === rows.table.oid);
  if (!child || !key) throw new Impossible(`${table} does not refer to ${rows.name}`);
  return countIn(rows, column, { child, key });
}

function countIn(rows: TableRows, column: Column, counted: Counted): Made {
  const { child } = counted;
  const isKept = isKeptByTriggers(child, column);
  const how = `how many ${child.name} there are`;
  if (isKept)
    return { text: () => "0", number: () => 0, how: `0; triggers of ${child.name} count` };
  let counts: Uint32Array | undefined;
  // Children that are drawn again may come to another parent.
  let redrawn = 0;
  const number = (row: number) => {
    const now = rows.world.rows(child.oid)?.redraws.count ?? 0;
    if (counts === undefined || redrawn !== now) counts = countOnce(rows, counted);
    redrawn = now;
    return counts[row - rows.first] ?? 0;
  };
  return { text: (row) => showWhole(number(row)), number, how };
}

function countOnce(rows: TableRows, { child, key }: Counted): Uint32Array {
  const counts = new Uint32Array(rows.count);
  const children = rows.world.rows(child.oid);
  const link = children?.links.find((one) => one.key.name === key.name);
  if (!children || !link) return counts;
  const before = link.source.count - rows.count;
  for (let row = 0; row < children.count; row += 1) {
    const parent = link.pick(row);
    if (parent !== null && parent >= before)
      counts[parent - before] = (counts[parent - before] as number) + 1;
  }
  return counts;
}
