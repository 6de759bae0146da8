/** What no rule names in a document: every text and number below, at any depth. */
import { scrambledBy } from "../maskers/shape.ts";

/**
 * SQL that scrambles every text and number of a JSONB value; keys, true, false and null stay.
 *
 * SQL has no recursion within an expression, so the text of the document is taken apart: a JSONB
 * value prints each key as `"key": ` and nothing else like that, which tells keys from texts.
 */
export function scrambleRest(value: string, bits: string, place: string): string {
  const tokens = `regexp_matches(${value}::text, '("(?:[^"\\\\]|\\\\.)*")(: )?|(-?[0-9][0-9.]*)|([^"0-9-]+)', 'g') with ordinality m(p, n)`;
  const offset = `(n * 7 + ${place} * 31)`;
  const text = `to_jsonb(${scrambledBy("(p[1]::jsonb #>> '{}')", "b.b", offset)})::text`;
  return `case jsonb_typeof(${value}) when 'null' then ${value} when 'boolean' then ${value} else (select string_agg(case
      when p[2] is not null then p[1] || p[2]
      when p[1] is not null then ${text}
      when p[3] is not null then ${scrambledNumber("p[3]", "b.b", offset)}
      else p[4] end, '' order by n)::jsonb
    from (select ${bits} as b offset 0) b, ${tokens}) end`;
}

/** SQL of a text of the same number of digits, none of them 0: a JSON number may not begin with one. */
export function scrambledNumber(text: string, bits: string, offset = "0"): string {
  return `(select string_agg(case when c between '0' and '9'
      then (1 + get_byte(w.b, ((o + ${offset}) % 16)::int) % 9)::text else c end, '' order by o)
    from (select ${bits} as b offset 0) w, string_to_table(${text}, null) with ordinality s(c, o))`;
}
