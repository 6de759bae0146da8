/** Audit that exists in the database and in no file: goes with `--prune`. */
import { ident, qualified } from "../../db/identifier.ts";
import type { PolicyStep } from "../step.ts";
import type { AuditFunction, AuditTable } from "./catalog.ts";
import { nameOf } from "./catalog.ts";
import { boundedName } from "./name.ts";
import { dropAllTriggers } from "./trigger-steps.ts";

/**
 * Triggers of ours on tables that are not declared, with their functions; where everything is looked
 * at (`isComplete`), also functions that no trigger executes any more: their table was dropped.
 */
export function planExtras(
  tables: readonly AuditTable[],
  declared: ReadonlySet<string>,
  functions: readonly AuditFunction[],
  isComplete: boolean,
): PolicyStep[] {
  const steps: PolicyStep[] = [];
  const drop = (one: AuditFunction, unit: string, why: string): PolicyStep => ({
    part: "audit",
    object: `function ${qualified(one.schema, one.name)}()`,
    sql: `drop function ${qualified(one.schema, one.name)}()`,
    why,
    extra: "other",
    role: one.owner,
    unit,
  });
  for (const table of tables) {
    const name = nameOf(table);
    if (declared.has(name)) continue;
    for (const relation of table.relations) {
      const place = qualified(relation.schema, relation.name);
      for (const trigger of dropAllTriggers(relation)) {
        steps.push({
          part: "audit",
          object: `trigger ${ident(trigger.name)} on ${place}`,
          sql: trigger.sql,
          why: "audit.yaml does not name the table",
          extra: "other",
          role: relation.owner,
          unit: `table ${name}`,
        });
      }
    }
    const places = new Set(table.relations.map(nameOf));
    for (const one of functions) {
      if (
        one.isOurs &&
        one.users.length > 0 &&
        one.users.every((user) => places.has(nameOf(user)))
      ) {
        steps.push(drop(one, `table ${name}`, "audit.yaml does not name its table"));
      }
    }
  }
  if (!isComplete) return steps;
  for (const one of functions) {
    if (!one.isOurs || one.users.length > 0 || isAboutToBeUsed(one, tables, declared)) continue;
    steps.push(drop(one, `function ${nameOf(one)}`, "no trigger executes it: its table is gone"));
  }
  return steps;
}

/** The function of a declared table whose triggers are missing. */
function isAboutToBeUsed(
  one: AuditFunction,
  tables: readonly AuditTable[],
  declared: ReadonlySet<string>,
): boolean {
  return tables.some(
    (table) =>
      table.schema === one.schema &&
      declared.has(nameOf(table)) &&
      boundedName(table.name, "_audit") === one.name,
  );
}
