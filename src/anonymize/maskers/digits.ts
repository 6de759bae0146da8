import { permuted } from "./feistel.ts";
import type { Masker } from "./masker.ts";

export const digits: Masker = {
  name: "digits",
  gives: "another number of as many digits, one for each; everything that is no digit stays",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "bijective",
  strength: "weak",
  isShapedByOriginal: true,
  compile({ text, draw, utf8 }) {
    const key = draw.roundKey();
    const half = "(length(g) / 2)";
    const short = permuted(
      `(select left(g, ${half})::int8 as x, right(g, -${half})::int8 as y,
        (10::numeric ^ ${half})::int8 as a, (10::numeric ^ (length(g) - ${half}))::int8 as b offset 0) h`,
      key,
      `case when ${half} > 0 then lpad(x7::text, ${half}, '0') else '' end || lpad(y8::text, length(g) - ${half}, '0')`,
    );
    const one = `(select mod(g::int8 + get_byte(sha256(${key} || '\\x00'::bytea), 0), 10)::text)`;
    // Halves of 18 digits are what int8 can add; longer ones are drawn, of more than 10^36.
    const long = `(select left(string_agg(translate(encode(sha256(${key} || int4send(i) || ${utf8("g")}), 'hex'), 'abcdef', '072583'), '' order by i), length(g))
      from generate_series(0, length(g) / 64) i)`;
    const spread = `(select string_agg(case when c between '0' and '9' then substr(z, k::int, 1) else c end, '' order by o)
      from (select c, o, count(*) filter (where c between '0' and '9') over (order by o) as k
        from string_to_table(v, null) with ordinality s(c, o)) w)`;
    return `(select case when g = '' then v when g = v then z else ${spread} end from (
      select v, g, case length(g) when 0 then '' when 1 then ${one} else case when length(g) <= 36 then ${short} else ${long} end end as z
      from (select v, regexp_replace(v, '[^0-9]', '', 'g') as g
        from (select ${text} as v offset 0) i offset 0) j offset 0) q)`;
  },
};
