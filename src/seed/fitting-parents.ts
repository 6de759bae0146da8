/** Parents that a table's own checks leave for a reference: `CHECK (kind = 'x')` beside a key of (id, kind). */
import type { ForeignKey } from "./catalog.ts";
import { readChecks, type Rules } from "./check.ts";
import { admits } from "./choices.ts";
import { columnsIn } from "./expression.ts";
import type { TableRows } from "./rows.ts";
import type { Source } from "./source.ts";

/** The numbers of the parents, rising; undefined for all of them. */
export function fittingParents(rows: TableRows, key: ForeignKey): Uint32Array | undefined {
  const { table, world } = rows;
  // In a circle, what the parents are may depend on these rows.
  if (key.target === table.oid || world.isTogether(table.oid, key.target)) return undefined;
  const source = world.source(key.target);
  const rules = source && rulesOf(rows, key);
  if (!rules || rules.size === 0) return undefined;
  const fitting = new Uint32Array(source.count);
  let count = 0;
  for (let parent = 0; parent < source.count; parent += 1) {
    if (fits(source, parent, key, rules)) fitting[count++] = parent;
  }
  // Where none fits, the checks are not what they were taken for, or the server says why.
  return count === 0 || count === source.count ? undefined : fitting.subarray(0, count);
}

function fits(source: Source, parent: number, key: ForeignKey, rules: Rules): boolean {
  return key.columns.every((column, n) => {
    const rule = rules.get(column);
    const value = rule && source.value(key.targetColumns[n] ?? "", parent);
    if (!rule || value === undefined) return true;
    // A key with NULL refers to nothing.
    return value !== null && rule.values?.includes(value) !== false && admits(rule, value);
  });
}

/** What checks of single columns of the key say of them: of several branches, only one has to be kept. */
function rulesOf({ table, world }: TableRows, key: ForeignKey): Rules {
  const ofKey = table.checks.filter(({ expression }) => {
    const [column, ...others] = columnsIn(expression);
    return (
      column !== undefined &&
      others.length === 0 &&
      key.columns.includes(column) &&
      !/\bOR\b/.test(expression)
    );
  });
  const expressions = ofKey.map(({ expression }) => expression);
  return readChecks(expressions, world.request.asOf);
}
