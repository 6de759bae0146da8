/** Holds the values in seed files against the types and checks of their columns, before any row. */
import { ident, literal } from "../db/identifier.ts";
import { isPostgresError, type Session } from "../db/session.ts";
import { type Location, PgwrightError } from "../errors.ts";
import { type Catalog, type Column, nameOf, type Table } from "./catalog.ts";
import { readChecks } from "./check.ts";
import { columnsIn } from "./expression.ts";
import { showValue } from "./generators/spec.ts";
import type { Named } from "./names.ts";
import type { ColumnRequest, Spec } from "./request.ts";

interface Misfit {
  readonly at: Location | undefined;
  readonly message: string;
}

/**
 * The server judges the values: they are written to temporary tables of one column, within the
 * caller's transaction.
 *
 * @throws PgwrightError `seeds-invalid` with every value that its column does not take.
 */
export async function checkValues(
  session: Session,
  catalog: Catalog,
  { request, places }: Named,
): Promise<void> {
  const misfits: Misfit[] = [];
  for (const [name, { columns }] of Object.entries(request.tables)) {
    const table = catalog.tables.find((one) => nameOf(one) === name);
    for (const [columnName, asked] of Object.entries(columns)) {
      const column = table?.columns.find((one) => one.name === columnName);
      if (!table || !column) continue;
      const at = places.get(`${name}.${columnName}`) ?? places.get(name);
      const messages = [
        ...refuseNulls(catalog, table, column, asked),
        ...(await refuseValues(session, catalog, table, column, asked.spec)),
      ];
      misfits.push(...messages.map((message) => ({ at, message: `${name}: ${message}` })));
    }
  }
  const [first] = misfits;
  if (!first) return;
  throw new PgwrightError(
    "seeds-invalid",
    misfits.length === 1
      ? first.message
      : `the seed files ask for ${misfits.length} things that columns do not take`,
    {
      at: first.at,
      notes: [
        "nothing was written",
        ...(misfits.length === 1
          ? []
          : misfits.map(({ at, message }) =>
              at ? `${at.file}:${at.line}:${at.column} ${message}` : message,
            )),
      ],
      hint: "change the values, or leave the column out: it is filled by its type, name and checks",
    },
  );
}

function refuseNulls(
  { types }: Catalog,
  table: Table,
  column: Column,
  { spec, nullShare = 0 }: ColumnRequest,
): string[] {
  const rule = readChecks(
    table.checks.map(({ expression }) => expression),
    0,
  ).get(column.name);
  const type = types.get(column.type);
  const isNotNull = column.isNotNull || type?.isNotNull === true || rule?.isNotNull === true;
  if (!isNotNull) return [];
  const isJson = type?.name === "json" || type?.name === "jsonb";
  const isNull =
    !isJson &&
    ((spec?.kind === "constant" && spec.value === null) ||
      (spec?.kind === "weights" && spec.values.includes(null)));
  return [
    ...(nullShare > 0
      ? [`\`${column.name}\` is NOT NULL, and \`null_share: ${nullShare}\` asks for NULL`]
      : []),
    ...(isNull ? [`\`${column.name}\` is NOT NULL, and null is among its values`] : []),
  ];
}

const place = "pg_temp.pgwright_value";

async function refuseValues(
  session: Session,
  { types }: Catalog,
  table: Table,
  column: Column,
  spec: Spec | undefined,
): Promise<string[]> {
  const type = types.get(column.type);
  const isJson = type?.name === "json" || type?.name === "jsonb";
  const values = valuesOf(spec, isJson);
  if (values.length === 0) return [];
  // Ends of a range that a check refuses are drawn again; those that the type refuses are not.
  const checks =
    spec?.kind === "range"
      ? []
      : table.checks.filter(({ expression }) => {
          const named = columnsIn(expression);
          return named.length === 1 && named[0] === column.name;
        });
  await session.query(`drop table if exists ${place}`);
  await session.query(
    `create temporary table pgwright_value (${ident(column.name)} ${column.typeName}) on commit drop`,
  );
  if ((await refusalOf(session, checks, values)) === undefined) return [];
  const messages: string[] = [];
  for (const value of values) {
    const why = await refusalOf(session, checks, [value]);
    if (why !== undefined) messages.push(`\`${column.name}\` does not take ${value}: ${why}`);
  }
  return messages;
}

/** Why the server does not take one of the values; undefined where it takes them all. */
async function refusalOf(
  session: Session,
  checks: Table["checks"],
  values: readonly string[],
): Promise<string | undefined> {
  await session.query("savepoint pgwright_value");
  try {
    await session.query(
      `insert into ${place} values ${values.map((value) => `(${literal(value)})`).join(", ")}`,
    );
    for (const { name, expression } of checks) {
      const { refused } = await session.one<{ refused: boolean }>(
        `select coalesce(bool_or((${expression}) is false), false) as refused from ${place}`,
      );
      if (refused) return `${name} wants ${expression}`;
    }
    return undefined;
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    return error.message;
  } finally {
    if (!session.isDead) await session.query("rollback to savepoint pgwright_value");
  }
}

/** The values as they would be sent, without NULL. */
function valuesOf(spec: Spec | undefined, isJson: boolean): string[] {
  const all: unknown[] =
    spec?.kind === "constant"
      ? [spec.value]
      : spec?.kind === "weights"
        ? [...spec.values]
        : spec?.kind === "range"
          ? [spec.min, spec.max]
          : [];
  return all.map((value) => showValue(value, isJson)).filter((value) => value !== null);
}
