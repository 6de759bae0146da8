/** `lint --explain`: one rule in full, or the list of them. */
import { PgwrightError } from "../errors.ts";
import { findNearest } from "../config/nearest.ts";
import { lintRules } from "./rules/list.ts";
import type { RuleText } from "../findings.ts";
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

/** The comment that explains a finding of a rule away. */
export function ignoreComment(name: string): string {
  return `-- lint:ignore ${name}: <why it is all right here>`;
}

/** What findings come of that no rule of the list has made. */
const otherTexts: readonly RuleText[] = [
  {
    rule: "lint/ignore-without-reason",
    severity: "error",
    summary: "`-- lint:ignore` that names no rule, or gives no reason behind a colon",
  },
  {
    rule: "lint/ignore-unknown",
    severity: "error",
    summary: "`-- lint:ignore` names a rule that there is not",
  },
  {
    rule: "lint/ignore-unused",
    severity: "warning",
    summary: "`-- lint:ignore` of a rule that finds nothing there",
  },
  {
    rule: "migrations/syntax-error",
    severity: "error",
    summary: "PostgreSQL's grammar refuses the file, so that nothing of it is judged",
  },
  {
    rule: "migrations/psql-command",
    severity: "error",
    summary: "a line that only psql understands",
  },
  {
    rule: "migrations/copy-data",
    severity: "error",
    summary: "COPY through the client, whose data only psql reads",
  },
  {
    rule: "migrations/too-deep",
    severity: "warning",
    summary: "nested too deeply for the parser, so that nothing of the file is judged",
  },
  { rule: "migrations/not-utf8", severity: "error", summary: "the file is not valid UTF-8" },
];

/** All that a report can say of what `lint` finds: the words of `--explain`. */
export function ruleTexts(): RuleText[] {
  const own = lintRules.map(({ name, severity, summary, why, safe }): RuleText => ({
    rule: `lint/${name}`,
    severity,
    summary,
    why,
    safe,
    ignore: ignoreComment(name),
  }));
  return [...own, ...otherTexts];
}
