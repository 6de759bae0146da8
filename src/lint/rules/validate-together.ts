import type { Effect } from "../../locks/effect.ts";
import { isAtLeast, stronger } from "../../locks/mode.ts";
import { keyOf } from "../../locks/model.ts";
import type { Step } from "../rule.ts";
import { apart, ruleOfFacts, sqlName } from "../say.ts";

interface Held {
  readonly lock: Effect["lock"];
  readonly line: number;
}

/** Gathered as a file goes on, so that each of its statements is looked at once. */
const gathered = new WeakMap<readonly Step[], { seen: number; readonly held: Map<string, Held> }>();

/** The first lock of each table that keeps writes out. */
function heldBy(before: readonly Step[]): ReadonlyMap<string, Held> {
  const known = gathered.get(before) ?? { seen: 0, held: new Map<string, Held>() };
  gathered.set(before, known);
  for (; known.seen < before.length; known.seen += 1) {
    const step = before[known.seen];
    for (const { table, lock } of step?.effects ?? []) {
      if (step && isAtLeast(lock, "SHARE") && !known.held.has(table)) {
        known.held.set(table, { lock, line: step.line });
      }
    }
  }
  return known.held;
}

export const validateTogether = ruleOfFacts({
  name: "validate-together",
  severity: "error",
  summary: "VALIDATE CONSTRAINT in the transaction, or the statement, that locked the table",
  why: "VALIDATE itself takes SHARE UPDATE EXCLUSIVE, but a lock is held until the transaction ends: beside ADD CONSTRAINT … NOT VALID, or any other change of the table, every row is read under the stronger lock, and NOT VALID was for nothing.",
  safe: "-- 042_add_check.sql\nALTER TABLE orders ADD CONSTRAINT price_positive CHECK (price > 0) NOT VALID;\n-- 043_validate_check.sql\nALTER TABLE orders VALIDATE CONSTRAINT price_positive;",
  facts: ["validate-check", "validate-foreign-key", "validate-not-null"],
  say: ({ table }, { before, effects }) => {
    const held = heldBy(before).get(keyOf(table));
    // ALTER TABLE locks once, for the one of its commands that needs the most.
    const own = effects.map(({ lock }) => lock).reduce(stronger);
    if (!held && !isAtLeast(own, "SHARE")) return undefined;
    const whose = held
      ? `the ${held.lock} lock that line ${held.line} took`
      : `its own ${own} lock`;
    return {
      message: `${sqlName(table)} is read for VALIDATE CONSTRAINT under ${whose}${held ? "" : ", which the other commands of the statement need"}`,
      hint: apart,
    };
  },
});
