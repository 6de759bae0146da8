/** Statements that give a table, and each of its partitions, the triggers it needs. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Location } from "../../errors.ts";
import type { PolicyStep } from "../step.ts";
import type { AuditFunction, AuditTable, AuditTrigger, Relation } from "./catalog.ts";
import { nameOf } from "./catalog.ts";
import type { GeneratedFunction } from "./generate.ts";
import { rowTriggerOf, truncateTriggerOf } from "./name.ts";

// Bits of pg_trigger.tgtype: row 1, insert 4, delete 8, update 16, truncate 32; after is no bit.
const rowType = 29;
const truncateType = 32;

/**
 * One row trigger on the table, which PostgreSQL clones to its partitions, and a TRUNCATE trigger on
 * the table and on each leaf: truncating a leaf does not fire the trigger of its parent.
 */
export function planTriggers(
  table: AuditTable,
  wanted: GeneratedFunction,
  functions: readonly AuditFunction[],
  at: Location | undefined,
): PolicyStep[] {
  const rowName = rowTriggerOf(table.name);
  const truncateName = truncateTriggerOf(table.name);
  const call = `execute function ${qualified(wanted.schema, wanted.name)}()`;
  const unit = `table ${nameOf(table)}`;
  const steps: PolicyStep[] = [];
  const drops: PolicyStep[] = [];
  for (const relation of table.relations) {
    if (!relation.isRoot && !relation.isLeaf) continue;
    const place = qualified(relation.schema, relation.name);
    const step = (sql: string, why: string, trigger: string): PolicyStep => ({
      part: "audit",
      object: `trigger ${ident(trigger)} on ${place}`,
      sql,
      why,
      role: relation.owner,
      unit,
      at,
    });
    const wantedHere = [
      ...(relation.isRoot
        ? [{ name: rowName, type: rowType, form: "after insert or update or delete", each: "row" }]
        : []),
      { name: truncateName, type: truncateType, form: "after truncate", each: "statement" },
    ];
    for (const { name, type, form, each } of wantedHere) {
      const current = relation.triggers.find((trigger) => trigger.name === name);
      const isRight = current && isAsWanted(current, type, wanted);
      if (!isRight) {
        if (current?.isConstraint) {
          // CREATE OR REPLACE refuses a constraint trigger.
          steps.push(
            step(`drop trigger ${ident(name)} on ${place}`, "it is a constraint trigger", name),
          );
        }
        steps.push(
          step(
            `create ${current && !current.isConstraint ? "or replace " : ""}trigger ${ident(name)} ${form} on ${place} for each ${each} ${call}`,
            current ? "the trigger is not as it was made" : "the trigger is not there",
            name,
          ),
        );
      } else if (!isOn(current)) {
        steps.push(
          step(
            `alter table ${place} enable trigger ${ident(name)}`,
            "the trigger is disabled",
            name,
          ),
        );
      }
    }
    const root = table.relations[0];
    const rootTrigger = root?.triggers.find(({ name }) => name === rowName);
    const isRootOn = rootTrigger && isAsWanted(rootTrigger, rowType, wanted) && isOn(rootTrigger);
    for (const trigger of relation.triggers) {
      if (trigger.isClone) {
        // Enabling the one of the root reaches all of them.
        if (trigger.name === rowName && !isOn(trigger) && isRootOn) {
          steps.push(
            step(
              `alter table ${place} enable trigger ${ident(trigger.name)}`,
              "the trigger is disabled on this partition",
              trigger.name,
            ),
          );
        }
      } else if (
        (trigger.isOurs || trigger.name === rowName) &&
        !wantedHere.some(({ name }) => name === trigger.name)
      ) {
        drops.push(
          step(
            `drop trigger ${ident(trigger.name)} on ${place}`,
            "the table's changes would be recorded twice",
            trigger.name,
          ),
        );
      }
    }
  }
  // A leaf's own trigger of that name is in the way of the root's.
  const first = drops.filter(({ object }) => object.startsWith(`trigger ${ident(rowName)} on `));
  return [
    ...first,
    ...steps,
    ...drops.filter((drop) => !first.includes(drop)),
    ...dropOldFunctions(table, wanted, functions, unit, at),
  ];
}

/** Functions that only this table's former triggers execute: it had another name. */
function dropOldFunctions(
  table: AuditTable,
  wanted: GeneratedFunction,
  functions: readonly AuditFunction[],
  unit: string,
  at: Location | undefined,
): PolicyStep[] {
  const names = new Set(table.relations.map(nameOf));
  return functions
    .filter(
      (one) =>
        one.isOurs &&
        !(one.schema === wanted.schema && one.name === wanted.name) &&
        one.users.length > 0 &&
        one.users.every((user) => names.has(nameOf(user))),
    )
    .map((one): PolicyStep => ({
      part: "audit",
      object: `function ${qualified(one.schema, one.name)}()`,
      sql: `drop function ${qualified(one.schema, one.name)}()`,
      why: "it recorded changes of the table under its former name",
      role: one.owner,
      unit,
      at,
    }));
}

function isAsWanted(trigger: AuditTrigger, type: number, wanted: GeneratedFunction): boolean {
  return (
    trigger.type === type &&
    trigger.isPlain &&
    !trigger.isConstraint &&
    !trigger.isClone &&
    trigger.functionSchema === wanted.schema &&
    trigger.function === wanted.name
  );
}

/** Fires on ordinary writes; ENABLE ALWAYS does, too. */
function isOn({ enabled }: AuditTrigger): boolean {
  return enabled === "O" || enabled === "A";
}

/** DROP TRIGGER statements for every trigger of ours on a relation that did not come from its parent. */
export function dropAllTriggers(relation: Relation): { name: string; sql: string }[] {
  return relation.triggers
    .filter(({ isOurs, isClone }) => isOurs && !isClone)
    .map(({ name }) => ({
      name,
      sql: `drop trigger ${ident(name)} on ${qualified(relation.schema, relation.name)}`,
    }));
}
