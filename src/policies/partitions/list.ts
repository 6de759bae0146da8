/** `pgwright partitions list`: every partitioned table, how long it lasts, how big its parts are. */
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import type { DeclaredPartitions, DeclaredTable } from "./declared.ts";
import { mostCounted } from "./default-rows.ts";
import { judgeCoverage } from "./findings.ts";
import type { TablePlan } from "./plan.ts";
import { planTables } from "./plan.ts";
import type { LeafState } from "./state.ts";
import listUndeclared from "./undeclared.sql";

export interface ListedLeaf {
  readonly name: string;
  /** As PostgreSQL writes it; "DEFAULT". */
  readonly bound: string;
  /** Of the planner's statistics; null before the first ANALYZE. */
  readonly rowsEstimate: number | null;
  /** With indexes and TOAST. */
  readonly bytes: number;
}

export interface ListedTable {
  readonly table: string;
  /** "range by month", "hash", "list". */
  readonly strategy: string;
  readonly isDeclared: boolean;
  /** How many partitions, without the default. */
  readonly count: number;
  /** Days until rows have no partition; null where that is no question, or nobody can tell. */
  readonly daysLeft: number | null;
  readonly daysWanted: number | null;
  readonly gaps: readonly { readonly from: string; readonly to: string }[];
  /** Rows in the default partition, at most `mostCounted` + 1; null without one or without the right. */
  readonly rowsInDefault: number | null;
  readonly hasDefault: boolean;
  readonly bytes: number;
  /** First and last bound. */
  readonly oldest: string | null;
  readonly newest: string | null;
  readonly leaves: readonly ListedLeaf[];
}

export interface PartitionList {
  readonly tables: readonly ListedTable[];
  /** `rowsInDefault` above this means "more than". */
  readonly mostCounted: number;
  readonly findings: readonly Finding[];
}

export interface ListOptions {
  readonly asOf?: Date | undefined;
  /** Only these tables; all where empty. */
  readonly isWanted: (declared: DeclaredTable) => boolean;
}

/** Looks at declared and other partitioned tables; needs no right but to read the catalog. */
export async function listPartitions(
  session: Session,
  declared: DeclaredPartitions | undefined,
  { asOf, isWanted }: ListOptions,
): Promise<PartitionList> {
  await session.script(
    "begin isolation level read committed read only;\nset local row_security = off;\nset local lock_timeout = '2s'",
  );
  try {
    const known = declared?.tables ?? [];
    const others = await findUndeclared(session, known);
    const file = declared?.file ?? "";
    const plans = await planTables(
      session,
      { file, tables: known.filter(isWanted) },
      { now: asOf },
    );
    const rest = await planTables(
      session,
      { file, tables: others.filter(isWanted) },
      { now: asOf },
    );
    const tables = [
      ...plans.map((plan) => listTable(plan, true)),
      ...rest.map((plan) => listTable(plan, false)),
    ].filter((table) => table !== undefined);
    return { tables, mostCounted, findings: plans.flatMap(withCoverage) };
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

/** Here a partition that runs out is a finding, also where `maintain` will create the next ones. */
function withCoverage(plan: TablePlan): readonly Finding[] {
  const { findings, range, state, declared, defaultRows } = plan;
  if (!range || !state || range.daysLeft >= range.daysWanted) return findings;
  if (findings.some(({ rule }) => rule === "partitions/running-out")) return findings;
  const compared = { missing: plan.missing, others: [] };
  const judged = { declared, state, range, defaultRows, taken: new Set<string>(), compared };
  return [judgeCoverage(judged, range), ...findings];
}

interface UndeclaredRow {
  readonly schema: string;
  readonly table: string;
  readonly strategy: string;
  readonly column: string | null;
}

/** As if they were declared in the plainest way, to look at them with the same eyes. */
async function findUndeclared(
  session: Session,
  known: readonly DeclaredTable[],
): Promise<DeclaredTable[]> {
  const names = JSON.stringify(known.map(({ schema, table }) => ({ schema, table })));
  const rows = await session.query<UndeclaredRow>(listUndeclared, [names]);
  return rows.map(({ schema, table, strategy, column }): DeclaredTable => {
    const at = { file: "", line: 1, column: 1 };
    const base = { schema, table, at, hasDefault: false };
    if (strategy === "h") return { ...base, by: "hash", modulus: 1 };
    if (strategy === "l") return { ...base, by: "list", values: new Map() };
    return {
      ...base,
      by: "range",
      column: column ?? "",
      every: "month",
      timeZone: "UTC",
      horizon: { amount: 1, unit: "d" },
      start: undefined,
      retention: undefined,
    };
  });
}

const strategyWords: Record<string, string> = { r: "range", h: "hash", l: "list" };

function listTable(plan: TablePlan, isDeclared: boolean): ListedTable | undefined {
  const { declared, table, found: state, range, defaultRows } = plan;
  if (!state || state.strategy === null) return undefined;
  const parts = state.leaves.filter(({ isDefault }) => !isDefault);
  const ends = parts
    .flatMap(({ limits }) => (limits.kind === "range" && range ? [limits] : []))
    .toSorted((one, other) => one.from.ms - other.from.ms);
  const hasDefault = parts.length < state.leaves.length;
  const isEndless = range !== undefined && range.endless.length > 0;
  return {
    table,
    strategy:
      declared.by === "range" && range && isDeclared
        ? `range by ${declared.every}`
        : (strategyWords[state.strategy] ?? state.strategy),
    isDeclared,
    count: parts.length,
    daysLeft: range === undefined || isEndless ? null : range.daysLeft,
    daysWanted: isDeclared && range ? range.daysWanted : null,
    gaps: (range?.gaps ?? []).map(({ from, to }) => ({ from: from.text, to: to.text })),
    rowsInDefault: hasDefault && plan.state ? defaultRows.count : null,
    hasDefault,
    bytes: state.leaves.reduce((sum, { bytes }) => sum + bytes, 0),
    oldest: ends[0]?.from.text ?? null,
    newest: ends.at(-1)?.to.text ?? null,
    leaves: sortLeaves(state.leaves).map((leaf) => ({
      name: leaf.sql,
      bound: leaf.bound.replace("FOR VALUES ", ""),
      rowsEstimate: leaf.rowsEstimate < 0 ? null : leaf.rowsEstimate,
      bytes: leaf.bytes,
    })),
  };
}

function sortLeaves(leaves: readonly LeafState[]): LeafState[] {
  const place = ({ limits, isDefault }: LeafState) => {
    if (isDefault) return Infinity;
    if (limits.kind === "range") return limits.from.ms;
    return limits.kind === "hash" ? limits.remainder : 0;
  };
  return leaves.toSorted((one, other) => place(one) - place(other));
}
