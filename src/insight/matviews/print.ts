/** A plan as SQL. */
import type { Limits, PlannedRefresh, RefreshChoice, RefreshPlan } from "./plan-refresh.ts";
import { beginning, lockNumbers, refreshing, whySkipped } from "./plan-refresh.ts";

export interface PrintedRefresh {
  readonly view: string;
  readonly mode: PlannedRefresh["mode"];
  readonly whyPlain: string | null;
  /** Why it would be left out; null where it would be refreshed, or where those before it decide. */
  readonly skipped: string | null;
  readonly after: readonly string[];
}

/** What would run, as far as it can be told now: what is read by others may change before their turn. */
export function printPlan(
  { refreshes }: RefreshPlan,
  choice: RefreshChoice,
  limits: Limits,
): { readonly sql: string; readonly planned: readonly PrintedRefresh[] } {
  const running = new Set<string>();
  const parts: string[] = [];
  const names = new Map(refreshes.map(({ matview }) => [matview.oid, matview.view]));
  const planned = refreshes.map((one): PrintedRefresh => {
    const { matview, mode, whyPlain } = one;
    const isOpen = one.after.some((oid) => running.has(oid));
    const skip = whySkipped(one, matview.sources, choice);
    const isSkipped = skip !== undefined && !(skip.isUnchanged && isOpen);
    if (!isSkipped) running.add(matview.oid);
    parts.push(
      isSkipped
        ? `-- ${matview.view} is left: ${skip.reason}\n`
        : statements(one, skip !== undefined, limits),
    );
    return {
      view: matview.view,
      mode,
      whyPlain,
      skipped: isSkipped ? skip.reason : null,
      after: one.after.flatMap((oid) => names.get(oid) ?? []),
    };
  });
  return { sql: parts.join("\n"), planned };
}

function statements(planned: PlannedRefresh, isOpen: boolean, limits: Limits): string {
  const { matview, whyPlain } = planned;
  const how = whyPlain === null ? "concurrently" : `plain, readers wait: ${whyPlain}`;
  const lines = [
    `-- ${matview.view}: ${how}${isOpen ? "; only if what it reads changes by then" : ""}`,
    ...beginning(planned, limits).map((line) => `${line};`),
    `SELECT pg_try_advisory_xact_lock(${lockNumbers(matview)}); -- false: somebody refreshes it, and it is left`,
    ...refreshing(planned).map((line) => `${line};`),
    "-- and its record in pgwright.matview_log",
    "COMMIT;",
  ];
  return `${lines.join("\n")}\n`;
}
