import { ident, qualified } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { address, stages } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import listPublications from "./publications.sql";

interface PublicationRow {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
  readonly isForAllTables: boolean;
  readonly insert: boolean;
  readonly update: boolean;
  readonly delete: boolean;
  readonly truncate: boolean;
  readonly isViaRoot: boolean;
  readonly publishesGenerated: boolean;
  readonly tables: readonly {
    readonly oid: number;
    readonly schema: string;
    readonly name: string;
    readonly where: string | null;
    readonly columns: readonly string[] | null;
  }[];
  readonly schemas: readonly { readonly oid: number; readonly schema: string }[];
}

export async function collectPublications(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<PublicationRow>(listPublications);
  return rows.map((row) => {
    const own = address("publication", row.oid);
    const name = `PUBLICATION ${ident(row.name)}`;
    const options = optionsOf(row);
    const statements = [
      `CREATE ${name}${targetsOf(row)}` +
        (options.length > 0 ? `\n    WITH (${options.join(", ")})` : ""),
      ...attributesOf(catalog, { address: own, name, owner: row.owner }),
    ];
    return {
      label: `publication ${ident(row.name)}`,
      addresses: [
        own,
        ...row.tables.map((table) => address("publicationRelation", table.oid)),
        ...row.schemas.map((schema) => address("publicationNamespace", schema.oid)),
      ],
      stage: stages.database,
      section: "",
      key: ["publication", row.name],
      block: `publication ${row.name}`,
      statements: () => statements,
    };
  });
}

function targetsOf(row: PublicationRow): string {
  if (row.isForAllTables) return " FOR ALL TABLES";
  const tables = row.tables.map(
    ({ schema, name, columns, where }) =>
      `TABLE ONLY ${qualified(schema, name)}` +
      (columns ? ` (${columns.map(ident).join(", ")})` : "") +
      (where === null ? "" : ` WHERE (${asReread(where)})`),
  );
  const schemas = row.schemas.map(({ schema }) => `TABLES IN SCHEMA ${ident(schema)}`);
  const targets = [...tables.toSorted(), ...schemas.toSorted()];
  return targets.length > 0 ? ` FOR\n    ${targets.join(",\n    ")}` : "";
}

/** The options that differ from what a publication has anyway. */
function optionsOf(row: PublicationRow): string[] {
  const operations = (["insert", "update", "delete", "truncate"] as const).filter(
    (name) => row[name],
  );
  return [
    ...(operations.length === 4 ? [] : [`publish = '${operations.join(", ")}'`]),
    ...(row.isViaRoot ? ["publish_via_partition_root = true"] : []),
    ...(row.publishesGenerated ? ["publish_generated_columns = stored"] : []),
  ];
}
