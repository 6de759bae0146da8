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
  const head = columns.map(({ title }) => [style.bold(title)]);
  const wrapped = rows.map((row) =>
    columns.map((_, i) => closeStyles(wrapText(row[i] ?? "", widths[i] ?? 0))),
  );
  const table = [head, ...wrapped];
  const used = columns.map((_, i) => Math.max(...table.map((row) => widest(row[i] ?? []))));
  return table.flatMap((row) => renderRow(row, columns, used)).join("\n");
}

/** Lines of a cell that each begin and end its colours: beside them stand other cells. */
function closeStyles(lines: readonly string[]): readonly string[] {
  if (lines.length < 2) return lines;
  let open: number[] = [];
  return lines.map((line) => {
    const before = open.map(sgr).join("");
    // oxlint-disable-next-line no-control-regex -- the sequences that chalk writes
    for (const [, code] of line.matchAll(/\x1b\[(\d+)m/g)) {
      const number = Number(code);
      const closed = open.filter((style) => endOf(style) !== number);
      open = closed.length < open.length ? closed : [...open, number];
    }
    return before + line + open.map(endOf).map(sgr).join("");
  });
}

function sgr(code: number): string {
  return `\u001b[${code}m`;
}

/** The code that ends bold and dim (22), italic to strikethrough, or a colour. */
function endOf(code: number): number {
  if (code <= 2) return 22;
  return code < 10 ? code + 20 : 39;
}

/** One row: as many lines as its tallest cell has. */
function renderRow(
  row: readonly (readonly string[])[],
  columns: readonly TableColumn[],
  widths: readonly number[],
): string[] {
  const height = Math.max(1, ...row.map((cell) => cell.length));
  return Array.from({ length: height }, (_line, y) =>
    columns
      .map(({ align }, i) => {
        const text = row[i]?.[y] ?? "";
        const blanks = " ".repeat((widths[i] ?? 0) - widthOf(text));
        return align === "right" ? blanks + text : text + blanks;
      })
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}

function widest(lines: readonly string[]): number {
  return Math.max(0, ...lines.map(widthOf));
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
