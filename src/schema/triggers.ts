import { ident } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { attributesOf, commentOn } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import { partOf } from "./relations.ts";
import type { Relations } from "./relations.ts";
import { firingStates } from "./rules.ts";
import listTriggers from "./triggers.sql";

interface TriggerRow {
  readonly oid: number;
  readonly relation: number;
  readonly name: string;
  /** O(rigin), D(isabled), A(lways), R(eplica). */
  readonly state: string;
  readonly definition: string;
  /** 0 unless it is a constraint trigger. */
  readonly constraint: number;
  /** The trigger of the partitioned table that it is a clone of, or 0. */
  readonly parent: number;
  readonly isStateOwn: boolean;
}

export async function collectTriggers(
  catalog: Catalog,
  relations: Relations,
): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<TriggerRow>(listTriggers);
  return rows.flatMap((row) => {
    const relation = relations.get(row.relation);
    if (!relation) return [];
    const own = address("trigger", row.oid);
    const name = ident(row.name);
    const isClone = row.parent !== 0;
    const changesState = isClone ? row.isStateOwn : row.state !== "O";
    const only = isClone && relation.kind === "p" ? "ONLY " : "";
    const state = `ALTER TABLE ${only}${relation.id} ${firingStates[row.state] ?? ""} TRIGGER ${name}`;
    const subject = { address: own, name: `TRIGGER ${name} ON ${relation.id}` };
    return [
      partOf(relation, {
        label: `trigger ${name} on ${relation.id}`,
        addresses: [own, ...(row.constraint === 0 ? [] : [address("constraint", row.constraint)])],
        rank: isClone ? "triggerState" : "trigger",
        name: row.name,
        requires: [
          address("class", relation.oid),
          ...(isClone ? [address("trigger", row.parent)] : []),
        ],
        statements: [
          ...(isClone ? [] : [asReread(row.definition)]),
          ...(changesState ? [state] : []),
          ...attributesOf(catalog, subject),
          ...(row.constraint === 0
            ? []
            : commentOn(
                catalog,
                address("constraint", row.constraint),
                `CONSTRAINT ${name} ON ${relation.id}`,
              )),
        ],
      }),
    ];
  });
}
