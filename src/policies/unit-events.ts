/** What is announced while units run. */
import type { EventListener } from "../events.ts";
import type { Unit } from "./print.ts";

/** More lines than these are no help to whoever watches: a whole project is one step then. */
const mostLines = 20;

/** Announces the units as they run, each by itself or all as one. */
export function reportUnits(events: EventListener, units: readonly Unit[]) {
  const total = units.length;
  const isOne = total > mostLines;
  const all = units.flatMap(({ steps }) => steps);
  const started = performance.now();
  let done = 0;
  if (isOne) events({ type: "step-started", title: "policies" });
  return async (unit: Unit, run: () => Promise<void>): Promise<void> => {
    const title = isOne ? "policies" : unit.name;
    const since = isOne ? started : performance.now();
    if (isOne) events({ type: "step-progress", title, done, total, detail: unit.name });
    else events({ type: "step-started", title });
    try {
      await run();
    } catch (error) {
      events({ type: "step-failed", title, durationMs: performance.now() - since });
      throw error;
    }
    done += 1;
    if (isOne && done < total) return;
    const count = isOne ? all.length : unit.steps.length;
    const detail = count === 1 ? "1 statement" : `${count} statements`;
    events({ type: "step-finished", title, durationMs: performance.now() - since, detail });
  };
}
