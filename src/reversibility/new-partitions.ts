/** Rows for the partitions that a migration makes, or attaches. */
import { ident, literal, qualified } from "../db/identifier.ts";
import type { Node } from "../db/script.ts";
import { as } from "../db/tree.ts";
import { keyColumns, parseBound } from "../seed/bounds.ts";
import { constantOf } from "../seed/expression.ts";
import type { Allowances, Partition, TablePair } from "./allowances.ts";
import { pairTables } from "./allowances.ts";
import type { Wish } from "./special-rows.ts";
import { changeOne, rowsToTry } from "./special-rows.ts";

/** A default partition takes what had no place before, and what that may be is left to chance. */
export function wishesForPartitions(pair: TablePair): Wish[] {
  return newPartitions(pair)
    .filter(({ bound }) => bound !== "DEFAULT")
    .map((partition) => wishFor(pair, partition));
}

export interface NewPartition {
  /** Both `schema.name` as SQL: the table over all of them, and the part. */
  readonly table: string;
  readonly partition: string;
}

/** Without those that are parts of others. */
export function listNewPartitions(
  before: readonly Allowances[],
  now: readonly Allowances[],
): readonly NewPartition[] {
  return pairTables(before, now).flatMap((pair) => {
    const parts = newPartitions(pair).map(({ schema, name, parent }) => ({
      table: pair.sql,
      partition: qualified(schema, name),
      parent,
    }));
    return parts.filter(({ parent }) => !parts.some(({ partition }) => partition === parent));
  });
}

/** Those that the table did not have. */
function newPartitions({ had, has }: TablePair): readonly Partition[] {
  return has.partitions.filter(({ oid }) => !had.partitions.some((one) => one.oid === oid));
}

function wishFor({ sql, has }: TablePair, partition: Partition): Wish {
  const { schema, name, parent, key, bound } = partition;
  const place = qualified(schema, name);
  const what = `a row in ${place}`;
  const isThere = (fresh: string) =>
    `select exists (select from ${place} t where ${fresh}) as there`;
  const columns = keyColumns(key);
  const known = columns.filter((column) => column !== undefined);
  if (known.length < columns.length) {
    const impossible = `${parent} is divided by an expression`;
    return { what, isThere, changes: () => [], impossible };
  }
  const typeOf = (column: string) => has.columns.find((one) => one.name === column);
  const places = placesIn(bound, (nth) => typeOf(known[nth] ?? "")?.category);
  const always = has.columns.filter((one) => one.isAlways && known.includes(one.name));
  return {
    what,
    isThere,
    // Rows of the table above it, which may be a part itself; they move by what they are changed to.
    changes: (fresh) =>
      places.flatMap((values) =>
        Array.from({ length: rowsToTry }, (_, nth) =>
          changeOne(
            parent,
            known.map((column, n) => `${ident(column)} = ${values[n] ?? "NULL"}`).join(", "),
            fresh,
            { nth },
          ),
        ),
      ),
    always: always.map((column) => [sql, ident(column.name)] as const),
  };
}

/**
 * Values of the key that lie in a partition, as SQL: the lower bound, which is inside, or what is just
 * below the upper one. A row by hash lands where it lands.
 */
function placesIn(
  text: string,
  categoryOf: (nth: number) => string | undefined,
): readonly (readonly string[])[] {
  const bound = parseBound(text);
  if (!bound) return [];
  const listed = (bound.listdatums ?? []).map(valueOf).filter((value) => value !== undefined);
  if (listed.length > 0) return listed.map((value) => [value]);
  const lower = (bound.lowerdatums ?? []).map(valueOf);
  if (lower.length === 0) return [];
  if (!lower.includes(undefined)) return [lower as string[]];
  // From MINVALUE on.
  const upper = (bound.upperdatums ?? []).map((node, n) => below(valueOf(node), categoryOf(n)));
  const mixed = lower.map((value, n) => value ?? upper[n]);
  return mixed.includes(undefined) ? [] : [mixed as string[]];
}

/** Undefined for MINVALUE and MAXVALUE. */
function valueOf(node: Node): string | undefined {
  if (as(node, "A_Const")?.isnull) return "NULL";
  const constant = constantOf(node, 0);
  return constant ? literal(constant.text) : undefined;
}

function below(value: string | undefined, category: string | undefined): string | undefined {
  if (category === "N") return value === undefined ? "0" : `${value}::numeric - 1`;
  if (category === "D") {
    return value === undefined ? "'2000-01-01'" : `${value}::timestamp - interval '1 day'`;
  }
  return category === "S" ? "''" : undefined;
}
