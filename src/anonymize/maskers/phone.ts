import type { Masker } from "./masker.ts";

interface Range {
  /** Calling code. */
  readonly code: string;
  readonly begin: readonly string[];
  readonly digits: number;
}

/**
 * Numbers that regulators keep free for film and fiction, by calling code: what stands before the
 * drawn digits, and how many of them. NANPA 555-01xx; Ofcom's drama numbers; Bundesnetzagentur's
 * "Drama Numbers"; Arcep's ranges for audiovisual works; ACMA's for creative works; ComReg's 020 91.
 */
const ranges: Readonly<Record<string, { code: string; begin: readonly string[]; digits: number }>> =
  {
    US: {
      code: "1",
      digits: 2,
      begin: ["202", "212", "303", "312", "404", "415", "503", "602", "617", "713"].map(
        (area) => `${area}55501`,
      ),
    },
    GB: {
      code: "44",
      digits: 3,
      begin: ["7700900", "2079460", "1144960", "1214960", "1314960", "1414960", "1614960"],
    },
    DE: { code: "49", digits: 3, begin: ["3023125", "6990009", "4066969", "2214710", "8999998"] },
    FR: { code: "33", digits: 4, begin: ["19900", "26191", "35301", "46571", "53649", "63998"] },
    AU: {
      code: "61",
      digits: 4,
      begin: ["25550", "27010", "35550", "37010", "75550", "77010", "85550", "87010"],
    },
    IE: { code: "353", digits: 5, begin: ["2091"] },
  };

export const phone: Masker = {
  name: "phone",
  gives:
    "a number kept free for fiction (+1, +44, +49, +33, +61, +353), of its country where that has one",
  accepts: ["text"],
  options: ["country"],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  refuse({ options: { country = "US" }, type }) {
    if (!ranges[country]) {
      return `no numbers of ${country} are known to be free for fiction; there are ${Object.keys(ranges).join(", ")}`;
    }
    return type.maxLength !== undefined && type.maxLength < 13
      ? `${type.typeName} has no room for a number, which has 13 characters`
      : undefined;
  },
  compile({ text, draw, options: { country = "US" } }) {
    // Without a subquery around it, which alone would cost as much as all of this.
    const n = draw.integer(3);
    const number = ({ code, begin, digits }: Range) => {
      const many = 10 ** digits;
      const first = begin.map((one) => `${code}${one}${"0".repeat(digits)}`);
      return `'+' || (('{${first.join(",")}}'::int8[])[1 + ${n} / ${many} % ${begin.length}] + ${n} % ${many})::text`;
    };
    const other = ranges[country] ? number(ranges[country]) : "''";
    // No calling code begins another.
    const all = Object.values(ranges);
    const plain = all.map((range) => `when ${text} like '+${range.code}%' then ${number(range)}`);
    const of = (length: number) =>
      all
        .filter(({ code }) => code.length === length)
        .map((range) => `when '${range.code}' then ${number(range)}`)
        .join(" ");
    // Most numbers are told by how they begin; an expression is for the few that write +49 as 0049.
    const calling = `substring(${text} from '^[(]?(?:[+]|00)[[:space:]]*([1-9][0-9]{0,2})')`;
    return `case ${plain.join(" ")} when ${text} like '00%' or ${text} like '(%' then
      case ${calling} ${of(3)} else case left(${calling}, 2) ${of(2)} else case left(${calling}, 1) ${of(1)} else ${other} end end end
      else ${other} end`;
  },
};
