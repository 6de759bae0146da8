import { isAtLeast } from "../../locks/mode.ts";
import { keyOf } from "../../locks/model.ts";
import { apart, ruleOfFacts, sqlName } from "../say.ts";

export const validateTogether = ruleOfFacts({
  name: "validate-together",
  severity: "error",
  summary: "VALIDATE CONSTRAINT in the transaction that locked the table",
  why: "VALIDATE itself takes SHARE UPDATE EXCLUSIVE, but a lock is held until the transaction ends: beside ADD CONSTRAINT … NOT VALID, or any other change of the table, every row is read under the stronger lock, and NOT VALID was for nothing.",
  safe: "-- 042_add_check.sql\nALTER TABLE orders ADD CONSTRAINT price_positive CHECK (price > 0) NOT VALID;\n-- 043_validate_check.sql\nALTER TABLE orders VALIDATE CONSTRAINT price_positive;",
  facts: ["validate-check", "validate-foreign-key", "validate-not-null"],
  say: ({ table }, { before }) => {
    const held = before
      .flatMap(({ effects, line }) => effects.map((effect) => ({ ...effect, line })))
      .find((effect) => effect.table === keyOf(table) && isAtLeast(effect.lock, "SHARE"));
    if (!held) return undefined;
    return {
      message: `${sqlName(table)} is read for VALIDATE CONSTRAINT under the ${held.lock} lock that line ${held.line} took`,
      hint: apart,
    };
  },
});
