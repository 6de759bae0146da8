/** Signals while nothing is waited for. */

/** Long enough to cost nothing, short enough for whoever presses Ctrl-C. */
const longestBreathMs = 100;

/**
 * Lets signals come through now and then: nothing else here waits for anything. What it returns is to be
 * waited for, and is nothing at most times, as waiting costs a microsecond. `performance` would do for
 * the clock, and takes 4 ms to load.
 */
export function breathing(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let last = Date.now();
  const breathe = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    last = Date.now();
  };
  return () => (Date.now() - last < longestBreathMs ? undefined : breathe());
}
