import { stringsOf } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

export const enumOrder: LintRule = {
  name: "enum-order",
  severity: "info",
  summary: "ALTER TYPE … ADD VALUE without BEFORE or AFTER",
  why: "Values of an enum sort as they are listed, and a new one goes to the end unless it is told. It can never be moved.",
  safe: "ALTER TYPE order_state ADD VALUE 'packed' AFTER 'paid';",
  squawk: ["require-enum-value-ordering"],
  kinds: ["AlterEnumStmt"],
  judge: (step) => {
    const alter = nodeOf(step, "AlterEnumStmt");
    if (!alter || alter.oldVal !== undefined || alter.newValNeighbor !== undefined) return [];
    const type = stringsOf(alter.typeName).join(".");
    return [
      {
        object: type,
        message: `'${alter.newVal}' sorts behind all other values of ${sqlName(type)}, for good`,
        hint: `say where it belongs: \`ALTER TYPE ${sqlName(type)} ADD VALUE '${alter.newVal}' AFTER '…';\``,
      },
    ];
  },
};
