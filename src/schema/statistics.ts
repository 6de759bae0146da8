import { qualified } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { attributesOf, usesOwnFunction } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { address, stages } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import { partOf } from "./relations.ts";
import type { Relations } from "./relations.ts";
import listStatistics from "./statistics.sql";

interface StatisticsRow {
  readonly oid: number;
  readonly relation: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly target: number | null;
  readonly definition: string;
}

/** Extended statistics: what to gather, never what was gathered. */
export async function collectStatistics(
  catalog: Catalog,
  relations: Relations,
): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<StatisticsRow>(listStatistics);
  return rows.flatMap((row) => {
    const relation = relations.get(row.relation);
    if (!relation) return [];
    const own = address("statistics", row.oid);
    const id = qualified(row.schema, row.name);
    return [
      partOf(relation, {
        label: `statistics ${id}`,
        addresses: [own],
        rank: "statistics",
        name: id,
        requires: [address("class", relation.oid)],
        ...(usesOwnFunction(catalog, own) && { stage: stages.postponed }),
        statements: [
          asReread(row.definition),
          ...(row.target === null ? [] : [`ALTER STATISTICS ${id} SET STATISTICS ${row.target}`]),
          ...attributesOf(catalog, { address: own, name: `STATISTICS ${id}`, owner: row.owner }),
        ],
      }),
    ];
  });
}
