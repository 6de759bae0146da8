/** What a command's text view may use to lay out its result. */
import Table from "cli-table3";
import type { Style } from "./style.ts";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
}

export interface View {
  readonly style: Style;
  /** Columns of the output. */
  readonly width: number;
  readonly isVerbose: boolean;
  /** Rows under bold titles, no borders. Cells may be styled; none is cut. */
  table(table: { columns: readonly TableColumn[]; rows: readonly (readonly string[])[] }): string;
  /** `name   value` lines with the values in one column. */
  fields(fields: readonly (readonly [string, string])[]): string;
  /** Lines with a bullet. */
  list(lines: readonly string[]): string;
  /** "1 migration", "2 migrations"; pass the plural where it is irregular. */
  plural(count: number, noun: string, many?: string): string;
  duration(milliseconds: number): string;
  /** The line that says what to type next. */
  next(...commands: readonly string[]): string;
}

export function createView(style: Style, width: number, isVerbose: boolean): View {
  return {
    style,
    width,
    isVerbose,
    table: ({ columns, rows }) => renderTable(style, columns, rows),
    fields(fields) {
      const longest = Math.max(0, ...fields.map(([name]) => name.length));
      return fields
        .map(([name, value]) => `${style.dim(name.padEnd(longest))}  ${value}`)
        .join("\n");
    },
    list: (lines) => lines.map((line) => `${style.dim("·")} ${line}`).join("\n"),
    plural,
    duration,
    next: (...commands) =>
      commands
        .map((command, i) => `${style.dim(i === 0 ? "next:" : "     ")} ${style.cyan(command)}`)
        .join("\n"),
  };
}

function renderTable(
  style: Style,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): string {
  const none = "";
  // cli-table3 colours its borders and heads even into a pipe, hence the empty styles.
  const table = new Table({
    head: columns.map((column) => style.bold(column.title)),
    colAligns: columns.map((column) => column.align ?? "left"),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2, compact: true },
    chars: {
      top: none,
      "top-mid": none,
      "top-left": none,
      "top-right": none,
      bottom: none,
      "bottom-mid": none,
      "bottom-left": none,
      "bottom-right": none,
      left: none,
      "left-mid": none,
      mid: none,
      "mid-mid": none,
      right: none,
      "right-mid": none,
      middle: none,
    },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** "1 file", "3 files", "2 indexes". */
export function plural(count: number, noun: string, many = pluralOf(noun)): string {
  return `${grouped(count)} ${count === 1 ? noun : many}`;
}

/** "1,234,567". Not toLocaleString, whose first call loads 20 ms of ICU data. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

function pluralOf(noun: string): string {
  if (/(s|x|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** A duration as people say it: "4 ms", "1.2 s", "3 min 5 s". */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
