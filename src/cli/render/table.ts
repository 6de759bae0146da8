import Table from "cli-table3";
import type { Style } from "./style.ts";
import { widthOf, wrapText } from "./text.ts";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
}

// Blanks between two columns.
const gap = 2;
// Words up to this long are not broken while other columns can give way.
const longestWhole = 24;
// A column is never made narrower than this: a few letters a line cannot be read.
const narrowest = 8;

/**
 * Rows under bold titles, no borders. Where they are wider than `width`, columns give way and their
 * cells take several lines: the last one first, which tells most, then the widest. Nothing is cut.
 */
export function renderTable(
  style: Style,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const cells = columns.map(({ title }, i) => [title, ...rows.map((row) => row[i] ?? "")]);
  const widths = fit(
    cells.map((column) => longest(column, /\n/)),
    cells.map((column) => Math.min(longestWhole, longest(column, /\s/))),
    width - gap * (columns.length - 1),
  );
  const table = new Table({
    head: columns.map((column) => style.bold(column.title)),
    colAligns: columns.map((column) => column.align ?? "left"),
    // cli-table3 colours its borders and heads even into a pipe, hence the empty styles.
    style: { head: [], border: [], "padding-left": 0, "padding-right": gap, compact: true },
    chars: noBorders,
  });
  table.push(...rows.map((row) => row.map((cell, i) => wrapText(cell, widths[i] ?? 0).join("\n"))));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** The width of the longest piece of a column's cells. */
function longest(cells: readonly string[], separator: RegExp): number {
  return Math.max(0, ...cells.flatMap((cell) => cell.split(separator).map(widthOf)));
}

/** Widths of the columns: natural ones where there is room, whole words where possible. */
function fit(natural: readonly number[], whole: readonly number[], room: number): number[] {
  const widths = [...natural];
  const excess = () => sum(widths) - room;
  const shrink = (i: number, floor: number) => {
    const width = widths[i] ?? 0;
    widths[i] = Math.max(Math.min(floor, width), width - Math.max(0, excess()));
  };
  const last = widths.length - 1;
  shrink(last, whole[last] ?? 0);
  for (const floors of [whole, whole.map((floor) => Math.min(floor, narrowest))]) {
    // One blank at a time from the widest, so that equal columns share the loss.
    for (let rest = excess(); rest > 0; rest -= 1) {
      const widest = widths.reduce(
        (best, width, i) => (width > (floors[i] ?? 0) && width > (widths[best] ?? 0) ? i : best),
        widths.findIndex((width, i) => width > (floors[i] ?? 0)),
      );
      if (widest < 0) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
    }
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const edges =
  "top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle";
const noBorders = Object.fromEntries(edges.split(" ").map((name) => [name, ""]));
