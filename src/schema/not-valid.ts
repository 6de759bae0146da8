/**
 * NOT VALID checks and (since PostgreSQL 18) NOT NULLs. They are added by ALTER TABLE, since a
 * table that is being created has no row that could break them, and come to children through their
 * parent, so the children must be there.
 */
import { ident } from "../db/identifier.ts";
import { commentOn } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import type { Columns } from "./columns.ts";
import type { Constraint, Constraints } from "./constraints.ts";
import { constraintComment, constraintText } from "./constraints.ts";
import { address } from "./object.ts";
import type { Address, SchemaObject } from "./object.ts";
import { partOf } from "./relations.ts";
import type { Relation } from "./relations.ts";

interface Found {
  readonly columns: Columns;
  readonly constraints: Constraints;
}

export function notValidConstraints(
  catalog: Catalog,
  relation: Relation,
  found: Found,
): SchemaObject[] {
  return [
    ...checksOf(relation, found)
      .filter((check) => check.isLocal && isNotValid(check))
      .map((check) =>
        notValid(relation, {
          name: check.name,
          oid: check.oid,
          text: constraintText(check),
          comment: constraintComment(catalog, check, relation),
        }),
      ),
    ...notNulls(catalog, relation, found.columns),
    ...validated(relation, found),
  ];
}

function checksOf(relation: Relation, found: Found): Constraint[] {
  const constraints = found.constraints.of.get(relation.oid) ?? [];
  return constraints.filter((constraint) => constraint.type === "c");
}

function isNotValid(constraint: Constraint): boolean {
  return !constraint.isValid && constraint.isEnforced;
}

function notValid(
  relation: Relation,
  constraint: { name: string; oid: number; text: string; comment: readonly string[] },
): SchemaObject {
  return partOf(relation, {
    label: `constraint ${ident(constraint.name)} on ${relation.id}`,
    addresses: [address("constraint", constraint.oid)],
    rank: relation.descendants.length > 0 ? "treeConstraint" : "constraint",
    name: constraint.name,
    requires: [relation.oid, ...relation.descendants].map((oid) => address("class", oid)),
    statements: [`ALTER TABLE ${relation.id} ADD ${constraint.text}`, ...constraint.comment],
  });
}

function notNulls(catalog: Catalog, relation: Relation, columns: Columns): SchemaObject[] {
  return (columns.get(relation.oid) ?? [])
    .filter((column) => column.isNotNullValid === false && column.isNotNullLocal === true)
    .map((column) => {
      const oid = column.notNull ?? 0;
      const name = ident(column.notNullName ?? "");
      return notValid(relation, {
        name: column.notNullName ?? "",
        oid,
        text: `CONSTRAINT ${name} NOT NULL ${ident(column.name)} NOT VALID`,
        comment: commentOn(
          catalog,
          address("constraint", oid),
          `CONSTRAINT ${name} ON ${relation.id}`,
        ),
      });
    });
}

/** A child's constraint that was proven while the parent's was not. */
function validated(relation: Relation, found: Found): SchemaObject[] {
  if (relation.isPartition) return [];
  const parents = relation.parents ?? [];
  const parentalChecks = parents
    .flatMap((oid) => found.constraints.of.get(oid) ?? [])
    .filter((constraint) => constraint.type === "c" && isNotValid(constraint));
  const parentalColumns = parents
    .flatMap((oid) => found.columns.get(oid) ?? [])
    .filter((column) => column.isNotNullValid === false);
  const inherited = [
    ...checksOf(relation, found)
      .filter((check) => !check.isLocal && check.isValid)
      .map((check) => ({
        name: check.name,
        from: parentalChecks.filter((parent) => parent.name === check.name).map(({ oid }) => oid),
      })),
    ...(found.columns.get(relation.oid) ?? [])
      .filter((column) => column.isNotNullLocal === false && column.isNotNullValid === true)
      .map((column) => ({
        name: column.notNullName ?? "",
        from: parentalColumns
          .filter((parent) => parent.name === column.name)
          .map((parent) => parent.notNull ?? 0),
      })),
  ];
  return inherited
    .filter(({ from }) => from.length > 0)
    .map(({ name, from }) =>
      partOf(relation, {
        label: `proof of ${ident(name)} on ${relation.id}`,
        addresses: [],
        rank: "treeConstraint",
        name: `${name} proof`,
        requires: [
          address("class", relation.oid),
          ...from.map((oid): Address => address("constraint", oid)),
        ],
        statements: [`ALTER TABLE ${relation.id} VALIDATE CONSTRAINT ${ident(name)}`],
      }),
    );
}
