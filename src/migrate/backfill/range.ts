/** Keys and ranges of keys as SQL, which means the same under any settings of the session. */
import { ident, literal } from "../../db/identifier.ts";
import type { KeyColumn } from "./key.ts";

/** What comes behind these values, by the operators of the key's own order. */
export function behindSql(
  key: readonly KeyColumn[],
  alias: string,
  values: readonly string[],
): string {
  return compareSql(key, alias, values, ">");
}

/** What comes before these values, or is them. */
export function upToSql(
  key: readonly KeyColumn[],
  alias: string,
  values: readonly string[],
): string {
  return compareSql(key, alias, values, "<=");
}

/**
 * An index is used for a comparison of rows; that has one operator for all columns. Named with its schema:
 * where that of citext is not in the search_path, `>` would be that of text, and ORDER BY another order.
 */
function compareSql(
  key: readonly KeyColumn[],
  alias: string,
  values: readonly string[],
  sign: ">" | "<=",
): string {
  const places = key.map(({ name }) => `${ident(alias)}.${ident(name)}`);
  const constants = key.map(({ type }, i) => `${literal(values[i] ?? null)}::${type}`);
  const [operator, ...others] = new Set(key.map(({ operators }) => operators[sign]));
  if (others.length === 0) return `(${places.join(", ")}) ${operator} (${constants.join(", ")})`;
  const strict = sign === ">" ? ">" : "<";
  const compare = (at: number): string => {
    const of = (one: keyof KeyColumn["operators"]) =>
      `${places[at]} ${key[at]?.operators[one]} ${constants[at]}`;
    if (at === key.length - 1) return of(sign);
    const further = `(${of(strict)} or (${of("=")} and ${compare(at + 1)}))`;
    // For an index on the first column.
    return at === 0 ? `(${of(sign === ">" ? ">=" : "<=")} and ${further})` : further;
  };
  return compare(0);
}

/** The values of a key as a JSON array of texts; null for NULL. Not by a cast to text, which may be anything. */
export function textsSql(key: readonly KeyColumn[], alias: string): string {
  return `json_build_array(${key.map((column) => textSql(column, alias)).join(", ")})`;
}

function textSql({ name }: KeyColumn, alias: string): string {
  const place = `${ident(alias)}.${ident(name)}`;
  return `case when num_nulls(${place}) = 0 then format('%s', ${place}) end`;
}

/** True where those texts mean the key they were made of. */
export function isExactSql(key: readonly KeyColumn[], alias: string): string {
  return key
    .map(
      (column) =>
        `(${textSql(column, alias)})::${column.type} ${column.operators["="]} ${ident(alias)}.${ident(column.name)}`,
    )
    .join(" and ");
}

export function orderSql(key: readonly KeyColumn[], alias: string, direction: string): string {
  return key.map(({ name }) => `${ident(alias)}.${ident(name)}${direction}`).join(", ");
}
