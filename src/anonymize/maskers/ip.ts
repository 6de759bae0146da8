import type { Masker } from "./masker.ts";

export const ip: Masker = {
  name: "ip",
  gives: "an address that is never routed: of 10.0.0.0/8 (RFC 1918) or 2001:db8::/32 (RFC 3849)",
  accepts: ["network", "text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile({ value, text, type, draw }) {
    const four = `('10.0.0.0'::inet + ${draw.integer(3)})`;
    const six = `('2001:db8::'::inet + ${draw.integer(7)})`;
    if (type.kind === "text") {
      return `case when ${text} like '%:%' then host(${six}) else host(${four}) end`;
    }
    const address = `case when family(${value}::inet) = 4 then ${four} else ${six} end`;
    const sized = `set_masklen(${address}, masklen(${value}::inet))`;
    return type.base === "cidr" ? `network(${sized})` : sized;
  },
};
