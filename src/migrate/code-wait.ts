/** Waiting for code that somebody else wrote, which may never answer. */

// It only puts SQL together, which takes milliseconds; the migration lock is held meanwhile.
const patienceMs = 60_000;

type End = (reason?: unknown) => void;

const waits = new Set<End>();

/**
 * The answer of `work`, or an error that names it by `what` once it cannot come any more, has not
 * come for a minute, or `endWaits` was called.
 */
export async function waitForCode<T>(what: string, work: () => T | PromiseLike<T>): Promise<T> {
  let end: End = () => {};
  const ended = new Promise<never>((_, reject) => {
    end = (reason = new Error(`${what} never finished`)) => reject(reason);
  });
  waits.add(end);
  // It must not keep the process alive: that would hide that nothing is left to wait for.
  const timer = setTimeout(() => {
    end(new Error(`${what} has not finished after ${patienceMs / 1000} s`));
  }, patienceMs);
  timer.unref();
  try {
    return await Promise.race([work(), ended]);
  } finally {
    clearTimeout(timer);
    waits.delete(end);
  }
}

/**
 * Ends every wait with this error, by default that the code never finished: nothing is left to do
 * in the process, an exception was thrown out of a callback, or the user interrupts.
 *
 * @returns false when nothing waits.
 */
export function endWaits(reason?: unknown): boolean {
  const isWaiting = waits.size > 0;
  for (const end of waits) end(reason);
  return isWaiting;
}
