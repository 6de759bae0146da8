/** The two streams and what may be done with them. Nothing else in the program writes. */
import { fstatSync } from "node:fs";
import { redact } from "../db/redact.ts";
import { PgwrightError } from "../errors.ts";
import type { Style } from "./render/style.ts";
import { createStyle, plainStyle } from "./render/style.ts";
import { withoutCommands } from "./render/workflow-command.ts";

export interface Streams {
  /** Node makes it when it is first asked for, which takes a millisecond. */
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

/** Columns of a stream; where it is no terminal nothing needs to fit, and texts are laid out for 100. */
function columnsOf(stream: NodeJS.WriteStream): number {
  return stream.isTTY ? Math.max(stream.columns || 80, 20) : 100;
}

/** `pgwright dump > schema.sql`. */
function isFile({ fd }: NodeJS.WriteStream & { readonly fd?: number }): boolean {
  return fd !== undefined && fstatSync(fd).isFile();
}

export class Terminal {
  /** Both a person reads stderr and a person can answer on stdin. */
  readonly isInteractive: boolean;
  /** stderr is a terminal that can redraw a line. */
  readonly canAnimate: boolean;
  /** A stream that is a terminal shows only what fits. */
  readonly isOutTerminal: boolean;
  readonly isErrTerminal: boolean;
  readonly outWidth: number;
  /** For help, which wraps also in a pipe: there COLUMNS says how wide (`COLUMNS=60 pgwright --help | less`). */
  readonly helpWidth: number;
  readonly errWidth: number;
  readonly #streams: Streams;
  readonly #levels: { readonly out: ColorLevel; readonly err: ColorLevel };
  /** The runner of GitHub Actions reads along, and obeys lines that look like its commands. */
  readonly #isObeyed: boolean;
  #outStyle = plainStyle;
  #errStyle = plainStyle;
  #outFailure: NodeJS.ErrnoException | undefined;
  #hasWritten = false;

  constructor(streams: Streams, isColorAllowed: boolean, isObeyed = false) {
    const { stdout, stderr, env } = streams;
    this.#streams = streams;
    this.#isObeyed = isObeyed;
    this.#levels = {
      out: colorLevel(stdout.isTTY === true, env, isColorAllowed),
      err: colorLevel(stderr.isTTY === true, env, isColorAllowed),
    };
    this.isInteractive = stderr.isTTY === true && streams.stdin.isTTY === true;
    this.canAnimate = stderr.isTTY === true && env["TERM"] !== "dumb" && !env["CI"];
    this.isOutTerminal = stdout.isTTY === true;
    this.isErrTerminal = stderr.isTTY === true;
    this.outWidth = columnsOf(stdout);
    this.errWidth = columnsOf(stderr);
    const asked = /^\d{1,4}$/.test(env["COLUMNS"] ?? "") ? Number(env["COLUMNS"]) : 0;
    this.helpWidth = stdout.isTTY || asked === 0 ? this.outWidth : Math.max(asked, 20);
    // A reader that went away (`pgwright dump | head`) is no failure of ours: the work goes on, and
    // its exit status stays. What else stops stdout (a full disk) is told by `flush`.
    stdout.on("error", (error: NodeJS.ErrnoException) => {
      this.#outFailure ??= error;
    });
    // There is nowhere left to say that stderr is gone.
    stderr.on("error", () => {});
  }

  /** Colours for text on stdout and on stderr; each stream decides for itself. */
  get outStyle(): Style {
    return this.#outStyle;
  }

  get errStyle(): Style {
    return this.#errStyle;
  }

  /** Something was written to stdout. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  get stderr(): NodeJS.WriteStream {
    return this.#streams.stderr;
  }

  /** To be awaited before the styles are used; help and version do without, and load nothing. */
  async loadStyles(): Promise<void> {
    this.#outStyle = await createStyle(this.#levels.out);
    this.#errStyle = await createStyle(this.#levels.err);
  }

  /** Data: what a pipe should receive. Ends with a line break. */
  out(text: string): void {
    // What goes into a file, as the SQL of `dump`, nobody obeys.
    this.command(this.#isObeyed && !isFile(this.#streams.stdout) ? withoutCommands(text) : text);
  }

  /** The same of what is meant for the runner of GitHub Actions: annotations. */
  command(text: string): void {
    if (text === "") return;
    this.#hasWritten = true;
    if (this.#outFailure !== undefined) return;
    this.#streams.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** Everything said to a person. Passwords are removed whatever the text is. */
  err(text: string): void {
    const shown = redact(text);
    const safe = this.#isObeyed ? withoutCommands(shown) : shown;
    this.#streams.stderr.write(safe.endsWith("\n") ? safe : `${safe}\n`);
  }

  /** Waits until stdout has everything; the reason if it does not take it, save a closed pipe. */
  async flush(): Promise<Error | undefined> {
    if (this.#outFailure === undefined) {
      await new Promise<void>((resolve) => {
        this.#streams.stdout.write("", () => resolve());
      });
    }
    return this.#outFailure?.code === "EPIPE" ? undefined : this.#outFailure;
  }

  /**
   * Asks on stderr and reads one line from stdin; only when `isInteractive`.
   *
   * @throws PgwrightError `interrupted` after Ctrl-C or Ctrl-D.
   */
  async ask(question: string, signal?: AbortSignal): Promise<string> {
    const { createInterface } = await import("node:readline");
    const prompt = createInterface({ input: this.#streams.stdin, output: this.#streams.stderr });
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      const leave = () => prompt.close();
      // The terminal is in raw mode, so Ctrl-C is a key here and no signal.
      prompt.once("SIGINT", leave);
      signal?.addEventListener("abort", leave, { once: true });
      prompt.once("close", () => {
        signal?.removeEventListener("abort", leave);
        if (isAnswered) return;
        this.#streams.stderr.write("\n");
        reject(new PgwrightError("interrupted", "interrupted at the question"));
      });
      prompt.question(redact(question), (answer) => {
        isAnswered = true;
        resolve(answer);
        prompt.close();
      });
    });
  }
}
