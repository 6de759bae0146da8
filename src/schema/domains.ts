import { ident, qualified } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { attributesOf, commentOn } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { defaultName } from "./default-name.ts";
import { definition } from "./definition.ts";
import listDomains from "./domains.sql";
import { address } from "./object.ts";
import type { Address, Piece, SchemaObject } from "./object.ts";
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
  const checks = row.constraints.filter((constraint) => !constraint.isNotNull);
  const notNull = row.constraints.find((constraint) => constraint.isNotNull);
  const pieces = checks.map((check) => checkPiece(catalog, row, check));
  const isInline = (check: DomainConstraint, apart: ReadonlySet<Address>): boolean =>
    check.isValid && !apart.has(address("constraint", check.oid));
  const attributes = attributesOf(catalog, {
    address: own,
    name: `DOMAIN ${id}`,
    // GRANT … ON DOMAIN works too, but the privileges are those of a type.
    grant: `TYPE ${id}`,
    owner: row.owner,
  });
  const notNullComment = notNull
    ? commentOn(
        catalog,
        address("constraint", notNull.oid),
        `CONSTRAINT ${ident(notNull.name)} ON DOMAIN ${id}`,
      )
    : [];
  const domain = definition({
    rank: "type",
    label: `domain ${id}`,
    schema: row.schema,
    addresses: [
      own,
      ...(notNull ? [address("constraint", notNull.oid)] : []),
      ...checks.filter((check) => check.isValid).map((check) => address("constraint", check.oid)),
    ],
    pieces: pieces.filter((_, i) => checks[i]?.isValid === true),
    statements(apart) {
      const inline = checks.filter((check) => isInline(check, apart));
      return [
        [
          `CREATE DOMAIN ${id} AS ${shortType(row.base)}`,
          ...(row.collation ? [collate(row.collation)] : []),
          ...(row.default === null ? [] : [`DEFAULT ${asReread(row.default)}`]),
          ...(row.isNotNull ? [notNullText(row, notNull)] : []),
          ...inline.map((check) => constraintText(check)),
        ].join("\n    "),
        ...attributes,
        ...notNullComment,
        ...pieces.flatMap((piece, i) =>
          isInline(checks[i] as DomainConstraint, apart)
            ? piece.apart.statements(apart).slice(1)
            : [],
        ),
      ];
    },
  });
  return [
    domain,
    ...pieces.filter((_, i) => checks[i]?.isValid === false).map((piece) => piece.apart),
  ];
}

function notNullText(row: DomainRow, constraint: DomainConstraint | undefined): string {
  return constraint && constraint.name !== defaultName(row.name, undefined, "not_null")
    ? `CONSTRAINT ${ident(constraint.name)} NOT NULL`
    : "NOT NULL";
}

function constraintText(check: DomainConstraint): string {
  return `CONSTRAINT ${ident(check.name)} ${asReread(check.definition ?? "")}`;
}

/** A CHECK of a domain on its own: in a cycle with the function it calls, or NOT VALID. */
function checkPiece(catalog: Catalog, row: DomainRow, check: DomainConstraint): Piece {
  const own = address("constraint", check.oid);
  const id = qualified(row.schema, row.name);
  const name = `CONSTRAINT ${ident(check.name)} ON DOMAIN ${id}`;
  const statements = [
    `ALTER DOMAIN ${id} ADD ${constraintText(check)}`,
    ...commentOn(catalog, own, name),
  ];
  return {
    addresses: [own],
    apart: definition({
      rank: "type",
      label: `domain ${id} constraint ${ident(check.name)}`,
      schema: row.schema,
      addresses: [own],
      requires: [address("type", row.oid)],
      statements: () => statements,
    }),
  };
}
