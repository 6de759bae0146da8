/** What is missing of the partitions by hash and list, and whether a table fits its declaration. */
import type { Finding } from "../../findings.ts";
import type { DeclaredHash, DeclaredList, DeclaredTable } from "./declared.ts";
import type { MissingLeaf } from "./leaf.ts";
import { leafName, listBound, listCondition } from "./leaf.ts";
import type { TableState } from "./state.ts";
import { keyTypes } from "./axis.ts";
import { qualified } from "../../db/identifier.ts";

/** Why the declaration cannot be about this table; undefined when it can. */
export function findMismatch(
  declared: DeclaredTable,
  state: TableState | undefined,
): Finding | undefined {
  const name = qualified(declared.schema, declared.table);
  const found = (rule: string, message: string, hint?: string): Finding => ({
    rule: `partitions/${rule}`,
    severity: "error",
    message,
    hint,
    at: declared.at,
    object: name,
  });
  if (!state) return found("table-missing", `there is no table ${name}`);
  if (state.strategy === null) {
    return found(
      "not-partitioned",
      `${name} is not partitioned`,
      "a filled table is turned into a partitioned one by a migration",
    );
  }
  const words: Record<string, string> = { r: "range", h: "hash", l: "list" };
  const by = words[state.strategy] ?? state.strategy;
  if (by !== declared.by) {
    return found("strategy", `${name} is partitioned by ${by}, not by ${declared.by}`);
  }
  if (declared.by === "hash") return undefined;
  if (state.keyCount !== 1 || state.column === null) {
    return found(
      "key",
      `${name} is partitioned by several columns or an expression; only one column can be declared`,
    );
  }
  if (declared.by === "list") return undefined;
  if (state.column !== declared.column) {
    return found(
      "key",
      `${name} is partitioned by \`${state.column}\`, not by \`${declared.column}\``,
    );
  }
  if (state.keyType === null) {
    return found(
      "key-type",
      `the column \`${state.column}\` of ${name} is of type ${state.columnType}; periods need ${keyTypes.join(", ")}`,
    );
  }
  return undefined;
}

/** Remainders that no partition takes: rows that hash there are refused. */
export function compareHash(
  declared: DeclaredHash,
  { leaves }: TableState,
): { missing: MissingLeaf[]; others: string[] } {
  const { modulus, table } = declared;
  const bounds = leaves.flatMap(({ limits, sql }) =>
    limits.kind === "hash" ? [{ ...limits, sql }] : [],
  );
  const others = bounds
    .filter((bound) => bound.modulus !== modulus)
    .map((bound) => `${bound.sql} has modulus ${bound.modulus}, declared is ${modulus}`);
  const missing: MissingLeaf[] = [];
  for (let remainder = 0; remainder < modulus; remainder += 1) {
    // A modulus of 8 with remainder 5 overlaps a modulus of 4 with remainder 1.
    const overlaps = bounds.some((bound) => {
      const common = greatestCommonDivisor(bound.modulus, modulus);
      return bound.remainder % common === remainder % common;
    });
    if (overlaps) continue;
    missing.push({
      name: leafName(table, String(remainder)),
      bound: `for values with (modulus ${modulus}, remainder ${remainder})`,
      belongs: null,
      why: `rows with remainder ${remainder} have no partition`,
      range: null,
      grows: null,
    });
  }
  return { missing, others };
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}

/** Declared values that no partition takes, as long as nothing else stands in their way. */
export function compareList(
  declared: DeclaredList,
  { leaves, column }: TableState,
): { missing: MissingLeaf[]; others: string[] } {
  const holders = new Map<string | null, string>();
  for (const { limits, name } of leaves) {
    if (limits.kind === "list") for (const value of limits.values) holders.set(value, name);
  }
  const missing: MissingLeaf[] = [];
  const others: string[] = [];
  for (const [suffix, values] of declared.values) {
    const name = leafName(declared.table, suffix);
    const places = values.map((value) => holders.get(value === null ? null : String(value)));
    if (
      places.every((place) => place === undefined) &&
      !leaves.some((leaf) => leaf.name === name)
    ) {
      missing.push({
        name,
        bound: listBound(values),
        belongs: listCondition(column ?? "", values),
        why: `its values have no partition`,
        range: null,
        grows: null,
      });
      continue;
    }
    for (const [i, place] of places.entries()) {
      if (place === undefined)
        others.push(
          `the value ${String(values[i])} is declared for ${name}, whose partition does not take it`,
        );
    }
    const distinct = new Set(places.filter((place) => place !== undefined));
    if (distinct.size > 1)
      others.push(`the values of \`${suffix}\` are in ${[...distinct].join(" and ")}`);
  }
  return { missing, others };
}
