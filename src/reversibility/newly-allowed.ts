/** What a migration allows that was refused before it: each is to be tried with rows of its own. */
import { ident, qualified } from "../db/identifier.ts";
import { hasValue } from "../db/stored-value.ts";
import type { AllowedColumn, Allowances, TablePair, UniqueIndex } from "./allowances.ts";
import { pairTables } from "./allowances.ts";
import { wishesForChecks } from "./dropped-checks.ts";
import { wishesForPartitions } from "./new-partitions.ts";
import type { Wish } from "./special-rows.ts";
import { changeOne, rowsToTry } from "./special-rows.ts";
import { wishesForWiderTypes } from "./wider-types.ts";

/**
 * Of tables that were there before: what is allowed in new ones goes with them.
 *
 * NULL and values of enums are not among it: `seed` writes them of its own accord.
 */
export function listNewlyAllowed(
  before: readonly Allowances[],
  now: readonly Allowances[],
): readonly Wish[] {
  return pairTables(before, now).flatMap((pair) => [
    ...wishesForWiderTypes(pair),
    ...wishesForUniques(pair),
    ...wishesForChecks(pair),
    ...wishesForPartitions(pair),
    ...wishesForReferences(pair, now),
    ...wishesForExclusions(pair),
  ]);
}

function wishesForUniques(pair: TablePair): Wish[] {
  return pair.had.uniques.flatMap((unique) => wishesForKey(pair, unique));
}

/** Two rows with one key, where no other key refuses all of these. */
function wishesForKey(pair: TablePair, unique: UniqueIndex): Wish[] {
  const columns = unique.columns.map((number) =>
    pair.columns.find(({ had }) => had.number === number),
  );
  const known = columns.filter((column) => column !== undefined);
  // What went with a column is allowed to nobody.
  if (known.length < columns.length || known.length === 0) return [];
  const numbers = known.map(({ has }) => has.number);
  if (pair.has.uniques.some((kept) => refusesAll(kept, unique, numbers))) return [];
  const names = known.map(({ sql }) => sql);
  const what = `two rows of ${pair.sql} with the same ${names.join(", ")}`;
  const isRenamed = known.some(({ had, has }) => had.name !== has.name);
  if (isRenamed && (unique.predicate ?? unique.expressions) !== null) {
    const impossible = "a column of the index that was dropped has another name now";
    return [{ what, isThere: () => "", changes: () => [], impossible }];
  }
  const competes = [
    `(${unique.predicate ?? "true"})`,
    ...names.map((name) => hasValue(`t.${name}`)),
  ].join(" and ");
  const always = known.filter(({ has }) => has.isAlways);
  const written = known.filter(({ has }) => !has.isGenerated);
  const own = written.map(({ sql }) => sql).join(", ");
  const theirs = written.map(({ sql }) => `t.${sql}`).join(", ");
  return [
    {
      what,
      isThere: (fresh) =>
        `select exists (select from ${pair.sql} t where ${competes} group by ${names.map((name) => `t.${name}`).join(", ")} having count(*) > 1 and bool_or(${fresh})) as there`,
      // The last of the fresh rows gets the key of another one.
      changes: (fresh) =>
        Array.from({ length: rowsToTry }, (_, nth) =>
          changeOne(
            pair.sql,
            `(${own}) = (select ${theirs} from ${pair.sql} t where ${fresh} and ${competes} order by t.tableoid desc, t.ctid desc limit 1)`,
            fresh,
            { nth, first: competes },
          ),
        ),
      always: always.map(({ sql }) => [pair.sql, sql] as const),
    },
  ];
}

/** Whatever two rows the old index refuses, this one does, too: what it computes of equal values is equal. */
function refusesAll(kept: UniqueIndex, old: UniqueIndex, numbers: readonly number[]): boolean {
  return (
    kept.columns.every((number) => numbers.includes(number)) &&
    (kept.predicate === null || kept.predicate === old.predicate)
  );
}

/** A row that refers to nothing. */
function wishesForReferences(pair: TablePair, now: readonly Allowances[]): Wish[] {
  const { sql, had, has } = pair;
  return had.foreignKeys.flatMap((key): Wish[] => {
    const columns = key.columns.flatMap(
      (number) => pair.columns.find((one) => one.had.number === number) ?? [],
    );
    const target = now.find(({ oid }) => oid === key.target);
    const targets = key.targetColumns.flatMap(
      (number) => target?.columns.find((one) => one.number === number) ?? [],
    );
    // What went with a column or a table is allowed to nobody.
    if (!target || columns.length < key.columns.length || targets.length < columns.length)
      return [];
    const isKept = has.foreignKeys.some(
      (one) =>
        one.target === key.target &&
        String(one.columns) === String(columns.map((column) => column.has.number)),
    );
    if (isKept) return [];
    const place = qualified(target.schema, target.name);
    const pairs = columns.map(
      (column, n) => [`t.${column.sql}`, `f.${ident(targets[n]!.name)}`] as const,
    );
    const isFull = pairs.map(([own]) => hasValue(own)).join(" and ");
    const refers = pairs.map(([own, theirs]) => `${theirs} = ${own}`).join(" and ");
    const [first] = columns;
    const value = first && strange(first.has, `t.${first.sql}`, [place, pairs[0]![1]]);
    return [
      {
        what: `a row of ${sql} that FOREIGN KEY ${ident(key.name)} refused`,
        isThere: (fresh) =>
          `select exists (select from ${sql} t where ${fresh} and ${isFull} and not exists (select from ${place} f where ${refers})) as there`,
        changes: (fresh) =>
          value === undefined
            ? []
            : Array.from({ length: rowsToTry }, (_, nth) =>
                changeOne(sql, `${first!.sql} = ${value}`, fresh, { nth, first: isFull }),
              ),
        always: first?.has.isAlways ? [[sql, first.sql] as const] : [],
      },
    ];
  });
}

/** What no row of another table has; undefined for types that nothing is made up of. */
function strange(
  { category, type }: AllowedColumn,
  own: string,
  [table, column]: readonly [string, string],
): string | undefined {
  if (category === "N") return `(select coalesce(max(${column}), 0) + 1 from ${table} f)`;
  if (category === "S") return `${own} || 'x'`;
  return type === "uuid" ? "gen_random_uuid()" : undefined;
}

/** Equal values are at odds with each other under these operators, unless they are empty ranges. */
const atOdds = ["=", "&&"];

function wishesForExclusions(pair: TablePair): Wish[] {
  return pair.had.exclusions
    .filter(
      ({ name, definition }) =>
        !pair.has.exclusions.some((one) => one.name === name || one.definition === definition),
    )
    .flatMap(({ name, columns, predicate, operators }): Wish[] => {
      if (!columns.includes(0) && operators.every((one) => atOdds.includes(one))) {
        return wishesForKey(pair, { name, columns, predicate, expressions: null });
      }
      const what = `a row of ${pair.sql} that EXCLUDE ${ident(name)} refused`;
      const impossible = "no such row is made up";
      return [{ what, isThere: () => "", changes: () => [], impossible }];
    });
}
