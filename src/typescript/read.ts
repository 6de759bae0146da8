/** Reads tables, views and enums as a program needs them. */
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import selectEnums from "../schema/enums.sql";
import { groupBy } from "../schema/relations.ts";
import { readSteadily } from "../schema/steady.ts";
import { readRetired } from "../policies/partitions/retired.ts";
import selectColumns from "./columns.sql";
import type {
  ElementType,
  TypedColumn,
  TypedEnum,
  TypedSchema,
  TypedTable,
  ValueType,
} from "./model.ts";

export interface TypesRequest {
  /** All but PostgreSQL's own, and ours, where there is none. */
  readonly schemas: readonly string[];
  readonly ledger: { readonly schema: string; readonly table: string };
}

interface ColumnRow {
  readonly schema: string;
  readonly table: string;
  readonly kind: string;
  readonly tableComment: string | null;
  readonly name: string;
  readonly comment: string | null;
  readonly type: string;
  readonly baseSchema: string;
  readonly base: string;
  readonly baseKind: string;
  readonly elementSchema: string | null;
  readonly element: string | null;
  readonly elementKind: string | null;
  readonly isElementDomain: boolean | null;
  readonly dimensions: number;
  readonly isNotNull: boolean;
  readonly hasDefault: boolean;
  readonly isGenerated: boolean;
  readonly identity: string;
}

/**
 * Partitions are part of their tables; domains are what they are made of, as drivers are told.
 *
 * @throws PgwrightError `relation-unknown` for a schema without tables.
 */
export async function readTypes(session: Session, request: TypesRequest): Promise<TypedSchema> {
  const { ledger, schemas } = request;
  return readSteadily(session, async () => {
    const rows = await session.query<ColumnRow>(selectColumns, [ledger.schema, ledger.table]);
    const retired = await readRetired(session);
    const enums = await session.query<Omit<TypedEnum, "comment"> & { oid: number }>(selectEnums);
    const comments = await session.query<{ oid: number; comment: string }>(
      "select objoid as oid, description as comment from pg_description where classoid = 'pg_type'::regclass",
    );
    const commentOf = new Map(comments.map(({ oid, comment }) => [oid, comment]));
    const unknown = schemas.find((name) => !rows.some(({ schema }) => schema === name));
    if (unknown !== undefined) {
      throw new PgwrightError(
        "relation-unknown",
        `the database \`${session.server.database}\` has no schema \`${unknown}\` with tables`,
        { hint: "--schema takes the name as it is stored, without quotes" },
      );
    }
    const wanted = rows.filter(
      ({ schema, table }) =>
        (schemas.length === 0 || schemas.includes(schema)) && !retired.has(`${schema}.${table}`),
    );
    const tables = [...groupBy(wanted, ({ schema, table }) => JSON.stringify([schema, table]))];
    const typed = tables.flatMap(([, ofTable]) => toTable(ofTable));
    const used = new Set(typed.flatMap(({ columns }) => columns.map(({ value }) => enumIn(value))));
    return {
      tables: typed,
      enums: enums
        .map(({ oid, schema, name, labels }) => ({
          schema,
          name,
          labels,
          comment: commentOf.get(oid) ?? null,
        }))
        .filter(({ schema, name }) => used.has(JSON.stringify([schema, name])))
        .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1)),
    };
  });
}

const keyOf = ({ schema, name }: { schema: string; name: string }) => `${schema}\0${name}`;

function toTable(rows: readonly ColumnRow[]): TypedTable[] {
  const [first] = rows;
  if (first === undefined) return [];
  const isView = first.kind === "v" || first.kind === "m";
  return [
    {
      schema: first.schema,
      name: first.table,
      isView,
      comment: first.tableComment,
      columns: rows.map((row) => toColumn(row, isView)),
    },
  ];
}

function toColumn(row: ColumnRow, isView: boolean): TypedColumn {
  const { name, comment, type, isNotNull, hasDefault, isGenerated, identity } = row;
  return {
    name,
    comment,
    type,
    value: valueOf(row),
    // A view's column may be null whatever its domain says: an outer join makes it so.
    isNullable: isView || !isNotNull,
    isOptional: !isNotNull || hasDefault || identity !== "",
    isReadOnly: isGenerated || identity === "a",
  };
}

function valueOf(row: ColumnRow): ValueType {
  const { elementSchema, element, dimensions } = row;
  if (elementSchema !== null && element !== null) {
    // A domain is sent as what it is made of, but an array of one under a number of its own.
    const of = row.isElementDomain ? ownType : scalar(elementSchema, element, row.elementKind);
    return { kind: "array", of, dimensions };
  }
  return scalar(row.baseSchema, row.base, row.baseKind);
}

/** A type that no driver knows. */
const ownType: ElementType = { kind: "scalar", schema: "", name: "" };

function scalar(schema: string, name: string, kind: string | null): ElementType {
  return { kind: kind === "e" ? "enum" : "scalar", schema, name };
}

function enumIn(value: ValueType): string | undefined {
  if (value.kind === "array") return enumIn(value.of);
  return value.kind === "enum" ? JSON.stringify([value.schema, value.name]) : undefined;
}
