/** Kept data whose table somebody has dropped. */
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import type { Kept } from "./shape.ts";
import { keptTable } from "./shape.ts";

interface Gone {
  readonly what: readonly string[];
  /** SQL after which nobody asks for them any more. */
  readonly forget: string;
}

function findGone(kept: readonly Kept[]): Gone | undefined {
  const gone = kept.filter(({ isThere }) => !isThere);
  if (gone.length === 0) return undefined;
  return {
    what: gone.map(
      ({ id, file, object }) =>
        `${keptTable(id)}, in which the rollback of ${file} has kept ${object}, is not there any more`,
    ),
    forget: `delete from pgwright.kept_data where id in (${gone.map(({ id }) => id).join(", ")});`,
  };
}

/** @throws PgwrightError `keep-failed` before anything runs. */
export function refuseGone(kept: readonly Kept[]): void {
  const gone = findGone(kept);
  if (!gone) return;
  const [first = "", ...others] = gone.what;
  throw new PgwrightError("keep-failed", first, {
    notes: [...others, "nothing was applied"],
    hint: `restore the table; or, to go on without what was in it: ${gone.forget}`,
  });
}

/** The same where nothing is put back now. */
export function sayGone(kept: readonly Kept[], events: EventListener): void {
  const gone = findGone(kept);
  if (!gone) return;
  const message = `${gone.what.join("; ")}: it cannot be put back later either; to be told no more: ${gone.forget}`;
  events({ type: "notice", level: "warning", message });
}
