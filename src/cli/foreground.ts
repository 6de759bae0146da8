import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Interrupt } from "./signals.ts";

/**
 * Runs a program on this terminal and returns its exit status, 128 and the signal's number where
 * one ended it. Signals are its affair meanwhile: Ctrl-C reaches it through the terminal, and psql
 * uses it to cancel a query. What it prints goes to our stdout (1) or stderr (2).
 *
 * @throws Node's error when it cannot be started (ENOENT).
 */
export async function runInForeground(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  { stdout, interrupt }: { readonly stdout: 1 | 2; readonly interrupt: Interrupt },
): Promise<number> {
  const child = spawn(program, [...args], { stdio: [0, stdout, 2], env: environment });
  const takeBack = interrupt.handOver(child);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    takeBack();
  }
}
