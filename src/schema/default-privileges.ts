import { ident } from "../db/identifier.ts";
import type { Catalog } from "./catalog.ts";
import listDefaultPrivileges from "./default-privileges.sql";
import { grantStatements } from "./grants.ts";
import type { PrivilegeList } from "./grants.ts";
import { address, stages } from "./object.ts";
import type { SchemaObject } from "./object.ts";

interface DefaultPrivilegesRow extends PrivilegeList {
  readonly oid: number;
  readonly role: string;
  readonly schema: string | null;
  readonly type: string;
}

const targets: Readonly<Record<string, string>> = {
  r: "TABLES",
  S: "SEQUENCES",
  f: "FUNCTIONS",
  T: "TYPES",
  n: "SCHEMAS",
  L: "LARGE OBJECTS",
};

/** ALTER DEFAULT PRIVILEGES, after everything else so that it does not touch what is created. */
export async function collectDefaultPrivileges(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<DefaultPrivilegesRow>(listDefaultPrivileges);
  return rows.map((row) => {
    const target = targets[row.type];
    const where = row.schema === null ? "" : ` in schema ${ident(row.schema)}`;
    const on = target?.toLowerCase() ?? `objects of type ${row.type}`;
    const label = `default privileges of ${ident(row.role)}${where} on ${on}`;
    if (target === undefined) catalog.refused.push(label);
    const prefix =
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${ident(row.role)}` +
      (row.schema === null ? " " : ` IN SCHEMA ${ident(row.schema)} `);
    const { byOwner } = grantStatements({ ...row, column: null }, target ?? "", { prefix });
    return {
      label,
      addresses: [address("defaultAcl", row.oid)],
      stage: stages.database,
      section: row.schema ?? "",
      key: ["zz default privileges", row.role, target ?? ""],
      block: "default privileges",
      statements: () => (catalog.omitsGrants ? [] : [...byOwner]),
    };
  });
}
