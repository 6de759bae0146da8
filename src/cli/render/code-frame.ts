import type { Location } from "../../errors.ts";
import type { Style } from "./style.ts";

/**
 * The line a location points to, with a caret under the place:
 *
 *       3 │ create table users (
 *         │              ^
 *
 * Long lines are cut around the caret to fit `width`. Tabs count as they print, one column each.
 */
export function codeFrame(source: string, at: Location, style: Style, width = 100): string {
  const line = (source.split(/\r\n|\r|\n/)[at.line - 1] ?? "").replaceAll("\t", " ");
  const number = String(at.line);
  const room = Math.max(20, width - number.length - 6);
  const characters = [...line];
  const column = Math.min(at.column, characters.length + 1);
  const from = column > room - 5 ? Math.max(0, column - Math.floor(room / 2)) : 0;
  const shown = characters.slice(from, from + room).join("");
  const word = /^[\p{L}\p{N}_$"]+/u.exec(characters.slice(column - 1).join(""))?.[0] ?? "";
  const carets = "^".repeat(Math.max(1, Math.min([...word].length, room - (column - 1 - from))));
  const gutter = " ".repeat(number.length);
  return [
    `  ${style.dim(`${number} │`)} ${from > 0 ? "…" : ""}${shown}`,
    `  ${style.dim(`${gutter} │`)} ${" ".repeat(column - 1 - from + (from > 0 ? 1 : 0))}${style.red(carets)}`,
  ].join("\n");
}
