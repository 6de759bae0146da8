/** What a command's text view may use to lay out its result. */
import { formatAge, formatBytes } from "../../db/amount.ts";
import { shellWord } from "../../db/shell-word.ts";
import { duration, grouped, plural } from "./amount.ts";
import { withPlace } from "../repeat.ts";
import type { Style } from "./style.ts";
import type { TableColumn } from "./table.ts";
import { renderTable } from "./table.ts";
import { padTo, visible, wrapProse } from "./text.ts";

export interface View {
  readonly style: Style;
  /** Columns of the output; 100 where it is no terminal. */
  readonly width: number;
  readonly isVerbose: boolean;
  /** Rows under bold titles, no borders. Cells may be styled; those too wide for a terminal wrap. */
  table(table: { columns: readonly TableColumn[]; rows: readonly (readonly string[])[] }): string;
  /** `name   value` lines with the values in one column. */
  fields(fields: readonly (readonly [string, string])[]): string;
  /** Sentences, broken into lines where they would not fit a terminal. */
  prose(text: string, indent?: number): string;
  /** Lines with a bullet. */
  list(lines: readonly string[]): string;
  /** "1 migration", "2 migrations"; pass the plural where it is irregular. */
  plural(count: number, noun: string, many?: string): string;
  /** "1,234,567" */
  count(count: number): string;
  duration(milliseconds: number): string;
  /** "45 d", "3 h 20 min" */
  age(seconds: number): string;
  /** "24.0 MB" */
  bytes(bytes: number): string;
  /** The line that says what to type next. */
  next(...commands: readonly string[]): string;
  /** Control characters of data as `\\x1b`: they would steer a terminal. */
  visible(text: string): string;
  /** A text as one word of a command that is to be typed. */
  shellWord(text: string): string;
}

/**
 * `isTerminal`: a table must fit the width; a file or a program gets one line for each row. `place`
 * is repeated in the commands that are suggested.
 */
export function createView(
  style: Style,
  width: number,
  isVerbose: boolean,
  isTerminal = false,
  place: readonly string[] = [],
): View {
  return {
    style,
    width,
    isVerbose,
    visible,
    table: ({ columns, rows }) => renderTable(style, columns, rows, isTerminal ? width : Infinity),
    fields(fields) {
      const longest = Math.max(0, ...fields.map(([name]) => name.length));
      return fields
        .map(([name, value]) => `${style.dim(padTo(name, longest))}  ${value}`)
        .join("\n");
    },
    prose: (text, indent = 0) => wrapProse(text, isTerminal ? width : Infinity, indent),
    list: (lines) => lines.map((line) => `${style.dim("·")} ${line}`).join("\n"),
    plural,
    count: grouped,
    duration,
    age: formatAge,
    bytes: formatBytes,
    next: (...commands) =>
      commands
        .map((command) => style.cyan(withPlace(command, place)))
        .map((command, i) => `${style.dim(i === 0 ? "next:" : "     ")} ${command}`)
        .join("\n"),
    shellWord,
  };
}
