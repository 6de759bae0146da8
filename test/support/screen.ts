/** A real terminal, which tmux keeps: what a person would see, and keys they would press. */
import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "./eventually.ts";

const execute = promisify(execFile);
const launcher =
  process.env["PGWRIGHT_TEST_BIN"] ?? join(import.meta.dirname, "..", "..", "bin", "pgwright.cjs");

export const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

export interface Screen extends AsyncDisposable {
  /** The screen as text, without blanks at the ends of lines and below the last one. */
  read(): Promise<string>;
  /** The same with its colours. */
  readColored(): Promise<string>;
  /** Presses keys, in the names of tmux: "C-c", "Enter", or text. */
  press(...keys: readonly string[]): Promise<void>;
  /** Waits until the screen shows a text, and returns it. */
  waitFor(text: string | RegExp): Promise<string>;
  /** Waits for the end of the command; the screen above the line with its exit status. */
  finish(): Promise<{ readonly code: number; readonly text: string }>;
  isCursorVisible(): Promise<boolean>;
}

/** Runs `pgwright` in a terminal. */
export async function withScreen(
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly columns: number;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<Screen> {
  const socket = `pgwright-test-${randomBytes(6).toString("hex")}`;
  const tmux = async (...words: string[]) =>
    (await execute("tmux", ["-L", socket, "-f", "/dev/null", ...words])).stdout;
  const command = [process.execPath, launcher, ...args].map(quote).join(" ");
  const variables = Object.entries({ LANG: "C.UTF-8", ...options.env });
  const unset = Object.keys(process.env).filter((name) =>
    /^(PG|DATABASE_URL|FORCE_COLOR|NO_COLOR|CI$)/.test(name),
  );
  const environment = [
    ...unset.map((name) => `-u ${name}`),
    ...variables.map(([name, value]) => quote(`${name}=${value}`)),
  ].join(" ");
  await tmux(
    "new-session",
    "-d",
    "-x",
    String(options.columns),
    "-y",
    "50",
    "-c",
    options.cwd,
    `env ${environment} sh -c ${quote(`trap : INT; ${command}; echo "[exit $?]"; sleep 600`)}`,
  );
  const trim = (text: string) => text.replaceAll(/ +$/gm, "").trimEnd();
  const read = async () => trim(await tmux("capture-pane", "-p"));
  const screen: Screen = {
    read,
    readColored: async () => trim(await tmux("capture-pane", "-p", "-e")),
    async press(...keys) {
      await tmux("send-keys", ...keys);
    },
    waitFor: (text) =>
      eventually(async () => {
        const shown = await read();
        const isThere = typeof text === "string" ? shown.includes(text) : text.test(shown);
        return isThere ? shown : undefined;
      }, `${text} on the screen`),
    async finish() {
      const shown = await screen.waitFor(/\[exit \d+\]$/);
      const [, text = "", code] = /^([^]*?)\n?\[exit (\d+)\]$/.exec(shown) ?? [];
      return { code: Number(code), text };
    },
    isCursorVisible: async () =>
      (await tmux("display-message", "-p", "#{cursor_flag}")).trim() === "1",
    async [Symbol.asyncDispose]() {
      await tmux("kill-server");
    },
  };
  return screen;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
