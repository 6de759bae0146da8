/** Whether what a view was made of is still the same. */
import { formatNames } from "../../db/amount.ts";
import type { Sources } from "./catalog.ts";
import type { History } from "./log.ts";

/**
 * Why the view might differ from what a refresh would give, in words that follow its name; undefined
 * where it cannot differ. Whatever cannot be told counts as changed.
 *
 * The counters come from the sessions that write, at the latest 60 s after their commit (10 s where
 * they are idle then), and are never ahead of it: a change can be seen late, and is not missed.
 */
export function whyChanged(
  { restless, isCounting, fingerprint }: Sources,
  history: History | undefined,
): string | undefined {
  const before = history?.sources;
  if (!before) return "no refresh of it is on record";
  if (!isCounting) return "track_counts is off, so changes are not counted";
  if (restless.length > 0) return restless.join(", ");
  if (before.epoch !== fingerprint.epoch) return "the counters of rows have been reset";
  if (before.definition !== fingerprint.definition) return "its definition has changed";
  if (before.settings !== fingerprint.settings) return "settings have changed";
  const changed = changedRelations(before, fingerprint);
  return changed.length === 0 ? undefined : `${formatNames(changed)} changed`;
}

function changedRelations(
  before: Sources["fingerprint"],
  { relations }: Sources["fingerprint"],
): string[] {
  const names = new Set([...Object.keys(before.relations), ...Object.keys(relations)]);
  return [...names].filter((name) => String(before.relations[name]) !== String(relations[name]));
}
