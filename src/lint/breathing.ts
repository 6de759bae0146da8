/** Signals while nothing is waited for. */

/** Long enough to cost nothing, short enough for whoever presses Ctrl-C. */
const longestBreathMs = 100;

/** Lets signals come through now and then: nothing else here waits for anything. */
export function breathing(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < longestBreathMs) return;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  };
}
