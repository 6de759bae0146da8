/** Audit as a part of the policies: reads audit.yaml, compares it with a database. */
import type { PolicyPart } from "../step.ts";
import { planAudit } from "./plan.ts";
import type { DeclaredAudit } from "./read.ts";
import { readAudit } from "./read.ts";

export const auditPart: PolicyPart<DeclaredAudit> = {
  name: "audit",
  read: readAudit,
  plan: planAudit,
};
