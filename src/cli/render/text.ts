/** Text in the columns of a terminal: measured, padded, cut and wrapped, whatever its colours. */
import { stripVTControlCharacters } from "node:util";

/**
 * A text of somebody else (the server, a file, a catalog) for a terminal to show and not to obey:
 * control characters other than line breaks and tabs as `\x1b`.
 */
export function visible(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(
      /(?![\n\t])\p{Cc}/gu,
      (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
}

/** The columns a text takes when it is printed. */
export function widthOf(text: string): number {
  // oxlint-disable-next-line no-control-regex -- the quick way out for what most texts are
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    width += columnsOf(character);
  }
  return width;
}

// V8 takes half a millisecond to make such a class: not before one is needed.
function columnsOf(character: string): number {
  // Marks that combine.
  if (/[\p{Mn}\p{Me}\u200b-\u200f\ufeff]/u.test(character)) return 0;
  // East Asian wide letters and emoji.
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u.test(
    character,
  )
    ? 2
    : 1;
}

/** Padded with blanks on the right. */
export function padTo(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** One line without colours, cut to a width; `…` stands for what is missing. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let cut = "";
  let left = width - 1;
  for (const character of text) {
    left -= widthOf(character);
    if (left < 0) break;
    cut += character;
  }
  return `${cut.trimEnd()}…`;
}

/** Lines of at most `width` columns, broken at blanks; a word that is longer is broken inside. */
export function wrapText(text: string, width: number): string[] {
  const room = Math.max(1, width);
  return text.split("\n").flatMap((line) => wrapLine(line, room));
}

function wrapLine(line: string, width: number): string[] {
  if (widthOf(line) <= width) return [line];
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    const joined = current === "" ? word : `${current} ${word}`;
    if (widthOf(joined) <= width) {
      current = joined;
      continue;
    }
    if (current !== "") lines.push(current);
    const pieces = breakWord(word, width);
    current = pieces.pop() ?? "";
    lines.push(...pieces);
  }
  return [...lines, current];
}

// A colour's escape sequence, or one character.
// oxlint-disable-next-line no-control-regex -- that is what a colour begins with
const unit = /\x1b\[[0-9;]*m|[^]/gu;

/** Pieces of a long word, which end after a dot, a slash or the like where that is not far away. */
function breakWord(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const [part] of word.matchAll(unit)) {
    if (widthOf(piece + part) > width) {
      const [head] = /^.+[./:@?&=_-](?=[^./:@?&=_-]*$)/.exec(piece) ?? [piece];
      const end = widthOf(head) * 2 > width ? head.length : piece.length;
      pieces.push(piece.slice(0, end));
      piece = piece.slice(end);
    }
    piece += part;
  }
  return [...pieces, piece];
}

/**
 * Sentences in lines of at most `width` columns, all but the first indented. What stands between
 * backticks is to be copied, so it stays on one line, however long.
 */
export function wrapProse(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (widthOf(line) <= width - indent) {
      lines.push(line);
      continue;
    }
    let current = /^\s*/.exec(line)?.[0] ?? "";
    for (const [word] of line.matchAll(/(?:`[^`]*`|[^\s`]|`)+/g)) {
      const isFirst = current.trim() === "";
      const joined = isFirst ? current + word : `${current} ${word}`;
      const room = width - (lines.length === 0 ? 0 : indent);
      // What is too long for any line needs no line of its own.
      if (isFirst || widthOf(joined) <= room || widthOf(word) > width - indent) {
        current = joined;
      } else {
        lines.push(current);
        current = word;
      }
    }
    lines.push(current);
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}
