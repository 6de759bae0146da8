/** What EXPLAIN ANALYZE shows of a plan that its estimates do not. */
import { formatCount } from "../db/amount.ts";
import type { Finding } from "../findings.ts";
import { nodesOf, type PlanNode } from "./plan-tree.ts";

/** How far the planner was off, and what was read for nothing. */
export function judgeRun(plan: PlanNode): Finding[] {
  return nodesOf(plan).flatMap((node): Finding[] => {
    const { actual } = node;
    if (actual === null || actual.loops === 0) return [];
    const findings: Finding[] = [];
    const where =
      node.table === null ? node.type : `${node.type} on ${node.table.schema}.${node.table.name}`;
    const off = Math.max(actual.rows, 1) / Math.max(node.rows, 1);
    if (Math.max(off, 1 / off) >= 100 && Math.max(actual.rows, node.rows) * actual.loops >= 1000) {
      findings.push({
        rule: "explain/misjudged",
        severity: "warning",
        message: `${where}: ${formatCount(node.rows)} rows were expected and ${formatCount(actual.rows)} came, so the plan was chosen for other data`,
        hint:
          node.table === null
            ? "look at the tables below it"
            : `\`ANALYZE ${node.table.schema}.${node.table.name};\`, or CREATE STATISTICS where columns depend on each other`,
      });
    }
    if (actual.removed >= 1000 && actual.removed > 9 * actual.rows) {
      findings.push({
        rule: "explain/discarded",
        severity: "info",
        message: `${where}: ${formatCount(actual.removed * actual.loops)} rows were read only to be thrown away, for ${formatCount(actual.rows * actual.loops)}`,
      });
    }
    if (actual.sortDiskKb > 0) {
      findings.push({
        rule: "explain/sort-on-disk",
        severity: "info",
        message: `a sort took ${formatCount(actual.sortDiskKb)} kB on disk, as work_mem was too small for it`,
        hint: `\`SET work_mem = '${Math.ceil((actual.sortDiskKb * 3) / 1024)}MB';\``,
      });
    }
    return findings;
  });
}
