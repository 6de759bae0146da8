/** A statement's own words, taken apart and put together anew. */
import type { Token } from "./script.ts";
import { scanTokens } from "./script.ts";

/** A word or a sign; offsets count UTF-8 bytes. */
type Part = Pick<Token, "text" | "start" | "end">;

// What has a lexical form of its own: escapes, dollars, comments, and bytes that are no characters.
const special = /[$\\]|--|\/\*|[^\t\n\r -~]/;
// Without a backslash, a string is the same with and without its E.
const part =
  /(?:[EeBbXx]|[Uu]&)?'(?:[^']|'')*'|(?:[Uu]&)?"(?:[^"]|"")*"|[A-Za-z_]\w*|\.?\d[\w.]*|\S/g;

/**
 * The words and signs of a statement. PostgreSQL's scanner tells all about them, for 30 microseconds
 * a statement; where nothing is escaped or commented out, words are what looks like words.
 */
export function partsOf(text: string): Part[] {
  if (special.test(text)) return scanTokens(text);
  return Array.from(text.matchAll(part), (match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

const isWord = ({ text }: Part, word: string) => text.toLowerCase() === word;

/** The statement with `words` behind the first token that is `word`; as it is where there is none. */
export function withWordsAfter(text: string, word: string, words: string): string {
  const token = partsOf(text).find((one) => isWord(one, word));
  return token === undefined ? text : spliced(text, token.end, token.end, ` ${words}`);
}

/** The statement without the first run of these words. */
export function withoutWords(text: string, ...words: readonly string[]): string {
  const tokens = partsOf(text);
  const first = tokens.findIndex((_, at) =>
    words.every((word, i) => {
      const token = tokens[at + i];
      return token !== undefined && isWord(token, word);
    }),
  );
  const [from, to] = [tokens[first], tokens[first + words.length - 1]];
  return from && to ? spliced(text, from.start, to.end, "").replaceAll(/ {2,}/g, " ") : text;
}

/** An ALTER TABLE taken apart: `ALTER TABLE ONLY shop.orders`, and each of its commands. */
export interface AlterText {
  readonly head: string;
  readonly commands: readonly string[];
}

export function alterText(text: string): AlterText {
  const tokens = partsOf(text);
  let at = tokens.findIndex((token) => isWord(token, "table")) + 1;
  while (["if", "exists", "only"].some((word) => tokens[at] && isWord(tokens[at] as Part, word))) {
    at += 1;
  }
  while (tokens[at + 1]?.text === ".") at += 2;
  if (tokens[at + 1]?.text === "*") at += 1;
  const bytes = Buffer.from(text);
  const slice = (from: number, to: number) => bytes.subarray(from, to).toString().trim();
  const headEnd = tokens[at]?.end ?? 0;
  const commands: string[] = [];
  let depth = 0;
  let start = headEnd;
  for (const token of tokens.slice(at + 1)) {
    if (token.text === "(" || token.text === "[") depth += 1;
    else if (token.text === ")" || token.text === "]") depth -= 1;
    else if (token.text === "," && depth === 0) {
      commands.push(slice(start, token.start));
      start = token.end;
    }
  }
  commands.push(slice(start, bytes.length));
  return { head: slice(0, headEnd), commands };
}

/** One line, shortened where it is long. */
export function inShort(text: string, most = 60): string {
  const line = text.replaceAll(/\s+/g, " ");
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join("")}…`;
}

/** `words` in place of what stands between two offsets, which count UTF-8 bytes as the parser does. */
export function spliced(text: string, from: number, to: number, words: string): string {
  const bytes = Buffer.from(text);
  return `${bytes.subarray(0, from).toString()}${words}${bytes.subarray(to).toString()}`;
}
