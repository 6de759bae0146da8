/**
 * Casts of whole ARRAY[…] constructors, moved onto their elements.
 *
 * `status IN ('a', 'b')` on a varchar column is stored as a cast of the array and printed as
 * `(ARRAY['a'::character varying, …])::text[]`. When PostgreSQL reads that text it pushes the cast
 * into the elements (transformTypeCast in parse_expr.c) and prints
 * `ARRAY[('a'::character varying)::text, …]` ever after. Both make the same array.
 */
import type { Edit, Token } from "./tokens.ts";
import { closing, isTypeWord, startsWith } from "./tokens.ts";

export function arrayCastEdits(sql: string, tokens: readonly Token[]): Edit[] {
  return tokens.flatMap((_, i) => editsAt(sql, tokens, i));
}

/** The edits for `(ARRAY[…])::type[]` when it begins at this token. */
function editsAt(sql: string, tokens: readonly Token[], open: number): Edit[] {
  if (!startsWith(tokens, open, ["(", "ARRAY", "["])) return [];
  const close = closing(tokens, open + 2);
  if (!startsWith(tokens, close + 1, [")", ":", ":"])) return [];
  const type = arrayType(sql, tokens, close + 4);
  const elements = elementsOf(tokens, open + 2, close, type?.element ?? "");
  const [parenthesis, end] = [tokens[open], tokens[close]];
  if (!type || !parenthesis || !end || elements.length === 0) return [];
  return [
    { start: parenthesis.start, end: parenthesis.end, insert: "" },
    ...elements,
    { start: end.end, end: type.end, insert: "" },
  ];
}

/** Wraps each element in a cast; nested constructors pass it on to their own elements. */
function elementsOf(tokens: readonly Token[], open: number, close: number, type: string): Edit[] {
  const edits: Edit[] = [];
  let first = open + 1;
  for (let i = first; i <= close && first < close; i += 1) {
    const text = tokens[i]?.text;
    if (text === "(" || text === "[") {
      i = closing(tokens, i);
    } else if (text === "," || i === close) {
      if (startsWith(tokens, first, ["ARRAY", "["]) && closing(tokens, first + 1) === i - 1) {
        edits.push(...elementsOf(tokens, first + 1, i - 1, type));
      } else {
        const [start, end] = [tokens[first]?.start ?? 0, tokens[i - 1]?.end ?? 0];
        edits.push({ start, end: start, insert: "(" }, { start: end, end, insert: `)::${type}` });
      }
      first = i + 1;
    }
  }
  return edits;
}

/** Reads a type up to its `[]`; undefined when it is not spelled as an array. */
function arrayType(
  sql: string,
  tokens: readonly Token[],
  first: number,
): { readonly element: string; readonly end: number } | undefined {
  for (let i = first; i < tokens.length; i += 1) {
    const text = tokens[i]?.text ?? "";
    if (text === "[") {
      const last = tokens[i + 1];
      return last?.text === "]"
        ? { element: sql.slice(tokens[first]?.start, tokens[i]?.start), end: last.end }
        : undefined;
    }
    // A modifier: varchar(20)[]
    if (text === "(" && i > first) i = closing(tokens, i);
    else if (!isTypeWord(tokens[i])) return undefined;
  }
  return undefined;
}
