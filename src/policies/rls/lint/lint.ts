/** Findings about policies: everything that is often wrong with row level security. */
import type { Finding } from "../../../findings.ts";
import { logGranted } from "../../grants/log.ts";
import { outsideRight } from "../../grants/outside.ts";
import type { PlanContext } from "../../step.ts";
import { applyAcknowledgements, readAcknowledgements } from "./acknowledge.ts";
import { readPolicyDatabase } from "./database.ts";
import type { Rule } from "./rule.ts";
import { alwaysTrue } from "./rules/always-true.ts";
import { definerSearchPath } from "./rules/definer.ts";
import { identityCast } from "./rules/identity-cast.ts";
import { initPlan } from "./rules/init-plan.ts";
import { leafUnprotected } from "./rules/leaf-unprotected.ts";
import { ledgerGranted } from "./rules/ledger-granted.ts";
import { missingWithCheck } from "./rules/missing-with-check.ts";
import { notLeakproof } from "./rules/not-leakproof.ts";
import { openSchema } from "./rules/open-schema.ts";
import { outsideDefiner } from "./rules/outside-definer.ts";
import { recursion } from "./rules/recursion.ts";
import { rlsDisabled } from "./rules/rls-disabled.ts";
import { noForce, policyDisabled, restrictiveOnly, withoutPolicy } from "./rules/state.ts";
import { unindexedColumn } from "./rules/unindexed-column.ts";
import { matviewGranted, viewBypass } from "./rules/views.ts";

/** Every rule, the gravest first. */
export const rules: readonly Rule[] = [
  policyDisabled,
  recursion,
  ledgerGranted,
  leafUnprotected,
  identityCast,
  alwaysTrue,
  viewBypass,
  matviewGranted,
  missingWithCheck,
  rlsDisabled,
  noForce,
  definerSearchPath,
  outsideDefiner,
  openSchema,
  withoutPolicy,
  restrictiveOnly,
  initPlan,
  unindexedColumn,
  notLeakproof,
];

export interface LintOptions {
  /** Absolute path of the directory of policies, with `lint.yaml` in it where there is one. */
  readonly directory: string;
  /** The directory as it is shown. */
  readonly shownDirectory: string;
  /** Schemas that the files name; functions elsewhere are nobody's declared business. */
  readonly schemas?: ReadonlySet<string>;
  /** `YYYY-MM-DD`; acknowledgements end after their day. Default: today, UTC. */
  readonly today?: string;
  /** Findings of other parts that can be acknowledged too. */
  readonly more?: readonly Finding[];
}

const names = [...rules.map(({ name }) => name), logGranted, outsideRight];
const todayOf = (today: string | undefined) => today ?? new Date().toISOString().slice(0, 10);

/** Of findings of other parts, those that nobody acknowledges. */
export async function leaveAcknowledged(
  findings: readonly Finding[],
  { directory, shownDirectory, today }: LintOptions,
): Promise<Finding[]> {
  if (findings.length === 0) return [];
  const acknowledgements = await readAcknowledgements(directory, shownDirectory, names);
  const wanted = new Set(findings.map(({ rule }) => rule));
  return applyAcknowledgements(
    findings,
    acknowledgements.filter(({ rule }) => wanted.has(rule)),
    { today: todayOf(today), isComplete: false },
  );
}

/**
 * Judges the policies of a database and what surrounds them, less what `lint.yaml` acknowledges.
 * Reads the catalog only, with any role, and sees what the open transaction changed.
 *
 * @throws PgwrightError `config-invalid` for mistakes in lint.yaml.
 */
export async function lintPolicies(context: PlanContext, options: LintOptions): Promise<Finding[]> {
  const acknowledgements = await readAcknowledgements(
    options.directory,
    options.shownDirectory,
    names,
  );
  const database = await readPolicyDatabase(context, options.schemas ?? new Set());
  const findings = rules.flatMap(({ name, judge }) =>
    judge(database).map((judgement): Finding => ({ rule: name, ...judgement })),
  );
  return applyAcknowledgements([...findings, ...(options.more ?? [])], acknowledgements, {
    today: todayOf(options.today),
    // Where only some tables are looked at, the others' acknowledgements cannot be judged.
    isComplete: context.only === undefined,
  });
}
