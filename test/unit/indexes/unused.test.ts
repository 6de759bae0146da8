/** What depends on time and on other servers, which no test can wait for. */
import { expect, test } from "vitest";
import type { Counters, IndexFacts } from "../../../src/indexes/catalog.ts";
import type { RuleContext } from "../../../src/indexes/rule.ts";
import { canTellUnused, unused } from "../../../src/indexes/rules/unused.ts";

const day = 86_400;

const index: IndexFacts = {
  oid: "1",
  schema: "public",
  name: "t_a",
  tableName: "t",
  tableOid: "2",
  method: "btree",
  isPartitioned: false,
  isPart: false,
  isOfView: false,
  isUnique: false,
  isNullsNotDistinct: false,
  isImmediate: true,
  isPrimary: false,
  isExclusion: false,
  isReplicaIdentity: false,
  isClustered: false,
  isValid: true,
  constraint: null,
  isReferenced: false,
  keys: ["1 1978 0 0"],
  columns: ["a"],
  included: [],
  predicate: null,
  options: [],
  definition: "btree (a)",
  bytes: 3_000_000,
  scans: 0,
  lastScan: null,
  secondsSinceScan: null,
  rows: 50_000,
  tableBytes: 9_000_000,
  writes: 120_000,
};

const counters: Counters = {
  since: "2026-01-01T00:00:00Z",
  ageSeconds: 45 * day,
  isCounting: true,
  isStandby: false,
  standbys: 0,
};

function judge(
  change: Partial<IndexFacts>,
  server: Partial<Counters> = {},
  more: Partial<RuleContext> = {},
) {
  return unused({
    indexes: [{ ...index, ...change }],
    foreignKeys: [],
    spreads: [],
    invalid: [],
    counters: { ...counters, ...server },
    locked: [],
    redundant: new Map(),
    minAgeSeconds: 30 * day,
    all: false,
    inScope: () => true,
    taken: new Set(),
    ...more,
  });
}

test("never scanned for as long as the statistics count", () => {
  expect(judge({})[0]?.message).toBe(
    "index public.t_a on public.t was not used since the statistics began 45 d ago, or since it was created: it takes 2.9 MB, and 120,000 writes to the table had to maintain it",
  );
});

test("scanned once, and not for a long time, where the server knows when (16 and later)", () => {
  expect(judge({ scans: 9, secondsSinceScan: 40 * day })[0]?.message).toContain(
    "was not used for 40 d:",
  );
  expect(judge({ scans: 9, secondsSinceScan: 29 * day })).toEqual([]);
  expect(judge({ scans: 9, secondsSinceScan: null })).toEqual([]);
  // Whatever the minimum, what was used today is in use.
  expect(judge({ scans: 9, secondsSinceScan: 60 }, {}, { minAgeSeconds: 0 })).toEqual([]);
});

test.each<Partial<IndexFacts>>([
  { isUnique: true },
  { isPrimary: true },
  { isExclusion: true },
  { constraint: "t_key" },
  { isReferenced: true },
  { isReplicaIdentity: true },
  { isClustered: true },
  { isPart: true },
  { isValid: false },
  { rows: 999 },
])("never one that is needed, not valid, or of a small table: %o", (change) => {
  expect(judge(change)).toEqual([]);
});

test("never one that finds the rows of a foreign key", () => {
  const key = {
    name: "t_a_fkey",
    schema: "public",
    tableName: "t",
    tableOid: "2",
    isPartitioned: false,
    columns: ["a"],
    referenced: "public.r",
    onDelete: "a",
    rows: 0,
    bytes: 0,
    deletes: 0,
  };
  const covering = [{ index: "1", predicate: null }];
  const foreignKeys = [{ ...key, leaves: [{ table: "public.t", covering }] }];
  expect(judge({}, {}, { foreignKeys })).toEqual([]);
});

test("statistics that are young or off say nothing", () => {
  expect(canTellUnused(counters, 30 * day)).toBe(true);
  expect(judge({}, { ageSeconds: 29 * day })).toEqual([]);
  expect(judge({}, { isCounting: false })).toEqual([]);
});

test("other servers count for themselves", () => {
  const hint = (server: Partial<Counters>) => judge({}, server)[0]?.hint?.split(":")[0];
  expect(hint({})).toBe("if no replica uses it either (each counts for itself)");
  expect(hint({ standbys: 1 })).toBe(
    "if the standby that is attached does not use it either (each counts for itself)",
  );
  expect(hint({ standbys: 2 })).toBe(
    "if the 2 standbys that are attached do not use it either (each counts for itself)",
  );
  expect(hint({ isStandby: true })).toBe("this standby counts for itself");
});
