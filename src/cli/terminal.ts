/** The two streams and what may be done with them. Nothing else in the program writes. */
import { createInterface } from "node:readline/promises";
import { redact } from "../db/libpq.ts";
import type { Style } from "./render/style.ts";
import { createStyle } from "./render/style.ts";

export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type ColorLevel = 0 | 1 | 2 | 3;

/**
 * How many colours a stream gets. chalk ignores NO_COLOR and judges stdout only, so it is decided
 * here: --no-color and NO_COLOR win, then FORCE_COLOR, then TERM=dumb, then whether it is a TTY.
 */
export function colorLevel(
  isTty: boolean,
  env: Readonly<Record<string, string | undefined>>,
  isAllowed: boolean,
): ColorLevel {
  if (!isAllowed || (env["NO_COLOR"] ?? "") !== "") return 0;
  const force = env["FORCE_COLOR"];
  if (force !== undefined) {
    if (force === "0" || force === "false") return 0;
    return force === "2" ? 2 : force === "3" ? 3 : 1;
  }
  if (!isTty || env["TERM"] === "dumb") return 0;
  if (/^(truecolor|24bit)$/.test(env["COLORTERM"] ?? "")) return 3;
  return /256/.test(env["TERM"] ?? "") ? 2 : 1;
}

export class Terminal {
  /** Colours for text on stdout and on stderr; each stream decides for itself. */
  readonly outStyle: Style;
  readonly errStyle: Style;
  /** Both a person reads stderr and a person can answer on stdin. */
  readonly isInteractive: boolean;
  /** stderr is a terminal that can redraw a line. */
  readonly canAnimate: boolean;
  /** Columns of stdout; 100 where it is no terminal. */
  readonly width: number;
  readonly #streams: Streams;

  private constructor(streams: Streams, outStyle: Style, errStyle: Style) {
    this.#streams = streams;
    this.outStyle = outStyle;
    this.errStyle = errStyle;
    this.isInteractive = streams.stdin.isTTY === true && streams.stderr.isTTY === true;
    this.canAnimate = streams.stderr.isTTY === true && streams.env["TERM"] !== "dumb";
    this.width = streams.stdout.isTTY ? Math.max(streams.stdout.columns || 80, 40) : 100;
  }

  static async open(streams: Streams, isColorAllowed: boolean): Promise<Terminal> {
    const out = colorLevel(streams.stdout.isTTY === true, streams.env, isColorAllowed);
    const err = colorLevel(streams.stderr.isTTY === true, streams.env, isColorAllowed);
    return new Terminal(streams, await createStyle(out), await createStyle(err));
  }

  /** Data: what a pipe should receive. Ends with a line break. */
  out(text: string): void {
    if (text !== "") this.#streams.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** Everything said to a person. Passwords are removed whatever the text is. */
  err(text: string): void {
    const safe = redact(text);
    this.#streams.stderr.write(safe.endsWith("\n") ? safe : `${safe}\n`);
  }

  get stderr(): NodeJS.WriteStream {
    return this.#streams.stderr;
  }

  /** Asks on stderr and reads one line from stdin; only when `isInteractive`. */
  async ask(question: string, signal?: AbortSignal): Promise<string> {
    const prompt = createInterface({ input: this.#streams.stdin, output: this.#streams.stderr });
    try {
      return await prompt.question(redact(question), signal ? { signal } : {});
    } finally {
      prompt.close();
    }
  }
}
