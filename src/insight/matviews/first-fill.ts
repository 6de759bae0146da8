/** Materialized views that nobody can read before they are refreshed for the first time. */
import type { Session } from "../../db/session.ts";
import { throwFailed } from "./failure.ts";
import { planRefresh, refreshing, type RefreshPlan } from "./plan-refresh.ts";
import { refresh, type RefreshOptions } from "./refresh.ts";

/** What is not populated, in order; nothing is read by the views that are. */
export async function planFirstFill(session: Session): Promise<RefreshPlan> {
  return planRefresh(session, unpopulated);
}

/** The statements of a plan, one for each view. */
export function statementsOf({ refreshes }: RefreshPlan): string[] {
  return refreshes.map((planned) => refreshing(planned).at(-1) ?? "");
}

/**
 * Fills them, and records it; their names.
 *
 * @throws PgwrightError as `throwFailed`; what was refreshed before it stays so.
 */
export async function fillFirst(
  plan: RefreshPlan,
  options: Omit<RefreshOptions, "choice" | "jobs">,
): Promise<string[]> {
  const result = await refresh(plan, { ...options, choice: unpopulated, jobs: 2 });
  throwFailed(result);
  return result.views.filter(({ state }) => state === "refreshed").map(({ view }) => view);
}

const unpopulated = {
  names: [],
  withSources: false,
  withDependents: false,
  onlyUnpopulated: true,
  ifChanged: false,
  maxAgeMs: undefined,
  due: false,
  plain: false,
  declared: undefined,
} as const;
