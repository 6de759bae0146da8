export interface Interrupt {
  readonly signal: AbortSignal;
  /** 130 or 143 once a signal has come. */
  exitCode(): 130 | 143 | undefined;
  dispose(): void;
}

/**
 * The first SIGINT or SIGTERM aborts the running work, which then rolls back and reports; a second
 * one leaves at once. The server notices the closed socket (client_connection_check_interval).
 */
export function watchSignals(process: NodeJS.Process): Interrupt {
  const controller = new AbortController();
  let code: 130 | 143 | undefined;
  const stop = (name: NodeJS.Signals) => {
    const next = name === "SIGTERM" ? 143 : 130;
    if (code !== undefined) process.exit(next);
    code = next;
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose() {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}
