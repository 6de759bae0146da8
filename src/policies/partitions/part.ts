/** Partitions as a part of `policies/`: partitions.yaml against the database. */
import type { PolicyPart } from "../step.ts";
import type { DeclaredPartitions } from "./declared.ts";
import { readPartitions } from "./declared.ts";
import { planTables } from "./plan.ts";
import { planGloballyUnique } from "./unique/plan-unique.ts";

/**
 * The plan creates what is missing as far as that moves and removes no row: rows that wait in a
 * default partition, and partitions that are too old, are the work of `partitions maintain`.
 */
export const partitionsPart: PolicyPart<DeclaredPartitions> = {
  name: "partitions",
  read: readPartitions,
  async plan(declared, { session, only }) {
    const tables = await planTables(session, declared, { only });
    const guards = [];
    for (const { declared: table } of tables) {
      const { keys = [], at } = table.globallyUnique ?? {};
      guards.push(await planGloballyUnique(session, { ...table, keys, at }));
    }
    return {
      steps: [
        ...tables.flatMap(({ steps }) =>
          steps.map((step) => ({ ...step, part: "partitions" as const })),
        ),
        ...guards.flatMap(({ steps }) => steps),
      ],
      findings: [...tables, ...guards].flatMap(({ findings }) => findings),
    };
  },
};
