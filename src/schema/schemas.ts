import { ident, literal } from "../db/identifier.ts";
import { attributesOf, grantsOn, takeComment } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { address, stages } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import listSchemas from "./schemas.sql";

interface SchemaRow {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
}

/** What initdb gives the schema public, since PostgreSQL 15. */
const standardPublic = { owner: "pg_database_owner", comment: "standard public schema" };

/** Schemas. `public` is in every new database, so only what was changed about it is said. */
export async function collectSchemas(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<SchemaRow>(listSchemas);
  const objects = rows.map((row) => schemaObject(catalog, row));
  if (!rows.some((row) => row.name === "public")) {
    objects.push(plain("public", [], ["DROP SCHEMA public"]));
  }
  return objects;
}

function schemaObject(catalog: Catalog, row: SchemaRow): SchemaObject {
  const own = address("namespace", row.oid);
  const name = `SCHEMA ${ident(row.name)}`;
  const statements =
    row.name === "public"
      ? changesToPublic(catalog, row)
      : [
          `CREATE ${name}`,
          ...attributesOf(catalog, { address: own, name, grant: name, owner: row.owner }),
        ];
  return plain(row.name, [own], statements);
}

function plain(name: string, addresses: string[], statements: string[]): SchemaObject {
  return {
    label: `schema ${ident(name)}`,
    addresses,
    stage: stages.schemas,
    section: "",
    key: [name],
    block: `schema ${name}`,
    statements: () => statements,
  };
}

function changesToPublic(catalog: Catalog, row: SchemaRow): string[] {
  const own = address("namespace", row.oid);
  const comment = takeComment(catalog, own);
  return [
    ...(row.owner === standardPublic.owner || catalog.omitsOwners
      ? []
      : [`ALTER SCHEMA public OWNER TO ${ident(row.owner)}`]),
    ...grantsOn(catalog, own, "SCHEMA public"),
    ...(comment === standardPublic.comment
      ? []
      : [`COMMENT ON SCHEMA public IS ${literal(comment ?? null)}`]),
  ];
}
