/** What is personal in a column, and what an anonymized copy holds in its place. */
import { formatRulePath } from "../anonymize/rules/path.ts";
import type { MaskingRules, Rule } from "../anonymize/rules/rule.ts";
import { sayEntity } from "../anonymize/personal.ts";
import type { PiiFinding } from "../pii/report.ts";
import type { Personal } from "./model.ts";

/** Undefined where neither a name nor a rule says anything. */
export function personalOf(
  table: { readonly schema: string; readonly name: string },
  column: string,
  found: readonly PiiFinding[],
  masking: MaskingRules | undefined,
): Personal | undefined {
  const says = found
    .filter(
      (one) =>
        one.schema === table.schema &&
        one.table === table.name &&
        one.column === column &&
        one.level !== "possible",
    )
    .map(({ entity }) => sayEntity(entity));
  const rules = (masking?.tables ?? [])
    .filter((one) => one.table === `${table.schema}.${table.name}`)
    .flatMap((one) => one.rules)
    .filter(({ path }) => path.column === column);
  if (says.length + rules.length === 0) return undefined;
  return {
    says: [...new Set(says)],
    rules: rules.map(describeRule),
    isMasked: rules.some(({ masker }) => masker !== "keep"),
  };
}

function describeRule({ path, masker, reason }: Rule): string {
  const below = path.steps.length === 0 ? "" : `${formatRulePath(path)} `;
  const what = masker === "keep" ? "kept" : `masked by ${masker}`;
  return `${below}${what}${reason === undefined ? "" : `: ${reason}`}`;
}
