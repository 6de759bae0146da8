import type { Scope } from "../scope.ts";

/** How many characters a text may have: varchar(n) and char(n), whose modifier is n + 4, and checks. */
export function lengthOf({ type, modifier, rule }: Scope): number {
  const most = ["varchar", "bpchar"].includes(type.name) && modifier > 4 ? modifier - 4 : Infinity;
  const least = type.name === "char" ? 1 : type.name === "name" ? 63 : Infinity;
  return Math.min(most, least, rule.maxLength ?? Infinity);
}
