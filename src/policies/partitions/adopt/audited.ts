/** Whether the triggers that record changes are `policies/audit.yaml`'s matter and not the file's. */
import { throwMistakes } from "../../../config/mistake.ts";
import { rowTriggerOf, truncateTriggerOf } from "../../audit/name.ts";
import { readAudit } from "../../audit/read.ts";
import type { TableFacts } from "./read-table.ts";

/**
 * The table with only those triggers that the migration has to carry over, and in `policyTriggers`
 * the names of the others: where audit.yaml names the table, each migration brings its triggers about
 * in its own transaction, and a leaf gets one that the migration knows nothing of.
 *
 * @throws PgwrightError `config-invalid` for mistakes in audit.yaml.
 */
export async function setAuditAside(facts: TableFacts, directory: string): Promise<TableFacts> {
  const { declared, findings } = await readAudit(directory);
  throwMistakes(findings);
  const { name, schema, triggers } = facts;
  if (!declared || !Object.hasOwn(declared.file.tables, `${schema}.${name}`)) return facts;
  const others = triggers.filter((trigger) => !trigger.isAudit);
  // Also where the database was not audited yet: another one, or this one by then, may be.
  const names = new Set([
    ...triggers.filter(({ isAudit }) => isAudit).map((trigger) => trigger.name),
    ...[rowTriggerOf(name), truncateTriggerOf(name)].filter(
      (made) => !others.some((trigger) => trigger.name === made),
    ),
  ]);
  return { ...facts, triggers: others, policyTriggers: [...names].toSorted() };
}
