import type { LintRule } from "../rule.ts";
import { settingsIn } from "../settings.ts";
import { inShort } from "../../db/sql-text.ts";

export const lockTimeoutOff: LintRule = {
  name: "lock-timeout-off",
  severity: "error",
  summary: "the file switches lock_timeout off, or makes it long",
  why: "A statement that waits for a lock stops everybody who comes after it. pgwright waits for a second, gives up, lets the others through and tries again, for as long as --lock-budget says; a lock_timeout of the file's own undoes that.",
  safe: "-- nothing: lock_timeout is set for every transaction",
  kinds: ["VariableSetStmt", "SelectStmt"],
  judge: (step) =>
    settingsIn(step).flatMap(({ name, value }) => {
      if (name !== "lock_timeout") return [];
      const ms = milliseconds(value ?? "");
      // No more patient than twenty times the usual second.
      if (ms !== undefined && ms > 0 && ms <= 20_000) return [];
      return [
        {
          message: `\`${inShort(step.statement.text)}\`: ${ms === 0 || ms === undefined ? "whoever waits for a lock stops everybody behind him, without an end" : "whoever waits for a lock stops everybody behind him for that long"}`,
          hint: "leave it out: pgwright sets it, and tries again; `--lock-timeout` and `--lock-budget` change it",
        },
      ];
    }),
};

/** As PostgreSQL reads it; undefined for what is no duration. */
function milliseconds(text: string): number | undefined {
  const [, amount, unit = "ms"] = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(text) ?? [];
  const factor = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}
