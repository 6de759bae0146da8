/**
 * Texts of pg_stat_statements as SQL that can be planned again. Where the grammar wants a string,
 * the `$1` that the server has put in its place is a syntax error: `interval $1`, `date $1`,
 * `extract($1 from x)`.
 */
import { scanTokens, type Token } from "../db/script.ts";

// Types that are written in front of a string, `date '2024-01-15'`.
const typed = new Set(
  (
    "interval date timestamp timestamptz time timetz zone bool boolean int2 int4 int8 smallint " +
    "integer int bigint numeric decimal float4 float8 real text varchar char bpchar bytea uuid json jsonb inet cidr " +
    "macaddr oid regclass regtype name bit varbit xml point box circle money daterange tsrange " +
    "tstzrange int4range int8range numrange tsvector tsquery"
  ).split(" "),
);
// What may stand behind `interval '…'`.
const fields = new Set(["year", "month", "day", "hour", "minute", "second"]);

/** `interval $1 day` as `$1::interval day`; everything else stays as it is. */
export function makePlannable(text: string): string {
  const tokens = scanTokens(text);
  const source = Buffer.from(text);
  const pieces: string[] = [];
  let from = 0;
  const replace = (start: number, end: number, by: string) => {
    pieces.push(source.subarray(from, start).toString(), by);
    from = end;
  };
  for (const [i, token] of tokens.entries()) {
    if (!/^\$[0-9]+$/.test(token.text)) continue;
    const word = (offset: number) => tokens[i + offset]?.text.toLowerCase() ?? "";
    if (word(-2) === "extract" && word(-1) === "(" && word(1) === "from") {
      const [extract, next] = [tokens[i - 2], tokens[i + 1]];
      if (!extract || !next) continue;
      replace(extract.start, next.end, `pg_catalog.extract(${token.text}::text,`);
      continue;
    }
    const first = beginOfType(tokens, i);
    if (first === undefined) continue;
    const start = tokens[first]?.start ?? token.start;
    let last = i;
    if (tokens[first]?.text.toLowerCase() === "interval") {
      while (fields.has(tokens[last + 1]?.text.toLowerCase() ?? "")) {
        last += 1;
        const goesOn = tokens[last + 1]?.text.toLowerCase() === "to";
        if (goesOn && fields.has(tokens[last + 2]?.text.toLowerCase() ?? "")) last += 1;
      }
    }
    const end = tokens[last]?.end ?? token.end;
    const type = source.subarray(start, token.start).toString().trim();
    const rest = source.subarray(token.end, end).toString();
    replace(start, end, `${token.text}::${type}${rest}`);
  }
  return pieces.join("") + source.subarray(from).toString();
}

/** Where the name of the type begins that stands right before a parameter. */
function beginOfType(tokens: readonly Token[], parameter: number): number | undefined {
  let at = parameter - 1;
  const word = () => tokens[at]?.text.toLowerCase() ?? "";
  // timestamp(3) $1
  if (
    word() === ")" &&
    /^[0-9]+$/.test(tokens[at - 1]?.text ?? "") &&
    tokens[at - 2]?.text === "("
  ) {
    at -= 3;
  }
  if (!typed.has(word())) return undefined;
  // timestamp with time zone $1
  if (word() === "zone") {
    at -= 2;
    if (tokens[at]?.text.toLowerCase() !== "with" && tokens[at]?.text.toLowerCase() !== "without") {
      return undefined;
    }
    at -= 1;
    if (word() === ")") at -= 3;
    return ["timestamp", "time"].includes(word()) ? at : undefined;
  }
  // `x AS date $1` or `t.date $1` is no such thing.
  return [".", "as"].includes(tokens[at - 1]?.text.toLowerCase() ?? "") ? undefined : at;
}

/** The highest `$n`, 0 for none. */
export function countParameters(text: string): number {
  const numbers = scanTokens(text).map(({ text: token }) => /^\$([0-9]+)$/.exec(token)?.[1]);
  return Math.max(0, ...numbers.map((number) => Number(number ?? 0)));
}
