/** Signals while nothing is waited for. */

/** Long enough to cost nothing, short enough for whoever presses Ctrl-C. */
const longestBreathMs = 100;

/**
 * Lets signals come through now and then: nothing else here waits for anything. `performance` would do,
 * and takes 4 ms to load.
 */
export function breathing(signal: AbortSignal | undefined): () => Promise<void> {
  let last = Date.now();
  return async () => {
    if (Date.now() - last < longestBreathMs) return;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    last = Date.now();
  };
}
