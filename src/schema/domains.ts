import { ident, qualified } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { attributesOf, commentOn } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { defaultName } from "./default-name.ts";
import { definition } from "./definition.ts";
import listDomains from "./domains.sql";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import { collate, shortType } from "./type-name.ts";

interface DomainConstraint {
  readonly oid: number;
  readonly name: string;
  readonly isNotNull: boolean;
  readonly isValid: boolean;
  /** Null for NOT NULL. */
  readonly definition: string | null;
}

interface DomainRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly base: string;
  readonly isNotNull: boolean;
  readonly default: string | null;
  readonly collation: readonly [string, string] | null;
  readonly constraints: readonly DomainConstraint[];
}

export async function collectDomains(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<DomainRow>(listDomains);
  return rows.flatMap((row) => domainObjects(catalog, row));
}

function domainObjects(catalog: Catalog, row: DomainRow): SchemaObject[] {
  const own = address("type", row.oid);
  const id = qualified(row.schema, row.name);
  const notNull = row.constraints.find((constraint) => constraint.isNotNull);
  const checks = row.constraints
    .filter((constraint) => !constraint.isNotNull)
    .map((constraint) => checkOf(catalog, row, constraint));
  const valid = checks.filter((check) => check.isValid);
  const attributes = [
    ...attributesOf(catalog, {
      address: own,
      name: `DOMAIN ${id}`,
      // GRANT … ON DOMAIN works too, but the privileges are those of a type.
      grant: `TYPE ${id}`,
      owner: row.owner,
    }),
    ...(notNull ? constraintComment(catalog, row, notNull) : []),
  ];
  const domain = definition({
    rank: "type",
    label: `domain ${id}`,
    schema: row.schema,
    addresses: [
      own,
      ...(notNull ? [address("constraint", notNull.oid)] : []),
      ...valid.map((check) => check.address),
    ],
    pieces: valid.map((check) => ({ addresses: [check.address], apart: check.apart })),
    statements(apart) {
      const inline = valid.filter((check) => !apart.has(check.address));
      const clauses = [
        `CREATE DOMAIN ${id} AS ${shortType(row.base)}`,
        ...(row.collation ? [collate(row.collation)] : []),
        ...(row.default === null ? [] : [`DEFAULT ${asReread(row.default)}`]),
        ...(row.isNotNull ? [notNullText(row, notNull)] : []),
        ...inline.map((check) => check.text),
      ];
      return [clauses.join("\n    "), ...attributes, ...inline.flatMap((check) => check.comment)];
    },
  });
  return [domain, ...checks.filter((check) => !check.isValid).map((check) => check.apart)];
}

function notNullText(row: DomainRow, constraint: DomainConstraint | undefined): string {
  return constraint && constraint.name !== defaultName(row.name, undefined, "not_null")
    ? `CONSTRAINT ${ident(constraint.name)} NOT NULL`
    : "NOT NULL";
}

/** A CHECK of a domain: part of CREATE DOMAIN, or on its own when it is NOT VALID or in a cycle. */
function checkOf(catalog: Catalog, row: DomainRow, check: DomainConstraint) {
  const own = address("constraint", check.oid);
  const id = qualified(row.schema, row.name);
  const text = `CONSTRAINT ${ident(check.name)} ${asReread(check.definition ?? "")}`;
  const comment = constraintComment(catalog, row, check);
  const apart = definition({
    rank: "type",
    label: `domain ${id} constraint ${ident(check.name)}`,
    schema: row.schema,
    addresses: [own],
    requires: [address("type", row.oid)],
    statements: () => [`ALTER DOMAIN ${id} ADD ${text}`, ...comment],
  });
  return { address: own, isValid: check.isValid, text, comment, apart };
}

function constraintComment(
  catalog: Catalog,
  row: DomainRow,
  constraint: DomainConstraint,
): string[] {
  const name = `CONSTRAINT ${ident(constraint.name)} ON DOMAIN ${qualified(row.schema, row.name)}`;
  return commentOn(catalog, address("constraint", constraint.oid), name);
}
