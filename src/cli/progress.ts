import type { Ora } from "ora";
import type { Event, EventListener } from "../events.ts";
import { cutTo, visible } from "./render/text.ts";
import { duration, grouped } from "./render/amount.ts";
import type { Terminal } from "./terminal.ts";

type Step = Extract<Event, { type: "step-progress" }>;

// Work that takes longer than this says so: by a line, or beside the spinner by its running time.
const quickMs = 2000;
// Without a terminal the running step gets a line at most this often.
const lineEveryMs = 5000;

/**
 * Shows events on stderr: one line per finished step, and for the running one a spinner on a
 * terminal that can redraw, a line now and then elsewhere. `finish` must be called before the
 * result is printed.
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #mode: { readonly isQuiet: boolean };
  #spinner: Ora | undefined;
  #loading: Promise<typeof import("ora")> | undefined;
  #current: string | undefined;
  #startedAt = 0;
  #line: { text: string; timer: NodeJS.Timeout } | undefined;
  #linePrintedAt = -Infinity;

  constructor(terminal: Terminal, mode: { readonly isQuiet: boolean }) {
    this.#terminal = terminal;
    this.#mode = mode;
  }

  readonly listen: EventListener = (told) => {
    const event = withVisibleTexts(told);
    const { errStyle: style } = this.#terminal;
    if (event.type === "sql") {
      this.#print(`${style.dim(`-- ${event.title}`)}\n${event.sql.trimEnd()}`);
    } else if (event.type === "notice" && event.level === "warning") {
      this.#print(`${style.yellow("warning:")} ${event.message}`);
    } else if (!this.#mode.isQuiet) {
      this.#show(event);
    }
  };

  /** Stops the spinner, if any. */
  finish(): void {
    this.#current = undefined;
    clearTimeout(this.#line?.timer);
    this.#line = undefined;
    this.#spinner?.stop();
    this.#spinner = undefined;
  }

  #show(event: Exclude<Event, { type: "sql" }>): void {
    const { errStyle: style } = this.#terminal;
    switch (event.type) {
      case "step-started":
        this.finish();
        this.#startedAt = performance.now();
        this.#spin(event.title);
        break;
      case "step-progress":
        this.#progress(event);
        break;
      case "step-finished": {
        const detail = event.detail === undefined ? "" : ` ${style.dim(event.detail)}`;
        this.finish();
        this.#terminal.err(
          `${style.green("✓")} ${event.title}${detail} ${style.dim(duration(event.durationMs))}`,
        );
        break;
      }
      case "step-failed":
        this.finish();
        this.#terminal.err(
          `${style.red("✗")} ${event.title} ${style.dim(duration(event.durationMs))}`,
        );
        break;
      case "notice":
        this.#print(event.message);
        break;
    }
  }

  #progress(event: Step): void {
    const text = [event.title, stateOf(event)].filter((part) => part !== "").join(": ");
    if (this.#current === undefined) this.#startedAt = performance.now();
    if (this.#terminal.canAnimate) {
      this.#spin(text);
    } else {
      this.#current = event.title;
      this.#sayLater(text);
    }
  }

  /** The newest text, once the step has lasted and the last line is a while ago. */
  #sayLater(text: string): void {
    if (this.#line) {
      this.#line.text = text;
      return;
    }
    const due = Math.max(this.#startedAt + quickMs, this.#linePrintedAt + lineEveryMs);
    const timer = setTimeout(
      () => {
        if (this.#line) this.#terminal.err(this.#line.text);
        this.#line = undefined;
        this.#linePrintedAt = performance.now();
      },
      Math.max(0, due - performance.now()),
    ).unref();
    this.#line = { text, timer };
  }

  #spin(text: string): void {
    if (!this.#terminal.canAnimate) return;
    // The sign before it, a blank, and the time after it stand on the same line.
    this.#current = cutTo(text.replaceAll(/\s+/g, " "), Math.max(10, this.#terminal.errWidth - 14));
    if (this.#spinner) {
      this.#spinner.text = this.#current;
      return;
    }
    this.#loading ??= import("ora");
    void this.#loading.then(({ default: ora }) => {
      if (this.#current === undefined || this.#spinner) return;
      const { errStyle, stderr } = this.#terminal;
      this.#spinner = ora({
        text: this.#current,
        suffixText: () => errStyle.dim(this.#elapsed()),
        stream: stderr,
        // ora would decide both of these by itself, and not by NO_COLOR.
        color: errStyle.isColored ? "cyan" : false,
        isEnabled: true,
        // stdin is left alone: a prompt or a Ctrl-C must reach us.
        discardStdin: false,
      }).start();
    });
  }

  #elapsed(): string {
    const elapsed = performance.now() - this.#startedAt;
    return elapsed < quickMs ? "" : duration(Math.floor(elapsed / 1000) * 1000);
  }

  /** A line of its own; the spinner goes on below it. */
  #print(line: string): void {
    const { isSpinning = false } = this.#spinner ?? {};
    const text = this.#current;
    if (isSpinning) this.finish();
    this.#terminal.err(line);
    if (isSpinning && text !== undefined) this.#spin(text);
  }
}

/** What a migration raises and what the server says may hold anything. */
function withVisibleTexts<T extends Event>(event: T): T {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === "string" ? visible(value) : value,
    ]),
  ) as T;
}

/** "40% (4 of 10), building index" */
function stateOf({ done, total, detail }: Step): string {
  const parts: string[] = [];
  if (done !== undefined) {
    parts.push(
      total === undefined || total === 0
        ? grouped(done)
        : `${Math.floor((100 * done) / total)}% (${grouped(done)} of ${grouped(total)})`,
    );
  }
  if (detail !== undefined) parts.push(detail);
  return parts.join(", ");
}
