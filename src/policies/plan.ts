/** Compares what is declared with a database: the steps that would make it so. */
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import { auditPart } from "./audit/part.ts";
import { logGranted } from "./grants/log.ts";
import { findOutsideRights, outsideRight } from "./grants/outside.ts";
import { planGrants } from "./grants/plan.ts";
import { partitionsPart } from "./partitions/part.ts";
import type { Policies } from "./policies.ts";
import { findUnknownRoles } from "./role-names.ts";
import { leaveAcknowledged, lintPolicies } from "./rls/lint/lint.ts";
import type { LintOptions } from "./rls/lint/lint.ts";
import { planRowSecurity } from "./rls/plan.ts";
import { planRoles } from "./roles/plan.ts";
import type { PartPlan, PlanContext, PolicyStep } from "./step.ts";

export interface PolicyPlan {
  /** In the order in which they run. */
  readonly steps: readonly PolicyStep[];
  readonly findings: readonly Finding[];
}

export type PlanOptions = Pick<PlanContext, "ownerRole" | "ledger" | "absentRoles"> & {
  /** Also judge the policies that are there; an object that differs anyway is judged once it is mended. */
  readonly lint?: LintOptions | undefined;
};

const enter = "set local search_path = pg_catalog;\nset local row_security = off";

/**
 * Plans in a transaction of its own, which is rolled back. It takes no lock that a writer would
 * notice.
 */
export async function planPolicies(
  session: Session,
  policies: Policies,
  options: PlanOptions,
): Promise<PolicyPlan> {
  await session.script(`begin isolation level read committed;\n${enter}`);
  try {
    const context = { ...options, session };
    const found = await planParts(policies, context);
    // What lint.yaml can acknowledge: an auditor who reads the log, rights where no file compares them.
    const isForPeople = ({ rule, object }: Finding) =>
      rule === outsideRight || (rule === logGranted && object !== policies.audit?.file.log);
    const forPeople = found.findings.filter(isForPeople);
    const plan = { ...found, findings: found.findings.filter((one) => !isForPeople(one)) };
    if (!options.lint) {
      const { directory } = policies;
      const left = await leaveAcknowledged(forPeople, { directory, shownDirectory: directory });
      return { ...plan, findings: [...plan.findings, ...left] };
    }
    const differing = new Set(plan.steps.map(({ object }) => object));
    const judged = await lintPolicies(context, {
      ...options.lint,
      schemas: policies.grants.schemas,
      more: forPeople,
    });
    const findings = judged.filter(({ object }) => object === undefined || !differing.has(object));
    return { ...plan, findings: [...plan.findings, ...findings] };
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

/** The same for some tables, in a transaction that has touched them and goes on after it. */
export async function planTouched(
  session: Session,
  policies: Policies,
  options: PlanOptions & Pick<PlanContext, "only">,
): Promise<PolicyPlan> {
  await session.script(`savepoint pgwright_plan;\n${enter}`);
  try {
    return await planParts(policies, { ...options, session });
  } finally {
    if (!session.isDead) {
      await session.settle("rollback to savepoint pgwright_plan;\nrelease savepoint pgwright_plan");
    }
  }
}

async function planParts(policies: Policies, context: PlanContext): Promise<PolicyPlan> {
  const isWhole = context.only === undefined;
  const parts: PartPlan[] = [];
  if (isWhole) {
    parts.push(await planRoles(policies.roles, context));
    const findings = await findUnknownRoles(context.session, policies);
    parts.push({ steps: [], findings });
  }
  if (policies.partitions) {
    const governed = policies.grants.schemas;
    parts.push(await partitionsPart.plan(policies.partitions, { ...context, governed }));
  }
  const later = { ...context, coming: parts.flatMap(({ coming }) => coming ?? []) };
  if (policies.audit) parts.push(await auditPart.plan(policies.audit, later));
  parts.push(await planRowSecurity(policies.rowSecurity, later));
  parts.push(await planGrants(policies.grants, context));
  if (isWhole) parts.push({ steps: [], findings: await findOutside(policies, context) });
  return {
    steps: bringTogether(parts.flatMap(({ steps }) => steps)),
    findings: parts.flatMap(({ findings }) => findings),
  };
}

function findOutside({ roles, grants }: Policies, context: PlanContext): Promise<Finding[]> {
  const owner = context.ownerRole ?? context.session.server.role;
  return findOutsideRights(context, {
    roles: roles.roles.keys(),
    schemas: grants.schemas,
    creators: grants.defaults.flatMap((one) => (one.roles.length === 0 ? [owner] : one.roles)),
  });
}

/**
 * The steps of one unit follow each other, whichever part they come from, where the first of them
 * stood: a table's rights come with its policies, in one transaction.
 */
function bringTogether(steps: readonly PolicyStep[]): PolicyStep[] {
  const units = new Map<string, PolicyStep[]>();
  for (const step of steps) {
    const unit = units.get(step.unit);
    if (unit) unit.push(step);
    else units.set(step.unit, [step]);
  }
  return [...units.values()].flat();
}
