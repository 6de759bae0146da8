/** `lint --explain`: one rule in full, or the list of them. */
import { PgwrightError } from "../errors.ts";
import { findNearest } from "../config/nearest.ts";
import { lintRules } from "./rules/list.ts";
import type { LintRule } from "./rule.ts";

export type ExplainedRule = Omit<LintRule, "judge" | "kinds" | "facts">;

/** @throws PgwrightError `usage` for a name that no rule has. */
export function explainRules(name: string | true): ExplainedRule[] {
  const rules = lintRules.map(
    ({ judge: _judge, kinds: _kinds, facts: _facts, ...rule }): ExplainedRule => rule,
  );
  if (name === true) return rules;
  const wanted = name.replace(/^lint\//, "");
  const found = rules.filter((rule) => rule.name === wanted);
  if (found.length > 0) return found;
  const near = findNearest(
    wanted,
    rules.map((rule) => rule.name),
  );
  throw new PgwrightError("usage", `there is no rule \`${wanted}\``, {
    hint: `${near === undefined ? "" : `did you mean \`${near}\`? `}\`pgwright lint --explain\` lists the rules`,
  });
}
