/** Compares the declared partitions with a database: what is missing, and what is amiss. */
import { qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { compareHash, compareList, findMismatch } from "./compare.ts";
import type { RangeComparison } from "./compare-range.ts";
import { compareRange } from "./compare-range.ts";
import type { DeclaredPartitions, DeclaredTable } from "./declared.ts";
import { readDefaultRows } from "./default-rows.ts";
import type { DefaultRows } from "./default-rows.ts";
import { judgeTable } from "./findings.ts";
import type { MissingLeaf } from "./leaf.ts";
import { leafName, rangeCondition } from "./leaf.ts";
import type { LeafStep } from "./leaf-steps.ts";
import {
  createDefaultSteps,
  createLeafSteps,
  defaultOf,
  dropGuardStep,
  guardSteps,
  repairLeafSteps,
} from "./leaf-steps.ts";
import type { TableState } from "./state.ts";
import { readState } from "./state.ts";
import listNames from "./taken-names.sql";

export interface PlanOptions {
  /** A later "today" to plan for; the server's own where undefined. */
  readonly now?: Date | undefined;
  /**
   * Retention is counted from `now` also where that is later than the server's clock: to show what
   * will be due. What is carried out must not part with anything that is not too old today.
   */
  readonly retiresAhead?: boolean | undefined;
  /** Oids of the only tables to look at. */
  readonly only?: ReadonlySet<number> | undefined;
  /** Schemas where another part looks after the partitions' rights and row security. */
  readonly governed?: ReadonlySet<string> | undefined;
}

export interface TablePlan {
  readonly declared: DeclaredTable;
  /** `schema.table` as SQL. */
  readonly table: string;
  /** The table as it is, whatever is declared; undefined where there is none. */
  readonly found: TableState | undefined;
  /** Undefined where the declaration cannot be about what is there: the findings say why. */
  readonly state: TableState | undefined;
  readonly range: RangeComparison | undefined;
  readonly missing: readonly MissingLeaf[];
  readonly defaultRows: DefaultRows;
  /** Names of the partitions that the steps create. */
  readonly creates: readonly string[];
  readonly steps: readonly LeafStep[];
  readonly findings: readonly Finding[];
}

// 64 MB are read in some 50 ms: from there on a CHECK is worth its three statements.
const bigDefault = 64 * 1024 * 1024;

/**
 * Plans every declared table. Reads only, so it needs no lock; meant to run in a transaction with
 * `row_security = off`, on the role that owns the tables or one that may read their defaults.
 */
export async function planTables(
  session: Session,
  { tables }: DeclaredPartitions,
  options: PlanOptions = {},
): Promise<TablePlan[]> {
  const today = await serverNow(session);
  const now = options.now ?? today;
  const retiring = now > today && options.retiresAhead !== true ? today : now;
  const plans: TablePlan[] = [];
  for (const { declared, state } of await readState(session, tables)) {
    if (options.only && !(state && options.only.has(Number(state.oid)))) continue;
    plans.push(await planTable(session, declared, state, { ...options, now, retiring }));
  }
  return plans;
}

/** The server's clock: that of this machine may be another. */
export async function serverNow(session: Session): Promise<Date> {
  const { ms } = await session.one<{ ms: number }>(
    "select (extract(epoch from now()) * 1000)::float8 as ms",
  );
  return new Date(ms);
}

async function planTable(
  session: Session,
  declared: DeclaredTable,
  state: TableState | undefined,
  { now, retiring, governed }: PlanOptions & { readonly now: Date; readonly retiring: Date },
): Promise<TablePlan> {
  const table = qualified(declared.schema, declared.table);
  const mismatch = findMismatch(declared, state);
  if (mismatch || !state) {
    return {
      declared,
      table,
      found: state,
      state: undefined,
      range: undefined,
      missing: [],
      defaultRows: { count: 0, blocking: new Set() },
      creates: [],
      steps: [],
      findings: mismatch ? [mismatch] : [],
    };
  }
  const range =
    declared.by === "range" && state.keyType !== null
      ? compareRange(declared, state.keyType, state.leaves, { now, retiring })
      : undefined;
  const compared =
    declared.by === "hash"
      ? compareHash(declared, state)
      : declared.by === "list"
        ? compareList(declared, state)
        : { missing: range?.missing ?? [], others: [] };
  const { missing } = compared;
  const fallback = defaultOf(state);
  const defaultRows = await readDefaultRows(session, fallback, missing);
  const defaultName = leafName(declared.table, "default");
  const isDefaultMissing = declared.hasDefault && !fallback;
  const taken = await findTaken(session, declared.schema, [
    ...missing.filter(({ grows }) => !grows).map(({ name }) => name),
    ...(isDefaultMissing ? [defaultName] : []),
  ]);
  const creatable = missing.filter(
    (leaf) => !leaf.grows && !defaultRows.blocking.has(leaf) && !taken.has(leaf.name),
  );
  const createsDefault = isDefaultMissing && !taken.has(defaultName);
  const steps = [
    ...createMissing(state, creatable, now),
    ...(createsDefault ? createDefaultSteps(state, defaultName) : []),
    ...(governed?.has(declared.schema)
      ? []
      : state.leaves.flatMap((leaf) => repairLeafSteps(state, leaf))),
  ];
  return {
    declared,
    table,
    found: state,
    state,
    range,
    missing,
    defaultRows,
    creates: [...creatable.map(({ name }) => name), ...(createsDefault ? [defaultName] : [])],
    steps,
    findings: judgeTable({ declared, state, range, defaultRows, taken, compared }),
  };
}

/** The missing partitions, with a guard around them where the default partition is big. */
function createMissing(state: TableState, missing: readonly MissingLeaf[], now: Date): LeafStep[] {
  const fallback = defaultOf(state);
  const leftover = fallback?.hasGuard
    ? [dropGuardStep(state, fallback, "an interrupted run has left it behind")]
    : [];
  const future = missing.filter(({ range }) => range && range.from.ms > now.getTime());
  const [first, last] = [future[0]?.range, future.at(-1)?.range];
  const isBig = fallback && fallback.kind === "r" && fallback.heapBytes >= bigDefault;
  if (!isBig || !first || !last || state.column === null) {
    return [...leftover, ...missing.flatMap((leaf) => createLeafSteps(state, leaf))];
  }
  const guard = guardSteps(state, fallback, rangeCondition(state.column, first.from, last.to));
  return [
    ...leftover,
    ...missing
      .filter((leaf) => !future.includes(leaf))
      .flatMap((leaf) => createLeafSteps(state, leaf)),
    ...guard.before,
    ...future.flatMap((leaf) => createLeafSteps(state, leaf)),
    ...guard.after,
  ];
}

/** Names of wanted partitions under which something else exists. */
async function findTaken(
  session: Session,
  schema: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const rows = await session.query<{ name: string }>(listNames, [schema, JSON.stringify(names)]);
  return new Set(rows.map(({ name }) => name));
}
