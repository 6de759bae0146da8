import type { ChildProcess } from "node:child_process";
import type { OwnProcess } from "./own-process.ts";

export interface Interrupt {
  readonly signal: AbortSignal;
  /** 130 or 143 once a signal has come. */
  exitCode(): 130 | 143 | undefined;
  /** Until the returned function is called, signals are for this program and not for us. */
  handOver(child: ChildProcess): () => void;
  dispose(): void;
}

// npm, make and timeout pass on a Ctrl-C that the terminal has sent to everyone already.
const sameKeyPressMs = 500;

/**
 * The first SIGINT or SIGTERM aborts the running work, which then rolls back and reports; a second
 * one, that is not the echo of the first, leaves at once. The server notices the closed socket (client_connection_check_interval).
 */
export function watchSignals(
  process: NodeJS.Process,
  own: OwnProcess,
  onFirst: () => void,
): Interrupt {
  const controller = new AbortController();
  let code: 130 | 143 | undefined;
  let firstAt = 0;
  let child: ChildProcess | undefined;
  const stop = (name: NodeJS.Signals) => {
    if (child !== undefined) {
      // Ctrl-C has reached it through the terminal already, and is a key of its own there.
      if (name === "SIGTERM") child.kill(name);
      return;
    }
    const next = name === "SIGTERM" ? 143 : 130;
    if (code !== undefined) {
      if (performance.now() - firstAt > sameKeyPressMs) leave(name, next);
      return;
    }
    code = next;
    firstAt = performance.now();
    onFirst();
    controller.abort();
  };
  const leave = (name: NodeJS.Signals, status: 130 | 143) => {
    const isAtFile = process.getActiveResourcesInfo().some((what) => what.startsWith("FSReq"));
    if (!isAtFile) own.exit(status);
    // process.exit would wait for it, and a pipe without a reader never ends.
    process.removeAllListeners(name);
    process.kill(process.pid, name);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    exitCode: () => code,
    handOver(running) {
      child = running;
      return () => {
        child = undefined;
      };
    },
    dispose() {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}
