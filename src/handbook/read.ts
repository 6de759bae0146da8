/** Reads the schema of a database for people: one snapshot of its catalogs. */
import type { Session } from "../db/session.ts";
import { readRetired } from "../policies/partitions/retired.ts";
import { readCatalog, takeComment, type Catalog } from "../schema/catalog.ts";
import { readColumns, type Column as SchemaColumn } from "../schema/columns.ts";
import { inOrder, readConstraints } from "../schema/constraints.ts";
import { asReread } from "../schema/deparsed.ts";
import { readIndexes } from "../schema/indexes.ts";
import { address } from "../schema/object.ts";
import { groupBy, readRelations, type Relation, type Relations } from "../schema/relations.ts";
import { readSteadily } from "../schema/steady.ts";
import { shortType } from "../schema/type-name.ts";
import { anchorOf } from "./anchor.ts";
import readDatabase from "./database.sql";
import listKeys from "./foreign-keys.sql";
import listIndexParts from "./indexes.sql";
import type {
  Column,
  Reference,
  Size,
  Table,
  TableKind,
  TableName,
  Trigger,
  TypePart,
} from "./model.ts";
import { keyColumns, toConstraint, toIndex, uniqueColumns, type IndexParts } from "./read-keys.ts";
import { listPolicies } from "./read-policies.ts";
import { listRights } from "./read-rights.ts";
import { partitionsOf, readSizes, sumOf } from "./read-sizes.ts";
import { listTypes } from "./read-types.ts";
import listTriggers from "./triggers.sql";

export interface ReadOptions {
  /** Retired partitions too: they come and go while the schema stays. */
  readonly hasSizes: boolean;
  readonly ledger: { readonly schema: string; readonly table: string };
}

export interface DatabaseFacts {
  readonly name: string;
  readonly bytes: number;
  readonly comment: string | null;
  /** Comments by schema. */
  readonly schemas: Readonly<Record<string, string>>;
  readonly at: string;
}

/** A table without what files of the project add to it. */
export type CatalogTable = Omit<Table, "audit" | "partitioning" | "columns"> & {
  readonly columns: readonly Omit<Column, "personal">[];
  /** Triggers that record changes; they are not among `triggers`. */
  readonly auditTriggers: readonly string[];
  readonly partitionKey: string | undefined;
  readonly partitions: readonly {
    readonly id: string;
    readonly bound: string;
    readonly size: Size;
  }[];
};

export interface SchemaFacts {
  readonly database: DatabaseFacts;
  /** By schema and name; partitions are part of their tables. */
  readonly tables: readonly CatalogTable[];
  readonly types: readonly (TypePart & { readonly schema: string })[];
}

type KeyRow = Omit<Reference, "from" | "to"> & {
  readonly oid: number;
  readonly from: number;
  readonly to: number;
};

const kinds: Readonly<Record<Relation["kind"], TableKind>> = {
  r: "table",
  p: "partitioned table",
  f: "foreign table",
  v: "view",
  m: "materialized view",
};

const actions: Readonly<Record<string, string>> = {
  a: "",
  r: "RESTRICT",
  c: "CASCADE",
  n: "SET NULL",
  d: "SET DEFAULT",
};

/** @throws PgwrightError `sql-failed` when the schema changes all the while. */
export async function readSchema(session: Session, options: ReadOptions): Promise<SchemaFacts> {
  return readSteadily(session, async () => {
    const catalog = await readCatalog(session);
    const relations = await readRelations(catalog);
    const columns = await readColumns(catalog);
    const constraints = await readConstraints(catalog);
    const indexes = await readIndexes(catalog);
    const indexParts = new Map(
      (await session.query<IndexParts>(listIndexParts)).map((row) => [row.oid, row]),
    );
    const policies = await listPolicies(catalog);
    const rights = await listRights(session);
    const triggers = await readTriggers(catalog);
    const sizes = await readSizes(session);
    const retired = options.hasSizes ? new Set<string>() : await readRetired(session);
    const shown = [...relations.values()].filter(
      (one) =>
        !one.isPartition && !isOurs(one, options) && !retired.has(`${one.schema}.${one.name}`),
    );
    const keys = (await session.query<KeyRow>(listKeys))
      .flatMap((row) => toReference(row, relations, shown))
      // Numbers tell the order of creation, which is not the schema's.
      .toSorted((one, other) => byId(one.from, other.from) || byName(one, other));
    const tables = shown.map((relation): CatalogTable => {
      const own = constraints.of.get(relation.oid) ?? [];
      const ownIndexes = indexes.of.get(relation.oid) ?? [];
      const references = keys.filter(({ from }) => from.oid === relation.oid);
      const ownTriggers = triggers.get(relation.oid) ?? [];
      return {
        ...nameOf(relation),
        kind: kinds[relation.kind],
        owner: relation.owner,
        comment: takeComment(catalog, address("class", relation.oid)),
        columns: (columns.get(relation.oid) ?? []).map((column) =>
          toColumn(catalog, relation, column, {
            primary: keyColumns(own, ownIndexes, indexParts),
            unique: uniqueColumns(ownIndexes, indexParts),
            referring: references.flatMap((reference) => reference.columns),
          }),
        ),
        constraints: inOrder(own).map((one) => toConstraint(catalog, one)),
        references,
        referencedBy: keys.filter(({ to }) => to.oid === relation.oid),
        indexes: ownIndexes
          .map((one) => toIndex(catalog, relation, one, indexParts))
          .toSorted(byName),
        triggers: ownTriggers.filter(({ isAudit }) => !isAudit).toSorted(byName),
        auditTriggers: ownTriggers
          .filter(({ isAudit, isEnabled }) => isAudit && isEnabled)
          .map(({ name }) => name)
          .toSorted(),
        rowSecurity: !relation.hasRowSecurity
          ? "off"
          : relation.forcesRowSecurity
            ? "forced"
            : "on",
        policies: policies.get(relation.oid) ?? [],
        rights: rights.get(relation.oid) ?? [],
        partitionKey: relation.partitionKey ?? undefined,
        query:
          relation.query === null ? undefined : asReread(relation.query).trim().replace(/;$/, ""),
        size: sumOf(relation, relations, sizes),
        partitions: relation.kind === "p" ? partitionsOf(relation, relations, sizes) : [],
      };
    });
    return {
      database: await session.one<DatabaseFacts>(readDatabase),
      tables: tables.toSorted(byId),
      types: await listTypes(catalog),
    };
  });
}

function isOurs({ schema, name }: Relation, { ledger }: ReadOptions): boolean {
  return (
    schema === "pgwright" ||
    (schema === ledger.schema && [ledger.table, `${ledger.table}_log`].includes(name))
  );
}

function nameOf({ oid, id, schema, name }: Relation): TableName {
  return { oid, id, anchor: anchorOf(schema, name), schema, name };
}

const byName = (one: { name: string }, other: { name: string }) => (one.name < other.name ? -1 : 1);
const byId = (one: TableName, other: TableName) =>
  one.oid === other.oid
    ? 0
    : one.schema === other.schema
      ? byName(one, other)
      : one.schema < other.schema
        ? -1
        : 1;

/** Keys to a partition itself are nobody's to follow, and left out. */
function toReference(row: KeyRow, relations: Relations, shown: readonly Relation[]): Reference[] {
  const from = relations.get(row.from);
  const to = relations.get(row.to);
  if (!from || !to || !shown.includes(from) || !shown.includes(to)) return [];
  const { name, columns, toColumns, isOptional, isUnique } = row;
  const onDelete = actions[row.onDelete] ?? "";
  return [
    {
      name,
      from: nameOf(from),
      columns,
      to: nameOf(to),
      toColumns,
      onDelete,
      isOptional,
      isUnique,
    },
  ];
}

function toColumn(
  catalog: Catalog,
  relation: Relation,
  column: SchemaColumn,
  keys: {
    readonly primary: readonly string[];
    readonly unique: readonly string[];
    readonly referring: readonly string[];
  },
): Omit<Column, "personal"> {
  const { name } = column;
  return {
    name,
    type: shortType(column.type),
    isNullable: !column.isNotNull,
    ...valueOf(column),
    isPrimary: keys.primary.includes(name),
    isUnique: keys.unique.includes(name),
    isReference: keys.referring.includes(name),
    comment: takeComment(catalog, address("class", relation.oid), column.number),
  };
}

function valueOf(column: SchemaColumn): Pick<Column, "value" | "valueKind"> {
  if (column.identity !== "") {
    return { value: column.identity === "a" ? "always" : "by default", valueKind: "identity" };
  }
  if (column.default === null) return { value: undefined, valueKind: "none" };
  const valueKind = column.generated === "" ? "default" : "generated";
  return { value: asReread(column.default), valueKind };
}

async function readTriggers(catalog: Catalog) {
  const rows = await catalog.session.query<
    Omit<Trigger, "comment"> & { oid: number; relation: number; isAudit: boolean }
  >(listTriggers);
  return groupBy(
    rows.map((row) => ({ ...row, comment: takeComment(catalog, address("trigger", row.oid)) })),
    ({ relation }) => relation,
  );
}
