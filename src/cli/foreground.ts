import { spawn } from "node:child_process";

/**
 * Runs a program on this terminal. Signals reach it by themselves; we only wait.
 *
 * @throws Node's error when it cannot be started (ENOENT).
 */
export function runInForeground(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { stdio: "inherit", env: environment });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 130));
  });
}
