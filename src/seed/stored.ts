/** Reads the keys of rows that are there already, for what refers to them. */
import { ident, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Table } from "./catalog.ts";
import { birthColumn } from "./generators/time.ts";
import { plainName } from "./plain-name.ts";
import type { StoredRows } from "./source.ts";

/** More parents than this are not needed to refer to; they would only fill the memory. */
const mostRows = 1_000_000;

/** The given columns and the time of birth, in the order of the columns' texts. */
export async function readStored(
  session: Session,
  table: Table,
  columns: readonly string[],
): Promise<StoredRows> {
  const birth = table.columns.find(
    ({ name, typeName }) => birthColumn.test(plainName(name)) && /^(timestamp|date)/.test(typeName),
  );
  const list = columns.map((name, n) => `${ident(name)}::text as c${n}`);
  const time =
    birth === undefined
      ? "null"
      : `case when isfinite(${ident(birth.name)}) then floor(extract(epoch from ${ident(birth.name)}))::float8 end`;
  const keys = columns.map((name) => `${ident(name)}::text collate "C"`).join(", ");
  const rows = await session.query(
    `select ${[...list, `${time} as born`].join(", ")} from ${qualified(table.schema, table.name)} order by ${keys || "1"} limit ${mostRows}`,
  );
  return {
    count: rows.length,
    columns: new Map(
      columns.map((name, n) => [name, rows.map((row) => row[`c${n}`] as string | null)]),
    ),
    born: birth && rows.map((row) => (row["born"] as number | null) ?? 0),
  };
}

export async function hasRows(session: Session, table: Table): Promise<boolean> {
  const { found } = await session.one<{ found: boolean }>(
    `select exists (select from ${qualified(table.schema, table.name)}) as found`,
  );
  return found;
}

export async function countRows(session: Session, table: Table): Promise<number> {
  const { rows } = await session.one<{ rows: number }>(
    `select count(*)::float8 as rows from ${qualified(table.schema, table.name)}`,
  );
  return rows;
}
