import type { Masker } from "./masker.ts";

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
    const number = ({ code, begin, digits }: (typeof ranges)[string]) => {
      const list = `array[${begin.map((one) => `'+${code}${one}'`).join(", ")}]`;
      return `(${list})[1 + (n / 100000) % ${begin.length}] || lpad((n % ${10 ** digits})::text, ${digits}, '0')`;
    };
    // +1 is tried last: others begin with it only as 00 1.
    const cases = Object.values(ranges)
      .toSorted((one, other) => other.code.length - one.code.length)
      .map((range) => `when p like '${range.code}%' then ${number(range)}`);
    const usual = ranges[country];
    return `(select case ${cases.join(" ")} else ${usual ? number(usual) : "''"} end
      from (select substring(${text} from '^[[:space:](]*(?:[+]|00)[[:space:]]*([1-9][0-9]{0,2})') as p, ${draw.integer(4)} as n offset 0) s)`;
  },
};
