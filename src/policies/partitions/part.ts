/** Partitions as a part of `policies/`: partitions.yaml against the database. */
import type { PartPlan, PolicyPart } from "../step.ts";
import type { DeclaredPartitions } from "./declared.ts";
import { readPartitions } from "./declared.ts";
import { planTables } from "./plan.ts";
import type { TablePlan } from "./plan.ts";
import { planGloballyUnique } from "./unique/plan-unique.ts";

/**
 * The plan creates what is missing as far as that moves and removes no row: rows that wait in a
 * default partition, and partitions that are too old, are the work of `partitions maintain`.
 */
export const partitionsPart: PolicyPart<DeclaredPartitions> = {
  name: "partitions",
  read: readPartitions,
  async plan(declared, { session, only, governed }) {
    const tables = await planTables(session, declared, { only, governed });
    const guards: PartPlan[] = [];
    for (const { declared: table } of tables) {
      const { keys = [], at } = table.globallyUnique ?? {};
      guards.push(await planGloballyUnique(session, { ...table, keys, at }));
    }
    // A migration makes its own partitions; a guard has to follow the columns that it changes.
    const chosen: readonly PartPlan[] = only ? guards : [...tables.map(asPart), ...guards];
    return {
      steps: chosen.flatMap(({ steps }) => steps),
      findings: chosen.flatMap(({ findings }) => findings),
      coming: chosen.flatMap(({ coming = [] }) => coming),
    };
  },
};

function asPart({ state, steps, findings, creates }: TablePlan): PartPlan {
  return {
    steps: steps.map((step) => ({ ...step, part: "partitions" as const })),
    findings,
    coming: creates.flatMap((name) =>
      state ? [{ root: state.oid, schema: state.declared.schema, name, owner: state.owner }] : [],
    ),
  };
}
