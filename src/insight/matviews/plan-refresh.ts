/** What `matviews refresh` is going to do, as data. */
import { formatAge } from "../../db/amount.ts";
import { ident, qualified } from "../../db/identifier.ts";
import { look } from "../look.ts";
import type { Session } from "../../db/session.ts";
import type { Matview, Sources } from "./catalog.ts";
import { readMatviews } from "./catalog.ts";
import { whyChanged } from "./changed.ts";
import { nameKey, type DeclaredMatviews } from "./declared.ts";
import type { Histories, History } from "./log.ts";
import { readHistories } from "./log.ts";
import type { Choice } from "./order.ts";
import { chooseMatviews, dependentsOf } from "./order.ts";

export interface RefreshChoice extends Choice {
  /** Only those that nobody can read yet. */
  readonly onlyUnpopulated?: boolean | undefined;
  /** Leave those whose sources have not changed. */
  readonly ifChanged: boolean;
  /** Leave those whose contents are younger, in milliseconds. */
  readonly maxAgeMs: number | undefined;
  /** Leave those that are younger than half of what matviews.yaml promises, and those it does not name. */
  readonly due: boolean;
  /** Rewrite also what could be refreshed concurrently. */
  readonly plain: boolean;
  readonly declared: DeclaredMatviews | undefined;
}

export type Mode = "concurrent" | "plain";

export interface PlannedRefresh {
  readonly matview: Matview;
  readonly mode: Mode;
  /** Why it is not refreshed concurrently. */
  readonly whyPlain: string | null;
  readonly history: History | undefined;
  /** Views of this plan that come before it, because it reads them. */
  readonly after: readonly string[];
}

export interface RefreshPlan {
  readonly refreshes: readonly PlannedRefresh[];
  readonly histories: Histories;
  /** Read by a chosen view, and not chosen. */
  readonly leftSources: readonly string[];
  /** Read a chosen view, and not chosen. */
  readonly leftDependents: readonly string[];
}

/** @throws PgwrightError `relation-unknown`. */
export async function planRefresh(session: Session, choice: RefreshChoice): Promise<RefreshPlan> {
  return look(session, async () => {
    const all = await readMatviews(session);
    const histories = await readHistories(session);
    const chosen = chooseMatviews(all, choice).filter(
      ({ isPopulated }) => !choice.onlyUnpopulated || !isPopulated,
    );
    const oids = new Set(chosen.map(({ oid }) => oid));
    const left = (views: readonly { readonly oid: string; readonly view: string }[]) =>
      [...new Set(views.filter(({ oid }) => !oids.has(oid)).map(({ view }) => view))].toSorted();
    return {
      histories,
      leftSources: left(chosen.flatMap(({ sources }) => sources.matviews)),
      leftDependents: left(chosen.flatMap((one) => dependentsOf(one, all))),
      refreshes: chosen.map((matview) => ({
        matview,
        ...modeOf(matview, choice.plain),
        history: histories.byOid.get(matview.oid),
        after: matview.sources.matviews.map(({ oid }) => oid).filter((oid) => oids.has(oid)),
      })),
    };
  });
}

function modeOf(
  { isPopulated, obstacle }: Matview,
  plain: boolean,
): Pick<PlannedRefresh, "mode" | "whyPlain"> {
  if (!isPopulated) return { mode: "plain", whyPlain: "not populated yet" };
  if (obstacle !== null) return { mode: "plain", whyPlain: obstacle };
  if (plain) return { mode: "plain", whyPlain: "--plain" };
  return { mode: "concurrent", whyPlain: null };
}

/**
 * Why a view is left as it is; undefined where it is to be refreshed.
 *
 * @param sources as they are now; those of the plan may be older.
 */
export function whySkipped(
  { matview, history }: PlannedRefresh,
  sources: Sources,
  choice: RefreshChoice,
): { readonly reason: string; readonly isUnchanged: boolean } | undefined {
  if (choice.due && !choice.declared?.maxAges.has(nameKey(matview))) {
    return { reason: "matviews.yaml does not name it", isUnchanged: false };
  }
  if (!matview.isPopulated) return undefined;
  const limitMs = choice.due
    ? (choice.declared?.maxAges.get(nameKey(matview))?.ms ?? 0) / 2
    : choice.maxAgeMs;
  const age = history?.age ?? undefined;
  if (limitMs !== undefined && age !== undefined && age * 1000 < limitMs) {
    return { reason: `${formatAge(age)} old`, isUnchanged: false };
  }
  if (choice.ifChanged && whyChanged(sources, history) === undefined) {
    return { reason: "nothing it reads has changed", isUnchanged: true };
  }
  return undefined;
}

/** The key of the advisory lock that one refresh of a view holds: pg_class and its oid. */
export function lockNumbers({ oid }: Matview): string {
  // As the server casts an oid to an integer.
  return `1259, ${Number(oid) | 0}`;
}

export interface Limits {
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

// A concurrent refresh waits for nothing that readers hold, and nobody queues behind it; a worker of
// autovacuum gives way only after deadlock_timeout, which is a second.
const patientMs = 10_000;

/** How the transaction of a refresh begins. */
export function beginning({ mode }: PlannedRefresh, limits: Limits): string[] {
  const { lockTimeoutMs, statementTimeoutMs } = limits;
  const patience =
    mode === "plain" || lockTimeoutMs === 0 ? lockTimeoutMs : Math.max(patientMs, lockTimeoutMs);
  return [
    "BEGIN ISOLATION LEVEL READ COMMITTED",
    // The server refuses rather than fill the view with the few rows that an owner may see.
    "SET LOCAL row_security = off",
    `SET LOCAL lock_timeout = ${patience}`,
    `SET LOCAL statement_timeout = ${statementTimeoutMs}`,
  ];
}

/** The refresh itself, under the role that may. */
export function refreshing({ mode, matview }: PlannedRefresh): string[] {
  const { schema, name, access, owner } = matview;
  const how = mode === "concurrent" ? "CONCURRENTLY " : "";
  const refresh = `REFRESH MATERIALIZED VIEW ${how}${qualified(schema, name)}`;
  return access === "assume" ? [`SET LOCAL ROLE ${ident(owner)}`, refresh] : [refresh];
}
