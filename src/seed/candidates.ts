/** Lets the server judge rows by CHECK expressions before they go into their table. */
import { ident, literal, qualified } from "../db/identifier.ts";
import { scanTokens } from "../db/script.ts";
import { isPostgresError, type Session } from "../db/session.ts";
import type { Column, Type } from "./catalog.ts";
import { encode } from "./encode.ts";
import type { TableRows } from "./rows.ts";

export interface Judged {
  /** Numbers of the rows that some expression refuses, with the names of those expressions. */
  readonly refused: ReadonlyMap<number, readonly string[]>;
}

/** Every CHECK of the table and of its columns' domains, as one condition each. */
export interface Condition {
  /** No two conditions of a table have the same. */
  readonly name: string;
  readonly expression: string;
  /** The expression as a domain has it. */
  readonly written?: string;
}

export function conditionsOf(rows: TableRows): Condition[] {
  const { table, world } = rows;
  const ofDomains = table.columns.flatMap((column) =>
    conditionsOfType(
      world.catalog.types.get(column.type),
      ident(column.name),
      world.catalog.types,
    ).map((condition) => ({ ...condition, name: `${condition.name} in ${column.name}` })),
  );
  return [...table.checks, ...ofDomains];
}

type Types = ReadonlyMap<string, Type>;

/** What domains ask of a value, and of each element of a list of them. */
function conditionsOfType(type: Type | undefined, value: string, types: Types): Condition[] {
  if (type?.kind === "d") {
    const own = (type.checks ?? []).map(({ name, expression }) => ({
      name: `${name} of domain ${type.name}`,
      expression: withValue(expression, value),
      written: expression,
    }));
    return [...own, ...conditionsOfType(types.get(type.base ?? ""), value, types)];
  }
  if (type === undefined || type.element === null) return [];
  // Of lists in lists too, unnest() gives the innermost elements.
  const element = "pgwright_element.value";
  return conditionsOfType(types.get(type.element), element, types).map(
    ({ expression, ...more }) => ({
      ...more,
      expression: `not exists (select from unnest(${value}) as pgwright_element(value) where (${expression}) is false)`,
    }),
  );
}

/** The domain's `VALUE`, wherever it stands, becomes the column or what else holds the value. */
function withValue(expression: string, value: string): string {
  const bytes = Buffer.from(expression);
  let text = "";
  let end = 0;
  for (const token of scanTokens(expression)) {
    if (token.text !== "VALUE") continue;
    text += bytes.subarray(end, token.start).toString() + value;
    end = token.end;
  }
  return text + bytes.subarray(end).toString();
}

/** The column's type with what domains are made of in their place, as SQL. */
function withoutDomains(column: Column, types: Types): string {
  let type = types.get(column.type);
  let name = column.typeName;
  while (type?.kind === "d") {
    const base = types.get(type.base ?? "");
    name = base?.typeName ?? name;
    type = base;
  }
  let element = types.get(type?.element ?? "");
  if (element?.kind !== "d") return name;
  while (element?.kind === "d") element = types.get(element.base ?? "");
  return element ? `${element.typeName}[]` : name;
}

const place = "pg_temp.pgwright_candidates";

/**
 * A temporary table like the real one, without its constraints, and with what domains are made of
 * instead of the domains; and the conditions that can be asked of it. A check that calls a function
 * of the table's own row type cannot.
 */
export async function prepareCandidates(session: Session, rows: TableRows): Promise<Condition[]> {
  const { types } = rows.world.catalog;
  const columns = rows.table.columns.map((column) => {
    const generated = column.isGenerated ? ` generated always as (${column.default}) stored` : "";
    return `${ident(column.name)} ${withoutDomains(column, types)}${generated}`;
  });
  await session.query(`drop table if exists ${place}`);
  await session.query(
    `create temporary table pgwright_candidates (${[...columns, '"(row)" int8'].join(", ")}) on commit drop`,
  );
  const askable: Condition[] = [];
  for (const condition of conditionsOf(rows)) {
    await session.query("savepoint pgwright_condition");
    try {
      await session.query(question([condition], rows));
      await session.query("release savepoint pgwright_condition");
      askable.push(condition);
    } catch (error) {
      if (!isPostgresError(error)) throw error;
      await session.query("rollback to savepoint pgwright_condition");
    }
  }
  return askable;
}

function question(conditions: readonly Condition[], rows: TableRows): string {
  const cases = conditions.map(
    ({ name, expression }) => `case when (${expression}) is false then ${literal(name)} end`,
  );
  return `select "(row)"::float8 as row, to_json(array_remove(array[${cases.join(", ")}]::text[], null)) as names
from ${place} as ${ident(rows.table.name)}
where ${conditions.map(({ expression }) => `(${expression}) is false`).join(" or ")}`;
}

/** Which of these rows the conditions refuse, as the rows are drawn now. */
export async function judge(
  session: Session,
  rows: TableRows,
  conditions: readonly Condition[],
  numbers: readonly number[],
): Promise<Judged> {
  const { columns } = rows;
  if (conditions.length === 0) return { refused: new Map() };
  await session.query(`truncate ${place}`);
  const names = [...columns.map(({ column }) => ident(column.name)), '"(row)"'];
  const lines = numbers.map(
    (row) => `${columns.map(({ made }) => encode(made.text(row))).join("\t")}\t${row}\n`,
  );
  await session.copyIn(`copy ${place} (${names.join(", ")}) from stdin`, [
    Buffer.from(lines.join("")),
  ]);
  const found = await session.query<{ row: number; names: string[] }>(question(conditions, rows));
  return { refused: new Map(found.map(({ row, names: failed }) => [row, failed])) };
}

/** The table as messages name it. */
export function sqlName({ table }: TableRows): string {
  return qualified(table.schema, table.name);
}
