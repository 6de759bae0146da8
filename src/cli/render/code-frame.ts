import type { Location } from "../../errors.ts";
import type { Style } from "./style.ts";
import { widthOf } from "./text.ts";

/**
 * The line a location points to, with a caret under the place:
 *
 *       3 │ create table users (
 *         │              ^
 *
 * Long lines are cut around the caret to fit `width`. Tabs are shown as one blank.
 */
export function codeFrame(source: string, at: Location, style: Style, width = 100): string {
  const text = (source.split(/\r\n|\r|\n/)[at.line - 1] ?? "")
    .replaceAll("\t", " ")
    // One column each, so that the caret stays where it belongs.
    .replaceAll(/\p{Cc}/gu, "\ufffd");
  const characters = [...text];
  const number = String(at.line);
  const gutter = " ".repeat(number.length);
  // Two blanks, the number, the bar, a blank, and one for each `…`.
  const room = Math.max(20, width - number.length - 7);
  const index = Math.min(at.column - 1, characters.length);
  const from = index >= room - 5 ? Math.max(0, index - Math.floor(room / 2)) : 0;
  const isCut = characters.length > from + room;
  const shown = `${from > 0 ? "…" : ""}${characters.slice(from, from + room).join("")}${isCut ? "…" : ""}`;
  const before = `${from > 0 ? "…" : ""}${characters.slice(from, index).join("")}`;
  const word = /^[\p{L}\p{N}_$"]+/u.exec(characters.slice(index, from + room).join(""))?.[0] ?? "";
  const carets = "^".repeat(Math.max(1, widthOf(word)));
  return [
    `  ${style.dim(`${number} │`)} ${shown}`.trimEnd(),
    `  ${style.dim(`${gutter} │`)} ${" ".repeat(widthOf(before))}${style.red(carets)}`,
  ].join("\n");
}
