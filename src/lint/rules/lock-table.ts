import { isAtLeast } from "../../locks/mode.ts";
import { ruleOfFacts, sqlName } from "../say.ts";

export const lockTable = ruleOfFacts({
  name: "lock-table",
  severity: "warning",
  summary: "LOCK TABLE in a mode that blocks others",
  why: "The lock is held to the end of the transaction.",
  safe: "LOCK TABLE orders IN SHARE UPDATE EXCLUSIVE MODE;",
  facts: ["lock-table"],
  say: ({ table, lock }) =>
    isAtLeast(lock, "SHARE")
      ? {
          isBySize: false,
          message: `LOCK TABLE holds ${lock} on ${sqlName(table)} to the end of the transaction`,
          hint: "leave it out: each statement takes the lock that it needs; SHARE UPDATE EXCLUSIVE keeps out other migrations alone",
        }
      : undefined,
});
