/** Constraints and indexes of one table, and which columns they make keys of. */
import { takeComment, type Catalog } from "../schema/catalog.ts";
import type { Constraint as SchemaConstraint } from "../schema/constraints.ts";
import { asReread } from "../schema/deparsed.ts";
import type { Index as SchemaIndex } from "../schema/indexes.ts";
import { address } from "../schema/object.ts";
import type { Relation } from "../schema/relations.ts";
import type { Constraint, Index } from "./model.ts";

export interface IndexParts {
  readonly oid: number;
  readonly isUnique: boolean;
  readonly columns: readonly string[];
}

export function keyColumns(
  constraints: readonly SchemaConstraint[],
  indexes: readonly SchemaIndex[],
  parts: ReadonlyMap<number, IndexParts>,
): readonly string[] {
  const primary = constraints.find(({ type }) => type === "p");
  const index = indexes.find(({ constraint }) => constraint === primary?.oid);
  return (primary && index && parts.get(index.oid)?.columns) ?? [];
}

/** Columns that are unique by themselves. */
export function uniqueColumns(
  indexes: readonly SchemaIndex[],
  parts: ReadonlyMap<number, IndexParts>,
): readonly string[] {
  return indexes.flatMap(({ oid, isValid, definition }) => {
    const found = parts.get(oid);
    const isPlain = found?.isUnique === true && isValid && !/ WHERE /.test(definition);
    return isPlain && found.columns.length === 1 ? found.columns : [];
  });
}

const constraintKinds = {
  p: "primary key",
  u: "unique",
  x: "exclusion",
  c: "check",
  f: "foreign key",
} as const;

export function toConstraint(catalog: Catalog, one: SchemaConstraint): Constraint {
  return {
    name: one.name,
    kind: constraintKinds[one.type],
    definition: asReread(one.definition),
    comment: takeComment(catalog, address("constraint", one.oid)),
  };
}

export function toIndex(
  catalog: Catalog,
  relation: Relation,
  one: SchemaIndex,
  parts: ReadonlyMap<number, IndexParts>,
): Index {
  const before = ` ${relation.id} USING `;
  const at = one.definition.indexOf(before);
  return {
    name: one.name,
    definition: asReread(
      at === -1 ? one.definition : one.definition.slice(at + relation.id.length + 2),
    ),
    isUnique: parts.get(one.oid)?.isUnique === true,
    isValid: one.isValid,
    isOfConstraint: one.constraint !== null,
    comment: takeComment(catalog, address("class", one.oid)),
  };
}
