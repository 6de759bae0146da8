/** Row security policies by table. */
import { takeComment, type Catalog } from "../schema/catalog.ts";
import { asReread } from "../schema/deparsed.ts";
import { address } from "../schema/object.ts";
import { type PolicyRow, policyCommands } from "../schema/policies.ts";
import selectPolicies from "../schema/policies.sql";
import { groupBy } from "../schema/relations.ts";
import type { Policy } from "./model.ts";

export async function listPolicies(
  catalog: Catalog,
): Promise<ReadonlyMap<number, readonly Policy[]>> {
  const rows = await catalog.session.query<PolicyRow>(selectPolicies);
  const policies = rows
    .map((row) => ({
      relation: row.relation,
      name: row.name,
      isPermissive: row.isPermissive,
      command: policyCommands[row.command] ?? "ALL",
      roles: row.roles.toSorted(),
      using: row.using === null ? undefined : asReread(row.using),
      check: row.check === null ? undefined : asReread(row.check),
      comment: takeComment(catalog, address("policy", row.oid)),
    }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return groupBy(policies, ({ relation }) => relation);
}
