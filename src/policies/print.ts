/** A plan as SQL that can be run by hand: transactions as they would run, reasons as comments. */
import { ident } from "../db/identifier.ts";
import { describeLocks } from "./cost.ts";
import type { PolicyStep } from "./step.ts";

/** Settings of every transaction; names in `policies/` are looked up in public, as psql does. */
export const transactionSettings = [
  "set local search_path = public",
  "set local row_security = off",
] as const;

/** Steps that follow each other in one transaction. */
export interface Unit {
  readonly name: string;
  readonly steps: readonly [PolicyStep, ...PolicyStep[]];
}

/** Neighbours of the same unit; a step that runs alone is one of its own. */
export function unitsOf(steps: readonly PolicyStep[]): Unit[] {
  const units: { name: string; steps: [PolicyStep, ...PolicyStep[]] }[] = [];
  for (const step of steps) {
    const last = units.at(-1);
    const joins = last?.name === step.unit && !step.runsAlone && !last.steps[0].runsAlone;
    if (joins) last?.steps.push(step);
    else units.push({ name: step.unit, steps: [step] });
  }
  return units;
}

/**
 * The whole plan; an empty text for an empty plan. What runs only with `--prune` stands as a comment
 * where that is not asked for, so that the text does what `apply` does.
 */
export function printPlan(steps: readonly PolicyStep[], options: { prune: boolean }): string {
  const runs = ({ extra }: PolicyStep) => options.prune || extra === undefined;
  const extras = steps.filter((step) => !runs(step));
  return [
    ...unitsOf(steps.filter(runs)).map(printUnit),
    ...(extras.length === 0 ? [] : [printExtras(extras)]),
  ].join("\n");
}

function printExtras(extras: readonly PolicyStep[]): string {
  const lines = extras.flatMap((step) => [
    `-- ${step.object}: ${describe(step)}`,
    ...`${step.sql};`.split("\n").map((line) => `--   ${line}`),
  ]);
  return `-- only with --prune\n${lines.join("\n")}\n`;
}

function printUnit({ name, steps }: Unit): string {
  const lines = [`-- ${name}`];
  if (!steps[0].runsAlone) lines.push("begin;", ...transactionSettings.map((sql) => `${sql};`));
  let role: string | null = null;
  for (const step of steps) {
    if (step.role !== role) lines.push(`${setRole(step.role, step.runsAlone === true)};`);
    role = step.role;
    lines.push(`-- ${describe(step)}`, `${step.sql};`);
  }
  if (!steps[0].runsAlone) lines.push("commit;");
  else if (role !== null) lines.push("reset role;");
  return `${lines.join("\n")}\n`;
}

/** `set local role x`, or back to the connected role. */
export function setRole(role: string | null, isAlone = false): string {
  return `set ${isAlone ? "" : "local "}role ${role === null ? "none" : ident(role)}`;
}

/** Why the step is needed and what it costs, in one line. */
function describe({ why, locks = [] }: PolicyStep): string {
  const text = locks.length > 0 ? `${why} (${describeLocks(locks)})` : why;
  // A name or an expression may hold a line break.
  return text.replaceAll(/\s*\n\s*/g, " ");
}
