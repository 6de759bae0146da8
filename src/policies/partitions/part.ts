/** Partitions as a part of `policies/`: partitions.yaml against the database. */
import type { PolicyPart } from "../step.ts";
import type { DeclaredPartitions } from "./declared.ts";
import { readPartitions } from "./declared.ts";
import { planTables } from "./plan.ts";

/**
 * The plan creates what is missing as far as that moves and removes no row: rows that wait in a
 * default partition, and partitions that are too old, are the work of `partitions maintain`.
 */
export const partitionsPart: PolicyPart<DeclaredPartitions> = {
  name: "partitions",
  read: readPartitions,
  async plan(declared, { session, only }) {
    const tables = await planTables(session, declared, { only });
    return {
      steps: tables.flatMap(({ steps }) =>
        steps.map((step) => ({ ...step, part: "partitions" as const })),
      ),
      findings: tables.flatMap(({ findings }) => findings),
    };
  },
};
