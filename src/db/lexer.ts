/**
 * Where comments, quoted text and psql's own lines stand in an SQL text.
 *
 * The grammar is libpg-query's business (script.ts). This is for the two things it cannot give:
 * the place of comments, without loading 2 MB of WebAssembly, and text that is not SQL at all
 * (psql meta-commands, inline COPY data), so that it can be named.
 */

export type PieceKind =
  /** `-- …`, without the line's end. */
  | "comment"
  /** A slash-star comment, nested ones included. */
  | "block-comment"
  /** A psql meta-command: from the backslash to the end of the line. */
  | "meta-command"
  /** The lines after `COPY … FROM stdin;` up to and including `\.`. */
  | "copy-data"
  | "semicolon"
  /** Anything else but white space: words, quoted text, numbers, operators. */
  | "code";

/** Offsets count UTF-16 units, end exclusive. */
export interface Piece {
  readonly kind: PieceKind;
  readonly start: number;
  readonly end: number;
}

// The rules are those of PostgreSQL's scan.l with standard_conforming_strings on.
const special = /--|\/\*|[\\;'"$]/g;
const toEndOfLine = /[^\n\r]*/y;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const escapedString = /'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)/y;
// A string goes on after white space that holds a line break, in the way it was begun.
const continuation = /(?:[ \t\f\v]|--[^\n\r]*)*[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*(?=')/y;
const blockDelimiter = /\/\*|\*\//g;
const endOfCopyData = /^\\\.[ \t]*\r?$/gm;
// Every character from U+0080 may be part of a name.
const wordCharacter = /[\w$\u0080-\uffff]/;

/** Reads `text` to its end; what is left open (a quote, a comment) reaches to the end. */
export function readPieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  const mayCopy = /\bstdin\b/i.test(text);
  let firstOfStatement = 0;
  // Where the last piece ended: a word does not reach back over it.
  let at = 0;
  const push = (kind: PieceKind, end: number): void => {
    pieces.push({ kind, start: at, end });
    at = end;
  };
  for (;;) {
    special.lastIndex = at;
    let next = special.exec(text)?.index ?? text.length;
    while (text[next] === "$" && isInWord(text, at, next)) {
      special.lastIndex = next + 1;
      next = special.exec(text)?.index ?? text.length;
    }
    const isEscapeString = text[next] === "'" && endsWithLoneE(text, at, next);
    pushTrimmed(pieces, text, at, next);
    at = next;
    if (at >= text.length) return pieces;
    switch (text[at]) {
      case "-":
        push("comment", endOfMatch(toEndOfLine, text, at));
        break;
      case "/":
        push("block-comment", endOfBlockComment(text, at));
        break;
      case "\\":
        push("meta-command", endOfMatch(toEndOfLine, text, at));
        break;
      case ";": {
        push("semicolon", at + 1);
        const data =
          mayCopy && isCopyFromStdin(text, pieces.slice(firstOfStatement))
            ? copyDataAfter(text, at)
            : undefined;
        if (data) {
          at = data.start;
          push("copy-data", data.end);
        }
        firstOfStatement = pieces.length;
        break;
      }
      case "$":
        push("code", endOfDollarQuote(text, at));
        break;
      default: {
        // A doubled quote reads as two strings side by side, which ends at the same place.
        const close = text.indexOf(text[at] ?? "", at + 1);
        const end = close < 0 ? text.length : close + 1;
        push("code", isEscapeString ? endOfEscapedString(text, at) : end);
      }
    }
  }
}

/** What stands between two special characters, without the blanks around it. */
function pushTrimmed(pieces: Piece[], text: string, from: number, to: number): void {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  if (start < end) pieces.push({ kind: "code", start, end });
}

/** Space, tab, line feed, vertical tab, form feed, carriage return. */
function isBlank(unit: number): boolean {
  return unit === 32 || (unit >= 9 && unit <= 13);
}

/** True for the `$` of `a$b`, as opposed to one that begins a quote, even right after a number. */
function isInWord(text: string, floor: number, dollar: number): boolean {
  let start = dollar;
  while (start > floor && wordCharacter.test(text[start - 1] ?? "")) start -= 1;
  return start < dollar && /[^0-9$]/.test(text[start] ?? "");
}

/** True for the quote of `E'…'`, where a backslash escapes. */
function endsWithLoneE(text: string, floor: number, quote: number): boolean {
  if (quote <= floor || !/[eE]/.test(text[quote - 1] ?? "")) return false;
  return quote - 1 <= floor || !wordCharacter.test(text[quote - 2] ?? "");
}

function endOfMatch(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : text.length;
}

/** `statement` ends with the semicolon. */
function isCopyFromStdin(text: string, statement: readonly Piece[]): boolean {
  const code = statement.filter(({ kind }) => kind === "code");
  const words = code.map(({ start, end }) => text.slice(start, end)).join(" ");
  return /^copy\b/i.test(words) && /\bfrom\s+stdin\b/i.test(words);
}

/**
 * The parts of a script that only psql understands, in order: meta-commands and inline COPY data.
 */
export function findClientParts(text: string): Piece[] {
  if (!text.includes("\\")) return [];
  return readPieces(text).filter(({ kind }) => kind === "meta-command" || kind === "copy-data");
}

function endOfBlockComment(text: string, start: number): number {
  let depth = 0;
  blockDelimiter.lastIndex = start;
  for (let match = blockDelimiter.exec(text); match; match = blockDelimiter.exec(text)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return blockDelimiter.lastIndex;
  }
  return text.length;
}

function endOfEscapedString(text: string, quote: number): number {
  let end = quote;
  for (;;) {
    escapedString.lastIndex = end;
    if (!escapedString.test(text)) return text.length;
    end = escapedString.lastIndex;
    continuation.lastIndex = end;
    if (!continuation.test(text)) return end;
    end = continuation.lastIndex;
  }
}

/** A parameter such as `$1` is one character of code here, its digits come after. */
function endOfDollarQuote(text: string, start: number): number {
  dollarTag.lastIndex = start;
  if (!dollarTag.test(text)) return start + 1;
  const tagEnd = dollarTag.lastIndex;
  const close = text.indexOf(text.slice(start, tagEnd), tagEnd);
  return close < 0 ? text.length : close + (tagEnd - start);
}

/** psql takes the lines after the one with the semicolon as data, up to a line `\.`. */
function copyDataAfter(
  text: string,
  semicolonEnd: number,
): { start: number; end: number } | undefined {
  const newline = text.indexOf("\n", semicolonEnd);
  if (newline < 0) return undefined;
  endOfCopyData.lastIndex = newline + 1;
  const terminator = endOfCopyData.exec(text);
  return terminator
    ? { start: newline + 1, end: terminator.index + terminator[0].length }
    : undefined;
}
