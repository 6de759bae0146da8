/** The explicit list of national and health identifiers. */
import { americas } from "./americas.ts";
import { asiaOceania } from "./asia-oceania.ts";
import { northEastEurope } from "./north-east-europe.ts";
import type { Scheme } from "./scheme.ts";
import { westEurope } from "./west-europe.ts";

export const schemes: readonly Scheme[] = [
  ...americas,
  ...westEurope,
  ...northEastEurope,
  ...asiaOceania,
];

/** By the length of a value without its separators: most values are asked of few schemes. */
export const schemesByLength: ReadonlyMap<number, readonly Scheme[]> = group();

function group(): Map<number, Scheme[]> {
  const groups = new Map<number, Scheme[]>();
  for (const scheme of schemes) {
    for (const length of scheme.lengths) {
      const members = groups.get(length) ?? [];
      members.push(scheme);
      groups.set(length, members);
    }
  }
  return groups;
}
