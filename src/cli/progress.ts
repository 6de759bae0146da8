import type { Ora } from "ora";
import type { Event, EventListener } from "../events.ts";
import { duration } from "./render/view.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Shows events on stderr: one line per finished step, and on a terminal that can redraw a spinner
 * for the running one. `finish` must be called before anything else is printed.
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #mode: { isQuiet: boolean; isVerbose: boolean };
  #spinner: Ora | undefined;
  #lastDetail = "";
  #loading: Promise<typeof import("ora")> | undefined;
  #current: string | undefined;

  constructor(terminal: Terminal, mode: { isQuiet: boolean; isVerbose: boolean }) {
    this.#terminal = terminal;
    this.#mode = mode;
  }

  readonly listen: EventListener = (event) => {
    if (event.type === "sql") {
      this.#print(this.#sql(event));
      return;
    }
    if (event.type === "notice" && event.level === "warning") {
      this.#print(`${this.#terminal.errStyle.yellow("warning:")} ${event.message}`);
      return;
    }
    if (this.#mode.isQuiet) return;
    this.#show(event);
  };

  /** Stops the spinner, if any. */
  finish(): void {
    this.#current = undefined;
    this.#spinner?.stop();
    this.#spinner = undefined;
  }

  #show(event: Exclude<Event, { type: "sql" }>): void {
    const style = this.#terminal.errStyle;
    switch (event.type) {
      case "step-started":
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

  #progress(event: Extract<Event, { type: "step-progress" }>): void {
    const parts: string[] = [];
    if (event.done !== undefined) {
      parts.push(
        event.total === undefined || event.total === 0
          ? event.done.toLocaleString("en-US")
          : `${Math.floor((100 * event.done) / event.total)}% (${event.done.toLocaleString("en-US")} of ${event.total.toLocaleString("en-US")})`,
      );
    }
    if (event.detail !== undefined) parts.push(event.detail);
    const text = `${event.title}: ${parts.join(", ")}`;
    if (this.#terminal.canAnimate) {
      if (this.#spinner) this.#spinner.text = text;
      else this.#spin(text);
    } else if (event.detail !== undefined && event.detail !== this.#lastDetail) {
      this.#lastDetail = event.detail;
      this.#terminal.err(text);
    }
  }

  #spin(text: string): void {
    if (!this.#terminal.canAnimate) return;
    this.#current = text;
    if (this.#spinner) {
      this.#spinner.text = text;
      return;
    }
    this.#loading ??= import("ora");
    void this.#loading.then(({ default: ora }) => {
      if (this.#current === undefined || this.#spinner) return;
      // stdin is left alone: a prompt or a Ctrl-C must reach us.
      this.#spinner = ora({
        text: this.#current,
        stream: this.#terminal.stderr,
        discardStdin: false,
      }).start();
    });
  }

  #print(line: string): void {
    const text = this.#current;
    this.finish();
    this.#terminal.err(line);
    if (text !== undefined) this.#spin(text);
  }

  #sql(event: Extract<Event, { type: "sql" }>): string {
    const style = this.#terminal.errStyle;
    return `${style.dim(`-- ${event.title}`)}\n${event.sql.trimEnd()}`;
  }
}
