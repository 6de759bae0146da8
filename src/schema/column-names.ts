/**
 * Names of the columns of subqueries that nobody sees.
 *
 * The column of `EXISTS (SELECT 'x' FROM …)` has no name, and PostgreSQL prints the constant with
 * its type: `SELECT 'x'::text`. A cast without a name gets the name of its type when that is read
 * (FigureColnameInternal in parse_target.c), so from then on it prints `SELECT 'x'::text AS text`.
 * Columns that can be seen are always printed with their name.
 */
import { ident } from "../db/identifier.ts";
import type { Edit, Token } from "./tokens.ts";
import { closing, isTypeWord } from "./tokens.ts";

export function columnNameEdits(sql: string, tokens: readonly Token[]): Edit[] {
  return tokens.flatMap((token, i) =>
    token.text === "SELECT" ? selectEdits(sql, tokens, afterDistinct(tokens, i + 1)) : [],
  );
}

/** What ends a list of columns. Key words are printed in capitals, names never bare in capitals. */
const listEnds = new Set(
  ") ; FROM WHERE GROUP HAVING WINDOW UNION INTERSECT EXCEPT ORDER LIMIT OFFSET FETCH FOR ON RETURNING".split(
    " ",
  ),
);

function afterDistinct(tokens: readonly Token[], at: number): number {
  if (tokens[at]?.text !== "DISTINCT") return at;
  return tokens[at + 1]?.text === "ON" ? closing(tokens, at + 2) + 1 : at + 1;
}

function selectEdits(sql: string, tokens: readonly Token[], start: number): Edit[] {
  const edits: Edit[] = [];
  let first = start;
  for (let i = start; i <= tokens.length; i += 1) {
    const text = tokens[i]?.text;
    if (text === "(" || text === "[") {
      i = closing(tokens, i);
      continue;
    }
    const isEnd = text === undefined || listEnds.has(text);
    if (!isEnd && text !== ",") continue;
    const name = nameOfCast(sql, tokens, first, i);
    const last = tokens[i - 1];
    if (name !== undefined && last) {
      edits.push({ start: last.end, end: last.end, insert: ` AS ${ident(name)}` });
    }
    if (isEnd) break;
    first = i + 1;
  }
  return edits;
}

/** The name a column gets that is a cast and has no name yet. */
function nameOfCast(
  sql: string,
  tokens: readonly Token[],
  first: number,
  end: number,
): string | undefined {
  let type: number | undefined;
  for (let i = first; i < end; i += 1) {
    const text = tokens[i]?.text ?? "";
    if (text === "AS") return undefined;
    if (text === "(" || text === "[") i = closing(tokens, i);
    else if (text === ":" && tokens[i + 1]?.text === ":") {
      type = i + 2;
      i += 1;
    } else if (type !== undefined && !isTypeWord(tokens[i])) return undefined;
  }
  const [from, to] = [tokens[type ?? end], tokens[end - 1]];
  return type === undefined || !from || !to ? undefined : typeName(sql.slice(from.start, to.end));
}

// What the grammar makes of types that have a spelling of their own.
const systemNames: readonly (readonly [RegExp, string])[] = [
  [/^character varying\b/, "varchar"],
  [/^character\b/, "bpchar"],
  [/^bit varying\b/, "varbit"],
  [/^timestamp\b.* with time zone/, "timestamptz"],
  [/^timestamp with time zone/, "timestamptz"],
  [/^time\b.* with time zone/, "timetz"],
  [/^time with time zone/, "timetz"],
  [/^timestamp\b/, "timestamp"],
  [/^time\b/, "time"],
  [/^interval\b/, "interval"],
  [/^double precision/, "float8"],
  [/^real\b/, "float4"],
  [/^smallint\b/, "int2"],
  [/^integer\b/, "int4"],
  [/^bigint\b/, "int8"],
  [/^boolean\b/, "bool"],
];

/** The last part of a type's name, without modifier and brackets. */
function typeName(type: string): string {
  const system = systemNames.find(([spelling]) => spelling.test(type));
  if (system) return system[1];
  const name =
    /^(?:(?:"(?:[^"]|"")*"|[^".([]+)\.)?("(?:[^"]|"")*"|[^".([]+)/.exec(type)?.[1] ?? type;
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.trim();
}
