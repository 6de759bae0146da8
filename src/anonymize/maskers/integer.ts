import { permuted } from "./feistel.ts";
import type { Masker, MaskInput } from "./masker.ts";

/** Bits that are permuted: those of the type but for the sign; of int8 the 53 that JavaScript reads exactly. */
const bitsOf: Readonly<Record<string, number>> = { int2: 15, int4: 31, int8: 53 };

export const integer: Masker = {
  name: "integer",
  gives: "another whole number of the type, one for each; the sign, 0 and -1 stay",
  accepts: ["integer"],
  options: [],
  from: "draw",
  uniqueness: "bijective",
  strength: "strong",
  compile({ value, type, draw }: MaskInput): string {
    const bits = bitsOf[type.base] ?? 31;
    const key = draw.roundKey();
    const low = 2 ** Math.floor(bits / 2);
    const all = 2n ** BigInt(bits);
    const permute = (number: string) =>
      permuted(
        `(select ${number} / ${low} as x, ${number} % ${low} as y, ${all / BigInt(low)}::int8 as a, ${low}::int8 as b offset 0) h`,
        key,
        `x7 * ${low} + y8`,
      );
    // 0 stays 0: identifiers and counts are often checked to be above it. What would become 0 becomes
    // what 0 would have become, so it stays one for each.
    const inner = permute("n");
    return `(select case when v < 0 then ~r else r end from (
      select v, high + case when n = 0 and high = 0 then 0 when p = 0 and high = 0 then ${permute("0::int8")} else p end as r
      from (select v, m - n as high, n, ${inner} as p
        from (select v, m, m % ${all} as n
          from (select v, case when v < 0 then ~v else v end as m
            from (select ${value}::int8 as v offset 0) i offset 0) j offset 0) k offset 0) l offset 0) q)`;
  },
};
