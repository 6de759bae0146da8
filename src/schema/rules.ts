import { ident } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { commentOn } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import { partOf } from "./relations.ts";
import type { Relations } from "./relations.ts";
import listRules from "./rules.sql";

interface RuleRow {
  readonly oid: number;
  readonly relation: number;
  readonly name: string;
  /** O(rigin), D(isabled), A(lways), R(eplica). */
  readonly state: string;
  readonly definition: string;
}

export const firingStates: Readonly<Record<string, string>> = {
  O: "ENABLE",
  D: "DISABLE",
  A: "ENABLE ALWAYS",
  R: "ENABLE REPLICA",
};

export async function collectRules(
  catalog: Catalog,
  relations: Relations,
): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<RuleRow>(listRules);
  return rows.flatMap((row) => {
    const relation = relations.get(row.relation);
    if (!relation) return [];
    const own = address("rewrite", row.oid);
    const name = ident(row.name);
    const state = firingStates[row.state] ?? "";
    return [
      partOf(relation, {
        label: `rule ${name} on ${relation.id}`,
        addresses: [own],
        rank: "rule",
        name: row.name,
        requires: [address("class", relation.oid)],
        statements: [
          asReread(row.definition.replace(/;\s*$/, "")),
          ...(row.state === "O" ? [] : [`ALTER TABLE ${relation.id} ${state} RULE ${name}`]),
          ...commentOn(catalog, own, `RULE ${name} ON ${relation.id}`),
        ],
      }),
    ];
  });
}
