/** Tokens of SQL that PostgreSQL printed itself. */

export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Replaces `start` to `end` of a text by `insert`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly insert: string;
}

// Quoted text and names, dollar-quoted bodies, words, blanks, and any other character. The
// deparser writes no comments, and doubles the quotes in E'' strings too.
const tokenPattern =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$|[\w$\u0080-\uffff]+|\s+|[\s\S]/gu;

export function tokensOf(sql: string): Token[] {
  return [...sql.matchAll(tokenPattern)]
    .filter(([text]) => text.trim() !== "")
    .map((match) => ({
      text: match[0],
      start: match.index,
      end: match.index + match[0].length,
    }));
}

/** Index of the bracket or parenthesis that closes the one at `open`. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i += 1) {
    const text = tokens[i]?.text;
    if (text === "(" || text === "[") depth += 1;
    else if (text === ")" || text === "]") depth -= 1;
    if (depth === 0) return i;
  }
  return tokens.length;
}

export function startsWith(
  tokens: readonly Token[],
  at: number,
  texts: readonly string[],
): boolean {
  return texts.every((text, i) => tokens[at + i]?.text === text);
}

/** True for a token that can stand in the name of a type. */
export function isTypeWord(token: Token | undefined): boolean {
  return token !== undefined && (/^["\w\u0080-\uffff]/.test(token.text) || token.text === ".");
}
