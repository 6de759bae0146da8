/** What of a plan is worth comparing over time: how tables are read and joined, without figures. */
import { qualified } from "../db/identifier.ts";
import type { PlanNode } from "./plan-tree.ts";
import { tableOf, type Tables, wholeName } from "./tables.ts";

/** A plan as it was when a snapshot was taken. */
export interface PlanShape {
  /** Indented lines: "Nested Loop", "  Index Scan using orders_pkey on public.orders". */
  readonly lines: readonly string[];
  /** Row level security makes another plan for another role. */
  readonly asRole: string;
}

/**
 * Costs, estimates and conditions are left out, as they move without the plan. Partitions count as
 * the table they belong to, and those that are read alike as one: each month brings another.
 */
export function shapeOf(plan: PlanNode, tables: Tables, depth = 0, isBelowLeaf = false): string[] {
  const table = tableOf(plan, tables);
  // The nodes below a bitmap scan name an index and no table.
  const isLeaf = plan.table === null ? isBelowLeaf : table?.isLeaf === true;
  const name = table
    ? wholeName(table)
    : plan.table && qualified(plan.table.schema, plan.table.name);
  const head = [
    plan.subplan === null ? "" : `${plan.subplan}: `,
    plan.operation ?? plan.type,
    plan.join === null || plan.join === "Inner" ? "" : ` ${plan.join}`,
    // Each partition's index has a name of its own.
    plan.index === null || isLeaf ? "" : ` using ${plan.index}`,
    name === null ? "" : ` on ${name}`,
  ].join("");
  const below = plan.children.map((child) => shapeOf(child, tables, depth + 1, isLeaf));
  const isAppend = plan.type === "Append" || plan.type === "Merge Append";
  const texts = below.map((lines) => lines.join("\n"));
  const kept = isAppend ? below.filter((_, i) => texts.indexOf(texts[i] ?? "") === i) : below;
  return ["  ".repeat(depth) + head, ...kept.flat()];
}

/** What changed from one to the other; null where they are alike, or made for two roles. */
export function comparePlans(
  before: PlanShape | undefined,
  now: PlanShape | undefined,
): { readonly before: readonly string[]; readonly now: readonly string[] } | null {
  if (before === undefined || now === undefined || before.asRole !== now.asRole) return null;
  return before.lines.join("\n") === now.lines.join("\n")
    ? null
    : { before: before.lines, now: now.lines };
}

/** The steps that only one of them has: "Index Scan using a on t is now Seq Scan on t". */
export function describePlanChange(change: {
  readonly before: readonly string[];
  readonly now: readonly string[];
}): string {
  const [before, now] = [stepsOf(change.before), stepsOf(change.now)];
  const gone = before.filter((step) => !now.includes(step));
  const added = now.filter((step) => !before.includes(step));
  if (gone.length === 0 && added.length === 0) return "the same steps in another order";
  if (gone.length === 0) return `it now also has ${added.join(", ")}`;
  if (added.length === 0) return `it no longer has ${gone.join(", ")}`;
  return `${gone.join(", ")} before, ${added.join(", ")} now`;
}

function stepsOf(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim());
}
