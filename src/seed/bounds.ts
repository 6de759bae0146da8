/** What the partitions that are there ask of the partition key: rows without one are refused. */
import { parseScript } from "../db/script.ts";
import { as } from "../db/tree.ts";
import type { Table } from "./catalog.ts";
import { constantOf, type Rules } from "./check.ts";
import type { Rule } from "./rule.ts";
import { meet } from "./rule.ts";

/** Adds to the rules; a default partition, and one by hash, take everything. */
export function addBounds(table: Table, rules: Rules): void {
  for (const { key, bounds } of table.partitions) {
    const [, column] = /^(?:RANGE|LIST) \(("(?:[^"]|"")+"|[\w$]+)\)$/.exec(key) ?? [];
    if (column === undefined) continue;
    const name = column.startsWith('"') ? column.slice(1, -1).replaceAll('""', '"') : column;
    const rule = readBounds(bounds ?? []);
    if (rule) rules.set(name, meet(rules.get(name) ?? {}, rule));
  }
}

function readBounds(bounds: readonly string[]): Rule | undefined {
  const values: string[] = [];
  const spans: [min: number, max: number][] = [];
  for (const bound of bounds) {
    const [statement] = parseScript(
      bound === "DEFAULT"
        ? "CREATE TABLE a PARTITION OF b DEFAULT"
        : `CREATE TABLE a PARTITION OF b ${bound}`,
    );
    const spec = as(statement?.node, "CreateStmt")?.partbound;
    if (!spec || spec.is_default === true) return undefined;
    values.push(...(spec.listdatums ?? []).flatMap((node) => constantOf(node, 0)?.text ?? []));
    const [min] = (spec.lowerdatums ?? []).map((node) => constantOf(node, 0)?.number);
    const [max] = (spec.upperdatums ?? []).map((node) => constantOf(node, 0)?.number);
    if (spec.lowerdatums) spans.push([min ?? -Infinity, max ?? Infinity]);
  }
  if (values.length > 0) return { values };
  if (spans.length === 0) return undefined;
  return widest(spans.toSorted(([one], [other]) => one - other));
}

/** The longest stretch without a gap. */
function widest(spans: readonly (readonly [number, number])[]): Rule {
  let [best, current] = [spans[0] as [number, number], spans[0] as [number, number]];
  for (const [min, max] of spans.slice(1)) {
    current = min <= current[1] ? [current[0], Math.max(current[1], max)] : [min, max];
    if (current[1] - current[0] > best[1] - best[0]) best = current;
  }
  const [min, max] = best;
  return {
    ...(Number.isFinite(min) ? { min } : {}),
    ...(Number.isFinite(max) ? { max, isMaxExclusive: true } : {}),
  };
}
