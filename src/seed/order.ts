/** The order of loading: what is referred to first; tables that refer to each other together. */
import type { Table } from "./catalog.ts";

/**
 * Groups of tables, each after those it refers to. A group of several is a circle of foreign keys.
 * Among tables that could come next, one that triggers of others may write to comes last.
 */
export function orderTables(tables: readonly Table[]): Table[][] {
  const known = new Map(tables.map((table) => [table.oid, table]));
  const isWritten = (table: Table) =>
    tables.some(
      (other) =>
        other !== table && other.triggerSources.some((source) => source.includes(table.name)),
    );
  const start = [...tables.filter((one) => !isWritten(one)), ...tables.filter(isWritten)];
  const groups: Table[][] = [];
  const indexes = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: Table[] = [];
  // Tarjan's algorithm: a group is closed when nothing in it leads further back.
  const visit = (table: Table): void => {
    const index = indexes.size;
    indexes.set(table.oid, index);
    lowest.set(table.oid, index);
    stack.push(table);
    for (const { target } of table.foreignKeys) {
      const next = known.get(target);
      if (!next || next === table) continue;
      if (!indexes.has(target)) visit(next);
      if (stack.includes(next)) {
        lowest.set(table.oid, Math.min(lowest.get(table.oid) ?? 0, lowest.get(target) ?? 0));
      }
    }
    if (lowest.get(table.oid) !== index) return;
    groups.push(stack.splice(stack.indexOf(table)));
  };
  for (const table of start) if (!indexes.has(table.oid)) visit(table);
  return groups;
}
