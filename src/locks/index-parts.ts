/** What an index is made of, as far as a change of one of its columns touches it. */
import type { Tree } from "../db/script.ts";
import { allOf, as, stringsOf } from "../db/tree.ts";
import type { ColumnType } from "./column.ts";
import { collationOf, columnsIn } from "./column.ts";
import type { Column, Index, IndexParts, Model, Table } from "./model.ts";

/** Those of CREATE INDEX. */
export function partsOfIndex(index: Tree.IndexStmt): IndexParts {
  const elements = allOf(index.indexParams, "IndexElem");
  const included = allOf(index.indexIncludingParams, "IndexElem").flatMap(({ name }) => name ?? []);
  return partsOf(elements, included, index.whereClause);
}

/** Those of the index of a UNIQUE, PRIMARY KEY or EXCLUDE; `columns` are the keys of the first two. */
export function partsOfConstraint(
  constraint: Tree.Constraint,
  columns: readonly string[],
): IndexParts {
  const elements = allOf(constraint.exclusions, "List").flatMap(
    ({ items }) => as(items?.[0], "IndexElem") ?? [],
  );
  const keys = elements.length > 0 ? elements : columns.map((name) => ({ name }));
  return partsOf(keys, stringsOf(constraint.including), constraint.where_clause);
}

function partsOf(
  elements: readonly Tree.IndexElem[],
  included: readonly string[],
  condition: Tree.IndexStmt["whereClause"],
): IndexParts {
  const named = elements.filter(({ name }) => name !== undefined);
  const keys = named.flatMap(({ name }) => name ?? []);
  const collated = named.flatMap(({ name, collation }) => (name && collation ? name : []));
  const computed = columnsIn([condition, ...elements.map(({ expr }) => expr)]);
  return {
    keys,
    collated,
    uses: [...new Set([...keys, ...included, ...computed])],
    isComputed: condition !== undefined || named.length < elements.length,
  };
}

/** The same parts, with a column by another name. */
export function withRenamed(parts: IndexParts, renamed: (names: readonly string[]) => string[]) {
  const { keys, collated, uses } = parts;
  return { keys: renamed(keys), collated: renamed(collated), uses: renamed(uses) };
}

/**
 * The indexes that PostgreSQL builds anew for a column that is stored alike in its new type
 * (CheckIndexCompatible): those with an expression or a condition, whatever that says, and those whose
 * order is another one by the new type or collation.
 */
export function rebuiltIndexes(
  table: Table,
  name: string,
  to: Tree.ColumnDef | undefined,
  { from, type, model }: { from: Column; type: ColumnType; model: Model },
): Index[] {
  const isOtherOrder = orderOf(from.type, model) !== orderOf(type.type, model);
  const isOtherCollation = from.collation !== collationOf(to);
  return model
    .indexesOf(table)
    .filter(
      ({ keys, collated, uses, isComputed }) =>
        uses.includes(name) &&
        (isComputed ||
          (isOtherOrder && keys.includes(name)) ||
          (isOtherCollation && keys.includes(name) && !collated.includes(name))),
    );
}

/** Types that share the operator classes of an index. */
const alike: Readonly<Record<string, string>> = { varchar: "text", regclass: "oid", cidr: "inet" };

function orderOf(type: string, model: Model): string {
  const base = model.find(model.domains, type)?.base ?? type;
  return alike[base] ?? base;
}
