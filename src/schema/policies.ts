import { ident } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { commentOn } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import listPolicies from "./policies.sql";
import { partOf } from "./relations.ts";
import type { Relations } from "./relations.ts";

/** A policy as the catalog has it. */
export interface PolicyRow {
  readonly oid: number;
  readonly relation: number;
  readonly name: string;
  readonly isPermissive: boolean;
  /** r(ead), a(ppend), w(rite), d(elete) or * for all. */
  readonly command: string;
  /** Empty for PUBLIC. */
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}

export const policyCommands: Readonly<Record<string, string>> = {
  r: "SELECT",
  a: "INSERT",
  w: "UPDATE",
  d: "DELETE",
};

export async function collectPolicies(
  catalog: Catalog,
  relations: Relations,
): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<PolicyRow>(listPolicies);
  return rows.flatMap((row) => {
    const relation = relations.get(row.relation);
    if (!relation) return [];
    const own = address("policy", row.oid);
    const name = `${ident(row.name)} ON ${relation.id}`;
    const command = policyCommands[row.command];
    const clauses = [
      `CREATE POLICY ${name}`,
      ...(row.isPermissive ? [] : ["AS RESTRICTIVE"]),
      ...(command === undefined ? [] : [`FOR ${command}`]),
      ...(row.roles.length === 0 ? [] : [`TO ${row.roles.map(ident).toSorted().join(", ")}`]),
      ...(row.using === null ? [] : [`USING (${asReread(row.using)})`]),
      ...(row.check === null ? [] : [`WITH CHECK (${asReread(row.check)})`]),
    ];
    return [
      partOf(relation, {
        label: `policy ${name.replace(" ON ", " on ")}`,
        addresses: [own],
        rank: "policy",
        name: row.name,
        requires: [address("class", relation.oid)],
        statements: [clauses.join(" "), ...commentOn(catalog, own, `POLICY ${name}`)],
      }),
    ];
  });
}
