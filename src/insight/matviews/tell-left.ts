/** What a run with names leaves behind in other views. */
import { formatNames } from "../../db/amount.ts";
import type { EventListener } from "../../events.ts";
import type { RefreshPlan } from "./plan-refresh.ts";
import type { RefreshResult } from "./refresh.ts";

export function tellLeft(
  { leftSources, leftDependents }: RefreshPlan,
  { views }: RefreshResult,
  events: EventListener,
): void {
  if (!views.some(({ state }) => state === "refreshed")) return;
  if (leftSources.length > 0) {
    const message = `not refreshed, though read here: ${formatNames(leftSources)} (--with-sources)`;
    events({ type: "notice", level: "info", message });
  }
  if (leftDependents.length > 0) {
    const message = `now behind, because they read these: ${formatNames(leftDependents)} (--with-dependents)`;
    events({ type: "notice", level: "info", message });
  }
}
