/** What changed between two snapshots: to the call, whatever happened to the counters in between. */
import { growing } from "./counters.ts";
import { toHexId } from "./query-id.ts";
import { between, differs, type Sample, together } from "./significance.ts";
import { comparePlans, type PlanShape } from "./plan-shape.ts";
import { keyOf, type KeptEntry, type Snapshot, type SnapshotHead } from "./snapshot.ts";
import type { Entry } from "./statistics.ts";
import { identityOf } from "./text.ts";

export type Change = "new" | "slower" | "faster" | "same" | "gone";

export interface ChangedQuery {
  readonly id: string;
  readonly queryId: string;
  readonly role: string;
  readonly isTopLevel: boolean;
  readonly text: string;
  readonly change: Change;
  /** Between the two points; of a query that is gone, before. */
  readonly calls: number;
  readonly rows: number;
  readonly totalMs: number;
  readonly meanMs: number;
  /** Of everything before the first point; null for a new query. */
  readonly meanBeforeMs: number | null;
  /** How many times as long as before; null for a new one and a gone one. */
  readonly ratio: number | null;
  /** Entries whose counters began anew in between. */
  readonly resets: number;
  /** Both plans without figures, where it was planned at both points and they differ. */
  readonly planChange: {
    readonly before: readonly string[];
    readonly now: readonly string[];
  } | null;
}

export interface Comparison {
  readonly since: SnapshotHead;
  readonly until: SnapshotHead;
  readonly seconds: number;
  readonly calls: number;
  readonly totalMs: number;
  /** What happened to the counters in between, in words. */
  readonly notes: readonly string[];
  /** What changed first, the most time first. */
  readonly queries: readonly ChangedQuery[];
}

interface Group {
  readonly shown: Entry;
  calls: number;
  rows: number;
  totalMs: number;
  sample: Sample;
  resets: number;
  before: Sample | null;
  planBefore: PlanShape | undefined;
  planNow: PlanShape | undefined;
}

/** Less than this factor is no change worth a word. */
const worth = 1.5;
/** Nor is less than this share of the time in between, or less than a tenth of a millisecond a call. */
const worthShare = 0.001;
const worthMs = 0.1;

/**
 * An entry is one of role, level, id. Where its counters began anew (reset, eviction, crash, another
 * server), what it shows is all since; otherwise it is the difference. Entries with the same text are
 * then one query: a table that was dropped and made again gives a new id up to PostgreSQL 17.
 */
export function compare(before: Snapshot, after: Snapshot): Comparison {
  const isSeries = isSameServer(before, after) && before.majorVersion === after.majorVersion;
  const isWhole = !isSeries || before.since !== after.since;
  const known = new Map(before.statements.map((entry) => [keyOf(entry), entry]));
  const groups = new Map<string, Group>();
  const groupOf = (entry: KeptEntry) => {
    const name = `${entry.role}\0${entry.isTopLevel}\0${identityOf(entry.text)}`;
    let group = groups.get(name);
    if (group === undefined) {
      const zero = { calls: 0, meanMs: 0, stddevMs: 0 };
      group = {
        shown: entry,
        calls: 0,
        rows: 0,
        totalMs: 0,
        sample: zero,
        resets: 0,
        before: null,
        planBefore: undefined,
        planNow: undefined,
      };
      groups.set(name, group);
    }
    return group;
  };
  for (const entry of after.statements) {
    const group = groupOf(entry);
    const earlier = known.get(keyOf(entry));
    const isReset = earlier !== undefined && (isWhole || hasBegunAnew(earlier, entry));
    const base = earlier === undefined || isWhole || isReset ? undefined : earlier;
    group.planNow ??= entry.plan;
    group.calls += entry.calls - (base?.calls ?? 0);
    group.rows += entry.rows - (base?.rows ?? 0);
    group.totalMs += entry.totalMs - (base?.totalMs ?? 0);
    group.sample = together(group.sample, base === undefined ? entry : between(base, entry));
    if (isReset) group.resets += 1;
  }
  let vanished = 0;
  const still = new Set(after.statements.map(keyOf));
  for (const entry of before.statements) {
    const group = groupOf(entry);
    group.before = group.before === null ? entry : together(group.before, entry);
    group.planBefore ??= entry.plan;
    if (!still.has(keyOf(entry))) vanished += 1;
  }
  const totalMs = sum([...groups.values()].map((group) => group.totalMs));
  const queries = [...groups.values()]
    .flatMap((group) => toChanged(group, totalMs))
    .toSorted((a, b) => rankOf(a, totalMs) - rankOf(b, totalMs) || b.totalMs - a.totalMs);
  return {
    since: headOf(before),
    until: headOf(after),
    seconds: (Date.parse(after.takenAt) - Date.parse(before.takenAt)) / 1000,
    calls: sum([...groups.values()].map(({ calls }) => calls)),
    totalMs,
    notes: describe(before, after, { isSeries, isWhole, vanished }),
    queries,
  };
}

function isSameServer(before: SnapshotHead, after: SnapshotHead): boolean {
  return before.systemIdentifier === null || after.systemIdentifier === null
    ? before.host === after.host
    : before.systemIdentifier === after.systemIdentifier;
}

/** Extension 1.11 says since when; before, a counter that only grows has shrunk, or the least has grown. */
function hasBegunAnew(earlier: Entry, later: Entry): boolean {
  if (earlier.since !== null && later.since !== null) return earlier.since !== later.since;
  return growing.some((name) => later[name] < earlier[name]) || later.minMs > earlier.minMs;
}

function toChanged(group: Group, allMs: number): ChangedQuery[] {
  const { shown, calls, rows, totalMs, sample, before, resets } = group;
  const isIdle = calls === 0;
  if (isIdle && (before === null || before.calls === 0)) return [];
  const ratio =
    isIdle || before === null || before.meanMs === 0 ? null : sample.meanMs / before.meanMs;
  const apartMs = Math.abs(sample.meanMs - (before?.meanMs ?? 0));
  const isFelt = apartMs >= worthMs && apartMs * calls >= allMs * worthShare;
  const isApart = before !== null && isFelt && differs(before, sample);
  const change: Change = isIdle
    ? "gone"
    : before === null
      ? "new"
      : isApart && ratio !== null && ratio >= worth
        ? "slower"
        : isApart && ratio !== null && ratio <= 1 / worth
          ? "faster"
          : "same";
  const { queryId, role, isTopLevel, text } = shown;
  return [
    {
      id: toHexId(queryId),
      queryId,
      role,
      isTopLevel,
      text,
      change,
      calls: isIdle ? (before?.calls ?? 0) : calls,
      rows,
      totalMs: isIdle ? (before?.meanMs ?? 0) * (before?.calls ?? 0) : totalMs,
      meanMs: isIdle ? (before?.meanMs ?? 0) : totalMs / calls,
      meanBeforeMs: before?.meanMs ?? null,
      ratio,
      resets,
      planChange: isIdle ? null : comparePlans(group.planBefore, group.planNow),
    },
  ];
}

/** What somebody should look at first; a new query that takes next to no time is hardly a change. */
function rankOf({ change, planChange, totalMs }: ChangedQuery, allMs: number): number {
  if (change === "slower") return 0;
  if (change === "new") return totalMs >= allMs * worthShare ? 1 : 4;
  if (change === "faster") return 2;
  if (change === "gone") return 5;
  return planChange === null ? 4 : 3;
}

function describe(
  before: Snapshot,
  after: Snapshot,
  { isSeries, isWhole, vanished }: { isSeries: boolean; isWhole: boolean; vanished: number },
): string[] {
  const notes: string[] = [];
  if (!isSameServer(before, after)) {
    notes.push(
      "the snapshots are of two servers: each is taken as a whole, and queries are matched by their text",
    );
  } else if (!isSeries) {
    notes.push(
      `PostgreSQL went from ${before.majorVersion} to ${after.majorVersion}: queries are matched by their text, and counted since the upgrade`,
    );
  } else if (isWhole) {
    notes.push(
      `the statistics were reset at ${after.since}: what ran between the first point and then is not counted`,
    );
  }
  if (isSeries && before.startedAt !== after.startedAt) {
    notes.push(`the server was restarted at ${after.startedAt}`);
  }
  const evictions = (after.evictions ?? 0) - (before.evictions ?? 0);
  if (isSeries && !isWhole && evictions > 0) {
    notes.push(
      `entries had to go ${evictions} times, ${vanished} of the first point among them: rare queries are counted too low`,
    );
  }
  const hidden = [before, after].map((one) => one.hidden ?? 0);
  if (hidden.some((number) => number > 0)) {
    notes.push(
      `${hidden.join(" and ")} statements of other roles were hidden from who took the two: grant pg_read_all_stats`,
    );
  }
  return notes;
}

function headOf({ statements: _statements, ...head }: Snapshot): SnapshotHead {
  return head;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
