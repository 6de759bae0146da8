import { allOf, as, isOptionOn } from "../../db/tree.ts";
import { relationName } from "../../db/tree.ts";
import { alterCommands, sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

export const autovacuumOff: LintRule = {
  name: "autovacuum-off",
  severity: "warning",
  summary: "autovacuum is switched off for a table",
  why: "Dead rows pile up, statistics grow old, and in the end a vacuum against wraparound comes all the same, at the worst time.",
  safe: "ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.01);",
  kinds: ["AT_SetRelOptions", "CreateStmt"],
  judge: (step) => {
    const create = nodeOf(step, "CreateStmt");
    const isOff = (options: Parameters<typeof isOptionOn>[0]) =>
      !isOptionOn(options, "autovacuum_enabled", true);
    const say = (table: string) => ({
      object: table,
      message: `autovacuum is switched off for ${sqlName(table)}`,
      hint: "let it run more often instead, so that each run is short: autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay",
    });
    if (create && isOff(create.options)) return [say(relationName(create.relation))];
    return alterCommands(step).flatMap(({ command, table }) =>
      command.subtype === "AT_SetRelOptions" &&
      isOff(as(command.def, "List")?.items) &&
      allOf(as(command.def, "List")?.items, "DefElem").length > 0
        ? [say(table)]
        : [],
    );
  },
};
