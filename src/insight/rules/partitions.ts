import { qualified } from "../../db/identifier.ts";
import { columnsIn, termsOf } from "../conditions.ts";
import { nodesOf, type PlanNode } from "../plan-tree.ts";
import { isCatalog, type Problem, type QueryRule, severityOf } from "../rule.ts";
import { type TableFacts, tableOf, wholeName } from "../tables.ts";

/**
 * A partitioned table of which every partition is read. A generic plan lists all of them even where
 * parameters leave out most at run time, so what counts is whether the key is compared bare.
 */
export const partitions: QueryRule = ({ plan, query, tables }) => {
  if (stopsEarly(plan)) return [];
  const scans = new Map<string, { table: TableFacts; nodes: PlanNode[] }>();
  for (const node of nodesOf(plan)) {
    const table = tableOf(node, tables);
    if (table === undefined || !table.isLeaf || isCatalog(table)) continue;
    const name = wholeName(table);
    const scan = scans.get(name) ?? { table, nodes: [] };
    scan.nodes.push(node);
    scans.set(name, scan);
  }
  return [...scans.entries()].flatMap(([name, { table, nodes }]): Problem[] => {
    const read = new Set(
      nodes.map((node) => node.table && qualified(node.table.schema, node.table.name)),
    );
    const key = table.partitionColumns?.[0];
    if (key === null || key === undefined || read.size < Math.max(2, table.leaves)) return [];
    const terms = nodes.flatMap((node) => termsOf(node)).filter(({ column }) => column === key);
    if (terms.some(({ around, kind }) => around === null && kind !== "other")) return [];
    const around = terms.find((term) => term.around !== null)?.around;
    const texts = nodes.flatMap((node) => Object.values(node.conditions));
    const isNamed = texts.some((text) => columnsIn(text).some(({ column }) => column === key));
    const why =
      around !== undefined && around !== null
        ? `${key} stands inside ${around}(…), which the partitions' bounds know nothing of`
        : isNamed
          ? `its conditions on ${key} are none that the partitions' bounds can be compared with`
          : `no condition names ${key}, by which it is partitioned`;
    const isHash = /^HASH/i.test(table.partitionKey ?? "");
    return [
      {
        rule: "slow-queries/no-pruning",
        severity: isHash ? "info" : severityOf(query),
        object: name,
        message: `all ${table.leaves} partitions of ${name} are read: ${why}`,
        hint: isHash
          ? `where the caller knows ${key}, add \`${key} = …\` to the query`
          : around !== undefined && around !== null
            ? `compare the column itself, with the bounds of what is meant: \`${key} >= … AND ${key} < …\``
            : `add what the caller knows of it: \`${key} >= … AND ${key} < …\``,
      },
    ];
  });
};

/** `ORDER BY key LIMIT n`: partitions are read in their order, and only until there are enough rows. */
function stopsEarly(plan: PlanNode): boolean {
  const [below] = plan.children;
  return plan.type === "Limit" && /^(?:Merge )?Append$/.test(below?.type ?? "");
}
