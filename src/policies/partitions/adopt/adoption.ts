/** Everything that the two sections of the migration are written from: names, bounds and keys. */
import { ident, qualified } from "../../../db/identifier.ts";
import { PgwrightError } from "../../../errors.ts";
import { defaultName } from "../../../schema/default-name.ts";
import { storageOptions } from "../../../schema/options.ts";
import type { Bounds } from "./bounds.ts";
import type { FoundTable } from "./read-table.ts";
import type { AdoptRequest } from "./request.ts";

export interface Adoption extends FoundTable {
  readonly request: AdoptRequest;
  readonly bounds: Bounds;
  /** Of the server it was written on. */
  readonly majorVersion: number;
  /** The table's name, before and after; quoted, with its schema, as all of these. */
  readonly table: string;
  /** The filled partition's name, and the parent's while it is being prepared. */
  readonly leaf: string;
  readonly prepared: string;
  /** The last two without schema, as RENAME wants them. */
  readonly bare: { readonly table: string; readonly leaf: string; readonly prepared: string };
  /** The empty partitions. */
  readonly newLeaves: readonly NewLeaf[];
  /** The CHECK that proves the filled partition's bound. */
  readonly check: string;
  /** Set where the primary key lacks the partition key. */
  readonly primary: WidenedKey | undefined;
  /** Names that the table's indexes, constraints and statistics give to the parent's: old and new. */
  readonly renames: {
    /** Constraints with an index: the name moves with it. */
    readonly constraints: readonly Rename[];
    readonly indexes: readonly Rename[];
    readonly statistics: readonly (Rename & { readonly schema: string })[];
    /** Sequences of identity columns, which last only until they are read. */
    readonly sequences: readonly (Rename & { readonly schema: string; readonly oid: number })[];
  };
  /** Never the name of an index: dropping it concurrently ends a transaction and does nothing else. */
  readonly noIndex: string;
}

export interface NewLeaf {
  /** Quoted, with its schema. */
  readonly id: string;
  /** `FOR VALUES FROM … TO …`, or DEFAULT. */
  readonly bound: string;
}

export interface Rename {
  readonly from: string;
  readonly to: string;
}

export interface WidenedKey {
  readonly constraint: string;
  /** `(id) INCLUDE (x) WITH (fillfactor = 70)`: as it is, and with the partition key. */
  readonly narrow: string;
  readonly wide: string;
  /** As they stand in PRIMARY KEY …, without storage options. */
  readonly wideColumns: string;
  /** Index names of the filled partition: with the partition key, and on the way back. */
  readonly wideIndex: string;
  readonly narrowIndex: string;
}

/** @throws PgwrightError `adopt-refused` when a partition's name is taken. */
export function planAdoption(
  found: FoundTable,
  request: AdoptRequest,
  bounds: Bounds,
  majorVersion: number,
): Adoption {
  const { facts, around } = found;
  const { schema, name } = facts;
  const taken = new Set([...found.takenNames, ...around.constraints.map((one) => one.name)]);
  const pick = (base: string, suffix: string): string => {
    for (let number = 1; ; number += 1) {
      const picked = defaultName(base, undefined, number === 1 ? suffix : `${suffix}${number}`);
      if (taken.has(picked)) continue;
      taken.add(picked);
      return picked;
    }
  };
  const leafNames = [
    ...bounds.leaves.map((leaf) => ({
      name: defaultName(name, undefined, leaf.suffix),
      bound: `FOR VALUES FROM (${leaf.from}) TO (${leaf.to})`,
    })),
    ...(request.hasDefault
      ? [{ name: defaultName(name, undefined, "default"), bound: "DEFAULT" }]
      : []),
  ];
  refuseTaken(schema, leafNames, taken);
  const leaf = pick(name, "legacy");
  const prepared = pick(name, "partitioned");
  const primary = widenKey(found, request.column, pick);
  const renamed = (from: string): Rename => ({ from, to: pick(from, "legacy") });
  const keys = around.constraints.filter(({ type }) => type === "p" || type === "u");
  const keyIndexes = new Set(around.constraints.map(({ index }) => index));
  return {
    ...found,
    request,
    bounds,
    majorVersion,
    table: qualified(schema, name),
    leaf: qualified(schema, leaf),
    prepared: qualified(schema, prepared),
    bare: { table: ident(name), leaf: ident(leaf), prepared: ident(prepared) },
    newLeaves: leafNames.map((one) => ({ id: qualified(schema, one.name), bound: one.bound })),
    check: ident(pick(name, "before_bound")),
    primary,
    renames: {
      constraints: keys
        .filter((key) => key.name !== primary?.constraint)
        .map((key) => renamed(key.name)),
      indexes: around.indexes
        .filter((index) => !keyIndexes.has(index.oid))
        .map((index) => renamed(index.name)),
      statistics: facts.statistics.map((one) => ({ ...renamed(one.name), schema: one.schema })),
      sequences: around.sequences
        .filter((sequence) => sequence.isIdentity === true)
        .map((one) => ({ ...renamed(one.name), schema: one.schema, oid: one.oid })),
    },
    noIndex: qualified(schema, pick(name, "no_index")),
  };
}

function widenKey(
  { facts, around }: FoundTable,
  column: string,
  pick: (base: string, suffix: string) => string,
): WidenedKey | undefined {
  const constraint = around.constraints.find(({ type }) => type === "p");
  const index = facts.indexes.find(({ oid }) => oid === constraint?.index);
  const options = around.indexes.find(({ oid }) => oid === constraint?.index)?.options ?? [];
  if (!constraint || !index?.columns || index.columns.includes(column)) return undefined;
  const list = (names: readonly string[]) => `(${names.map(ident).join(", ")})`;
  const included = (index.included ?? []).filter((one) => one !== column);
  const covering = (names: readonly string[]) =>
    names.length > 0 ? ` INCLUDE ${list(names)}` : "";
  const settings = options.length > 0 ? ` WITH (${storageOptions(options).join(", ")})` : "";
  const wideColumns = `${list([...index.columns, column])}${covering(included)}`;
  return {
    constraint: constraint.name,
    narrow: `${list(index.columns)}${covering(index.included ?? [])}${settings}`,
    wide: `${wideColumns}${settings}`,
    wideColumns,
    wideIndex: pick(constraint.name, "legacy"),
    narrowIndex: pick(constraint.name, "narrow"),
  };
}

function refuseTaken(
  schema: string,
  leaves: readonly { readonly name: string }[],
  taken: ReadonlySet<string>,
): void {
  const known = leaves.filter((leaf) => taken.has(leaf.name));
  if (known.length === 0) return;
  throw new PgwrightError("adopt-refused", "names of the new partitions are taken", {
    notes: known.map((leaf) => qualified(schema, leaf.name)),
    hint: "rename or drop them; nothing was written",
  });
}
