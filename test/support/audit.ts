/** Databases with an audit log, for tests. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseYamlFile } from "../../src/config/yaml-file.ts";
import type { Mistake } from "../../src/config/mistake.ts";
import type { Session } from "../../src/db/session.ts";
import { planAudit } from "../../src/policies/audit/plan.ts";
import type { DeclaredAudit } from "../../src/policies/audit/read.ts";
import { readAudit } from "../../src/policies/audit/read.ts";
import { auditSchema } from "../../src/policies/audit/schema.ts";
import type { PartPlan, PlanContext } from "../../src/policies/step.ts";
import { runSteps } from "./policy-steps.ts";

const logMigrations = [
  "010_20240506_add_audit_log.sql",
  "017_20240812_speed_up_audit_operations.sql",
  "018_20240826_speed_up_audit_indexes.sql",
];

/** The statements of the log's migrations alone, owned by whoever runs them. */
export function auditLogSql(): string {
  const ups = logMigrations.map((name) => {
    const file = new URL(`../../migrations/${name}`, import.meta.url);
    return readFileSync(file, "utf8").split(/-- migrate:(?:up|down)/)[1];
  });
  return `create schema shared;\n${ups.join("")}`;
}

/** Audit.yaml from its text. */
export function declare(source: string): DeclaredAudit {
  const mistakes: Mistake[] = [];
  const parsed = parseYamlFile(auditSchema, source, "policies/audit.yaml", mistakes);
  if (!parsed) throw new Error(JSON.stringify(mistakes));
  return {
    file: parsed.data,
    placeOf: (...path) => parsed.locations.get(path.join(".")),
    source,
  };
}

/** Audit.yaml as read from a directory. */
export async function readDeclared(source: string): ReturnType<typeof readAudit> {
  const directory = await mkdtemp(join(tmpdir(), "pgwright-audit-"));
  try {
    await writeFile(join(directory, "audit.yaml"), source);
    return await readAudit(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

export function plan(
  session: Session,
  source: string,
  options: Partial<PlanContext> = {},
): Promise<PartPlan> {
  return planAudit(declare(source), {
    session,
    ownerRole: undefined,
    ledger: { schema: "public", table: "schema_migrations" },
    ...options,
  });
}

/** Brings the audit about; fails where the plan has findings. */
export async function install(session: Session, source: string): Promise<void> {
  const { steps, findings } = await plan(session, source);
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  await runSteps(session, steps);
}
