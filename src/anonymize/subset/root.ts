/** The rows that a subset begins with. */
import type { Session } from "../../db/session.ts";
import { isPostgresError } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import findTable from "./table.sql";

/** `--subset "shop.users: created_at > now() - interval '90 days'"`. */
export interface RootText {
  /** `schema.name`, quoted where PostgreSQL needs it. */
  readonly table: string;
  /** SQL over the table's columns. */
  readonly condition: string;
}

export interface SubsetRequest {
  readonly roots: readonly RootText[];
  /** At most so many rows of each root. */
  readonly size: number | undefined;
}

const name = String.raw`(?:"(?:[^"]|"")+"|[^\s".:]+)`;
const format = new RegExp(String.raw`^\s*(${name}\.${name})\s*:\s*(\S[\s\S]*)$`);

/** @throws PgwrightError `usage`. */
export function parseRoot(text: string): RootText {
  const [, table, condition] = format.exec(text) ?? [];
  if (table !== undefined && condition !== undefined) return { table, condition };
  throw new PgwrightError("usage", `\`--subset\` has no table and condition in it: ${text}`, {
    hint: `write it as \`--subset "shop.users: created_at > now() - interval '90 days'"\`; \`true\` means all rows`,
  });
}

/** Rows by the oid of the table that holds them. */
export type RowsByTable = Map<number, number[]>;

interface TableRow {
  readonly name: string;
  readonly isDivided: boolean;
}

/**
 * The first rows for which the condition holds, in the order they lie in.
 *
 * @throws PgwrightError `relation-unknown`; `copy-refused` for a condition that is no SQL, or finds
 * nothing.
 */
export async function findRoots(
  session: Session,
  { table, condition }: RootText,
  size: number | undefined,
): Promise<RowsByTable> {
  const [found] = await session.query<TableRow>(findTable, [table]);
  if (found === undefined) {
    throw new PgwrightError(
      "relation-unknown",
      `\`--subset\` names ${table}, and there is no such table`,
      {
        hint: "nothing was written; write it with its schema, as in `shop.users`",
      },
    );
  }
  const from = found.isDivided ? found.name : `only ${found.name}`;
  // The line break ends a comment in the condition.
  const sql = `select t.tableoid::int8::float8 as leaf, ${placeOf("t")} as place
    from ${from} t where (${condition}\n) ${size === undefined ? "" : `limit ${size}`}`;
  let rows: { leaf: number; place: number }[];
  try {
    rows = await session.query(sql);
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    throw new PgwrightError(
      "copy-refused",
      `the condition of \`--subset\` for ${table} fails: ${error.message}`,
      {
        sqlstate: error.code,
        hint: "nothing was written; it is SQL over the table's columns, other names with their schema",
      },
    );
  }
  if (rows.length === 0) {
    throw new PgwrightError(
      "copy-refused",
      `no row of ${table} fits the condition of \`--subset\``,
      {
        notes: [condition],
        hint: "nothing was written",
      },
    );
  }
  const byTable: RowsByTable = new Map();
  for (const { leaf, place } of rows) push(byTable, leaf, place);
  return byTable;
}

export function push(map: RowsByTable, table: number, place: number): void {
  const list = map.get(table);
  if (list) list.push(place);
  else map.set(table, [place]);
}

/** Where a row lies, as a number: block × 65,536 + line pointer. Below 2^48, so a double holds it. */
export function placeOf(alias: string): string {
  return `(((${alias}.ctid::text::point)[0]) * 65536 + ((${alias}.ctid::text::point)[1]))::float8`;
}

/** `{"(0,1)","(0,2)"}`: rows as an array of tid. */
export function asTids(places: readonly number[]): string {
  const tids = places.map((place) => `"(${Math.floor(place / 65536)},${place % 65536})"`);
  return `{${tids.join(",")}}`;
}
