import { ident, literal } from "../db/identifier.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { definition } from "./definition.ts";
import listServers from "./foreign-servers.sql";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import type { ForeignOption } from "./options.ts";
import { foreignOptions } from "./options.ts";
import listUserMappings from "./user-mappings.sql";

interface ServerRow {
  readonly kind: "wrapper" | "server";
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
  readonly wrapper: string | null;
  readonly type: string | null;
  readonly version: string | null;
  readonly handler: string | null;
  readonly validator: string | null;
  readonly options: readonly ForeignOption[];
}

/** Foreign data wrappers and servers. User mappings hold passwords: left out, with a finding. */
export async function collectForeignServers(catalog: Catalog): Promise<SchemaObject[]> {
  const mappings = await catalog.session.query<{ oid: number; server: string; role: string }>(
    listUserMappings,
  );
  for (const mapping of mappings) {
    catalog.findings.push({
      rule: "dump/user-mapping",
      severity: "warning",
      message: `the user mapping of ${mapping.role} for server ${ident(mapping.server)} is left out: it can hold a password`,
      hint: `create it again with CREATE USER MAPPING`,
      object: mapping.server,
    });
  }
  const rows = await catalog.session.query<ServerRow>(listServers);
  return rows.map((row) => {
    const isServer = row.kind === "server";
    const own = address(isServer ? "foreignServer" : "foreignDataWrapper", row.oid);
    const name = `${isServer ? "SERVER" : "FOREIGN DATA WRAPPER"} ${ident(row.name)}`;
    const clauses = [
      `CREATE ${name}`,
      row.type === null ? "" : `TYPE ${literal(row.type)}`,
      row.version === null ? "" : `VERSION ${literal(row.version)}`,
      row.wrapper === null ? "" : `FOREIGN DATA WRAPPER ${ident(row.wrapper)}`,
      row.handler === null ? "" : `HANDLER ${row.handler}`,
      row.validator === null ? "" : `VALIDATOR ${row.validator}`,
      foreignOptions(row.options),
    ];
    const statements = [
      clauses.filter((clause) => clause !== "").join(" "),
      ...attributesOf(catalog, {
        address: own,
        name,
        grant: `${isServer ? "FOREIGN SERVER" : "FOREIGN DATA WRAPPER"} ${ident(row.name)}`,
        owner: row.owner,
      }),
    ];
    return definition({
      rank: isServer ? "foreignServer" : "foreignDataWrapper",
      label: name.replace(/^[A-Z ]+/, (words) => words.toLowerCase()),
      schema: "",
      addresses: [own],
      statements: () => statements,
    });
  });
}
