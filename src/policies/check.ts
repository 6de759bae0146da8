/** Differences between `policies/` and a database as findings, for CI. */
import type { Finding } from "../findings.ts";
import type { PolicyPlan } from "./plan.ts";
import type { PolicyStep } from "./step.ts";

/**
 * One finding for each object and part, however many statements it takes to mend it.
 */
export function findDrift({ steps, findings }: PolicyPlan): Finding[] {
  const groups = new Map<string, PolicyStep[]>();
  for (const step of steps) {
    const key = JSON.stringify([step.part, step.object, step.extra === undefined]);
    const group = groups.get(key);
    if (group) group.push(step);
    else groups.set(key, [step]);
  }
  const drift = [...groups.values()].flatMap(([first, ...others]): Finding[] => {
    if (!first) return [];
    const { part, object, why, extra, sql, at } = first;
    const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
    return [
      {
        rule: `policies/${part.replaceAll(" ", "-")}`,
        severity: "error",
        message: `${object}: ${why}${more}`,
        hint:
          extra === undefined
            ? `\`pgwright policies apply\` runs: ${shorten(sql, "")}${others.length === 0 ? "" : "; …"}`
            : `declare it, or \`pgwright policies apply --prune\` runs: ${shorten(sql, " --prune")}${others.length === 0 ? "" : "; …"}`,
        at,
        object,
      },
    ];
  });
  return [...drift, ...findings];
}

/** What was left because only `--prune` takes it away; an error where it lets somebody see or do more. */
export function describeExtra({ object, why, sql, extra }: PolicyStep): Finding {
  return {
    rule: "policies/extra",
    severity: extra === "security" ? "error" : "warning",
    message: `${object}: ${why}`,
    hint: `declare it, or \`pgwright policies apply --prune\` runs: ${shorten(sql, " --prune")}`,
    object,
  };
}

/** What still differs although everything of the plan has run. */
export function describeUndone({ object, why, sql, at }: PolicyStep): Finding {
  return {
    rule: "policies/undone",
    severity: "error",
    message: `${object} is not as declared after the plan has run: ${why}`,
    hint: `this ran, or became necessary meanwhile, and is not in force: ${shorten(sql, "")}\n\`pgwright policies plan\` shows what differs now`,
    at,
    object,
  };
}

/** A function's text would fill the screen; what fits into a few lines is shown whole. */
function shorten(sql: string, option: "" | " --prune"): string {
  const lines = sql.split("\n");
  return lines.length <= 4
    ? sql
    : `${lines[0]} … (${lines.length} lines; \`pgwright policies plan${option}\` shows them)`;
}
