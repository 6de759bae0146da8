import { ident, literal } from "../db/identifier.ts";
import { takeComment } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import listExtensions from "./extensions.sql";
import { address, stages } from "./object.ts";
import type { SchemaObject } from "./object.ts";

interface ExtensionRow {
  readonly oid: number;
  readonly name: string;
  readonly schema: string;
  readonly isStandard: boolean;
  readonly standardComment: string | null;
}

/**
 * Extensions, without their version: a server brings its own. What belongs to an extension is
 * made by it. plpgsql is in every new database, so only its absence is said.
 */
export async function collectExtensions(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<ExtensionRow>(listExtensions);
  for (const row of rows) catalog.extensionNames.set(address("extension", row.oid), row.name);
  const objects = rows
    .filter((row) => !(row.isStandard && row.name === "plpgsql"))
    .map((row) => extensionObject(catalog, row));
  if (!rows.some((row) => row.name === "plpgsql")) {
    objects.push(extension("plpgsql", [], ["DROP EXTENSION plpgsql"]));
  }
  return objects;
}

function extensionObject(catalog: Catalog, row: ExtensionRow): SchemaObject {
  const own = address("extension", row.oid);
  const comment = takeComment(catalog, own) ?? null;
  return extension(
    row.name,
    [own],
    [
      `CREATE EXTENSION ${ident(row.name)} WITH SCHEMA ${ident(row.schema)}`,
      // CREATE EXTENSION sets the comment of its control file.
      ...(comment === row.standardComment
        ? []
        : [`COMMENT ON EXTENSION ${ident(row.name)} IS ${literal(comment)}`]),
    ],
  );
}

function extension(name: string, addresses: string[], statements: string[]): SchemaObject {
  return {
    label: `extension ${ident(name)}`,
    addresses,
    stage: stages.extensions,
    section: "",
    key: [name],
    block: "extensions",
    statements: () => statements,
  };
}
