import { isIP } from "node:net";
import { Look, type Detector } from "../detector.ts";

/**
 * A version like 1.2.3.4 is a valid address. Addresses are spread over 0 to 255, so nearly all of
 * them have a part of at least 64; version numbers hardly ever do.
 */
function lookAt(text: string): Look {
  const bare = text.replace(/\/\d{1,3}$/, "");
  const kind = isIP(bare);
  if (kind === 0) return Look.No;
  if (kind === 6) return bare.length > 6 && !bare.startsWith("::1") ? Look.Yes : Look.Shape;
  const parts = bare.split(".").map(Number);
  return parts.some((part) => part >= 64) ? Look.Yes : Look.Shape;
}

export const ipAddress: Detector = {
  entity: "ip_address",
  says: "an IP address",
  isDirect: true,
  kinds: ["text", "network"],
  types: ["inet", "cidr"],
  names:
    "ip, ip address, ipaddress, ip addr, ipaddr, ipv 4, ipv 6, ipv4, ipv6, remote addr, remote ip, remote address, client ip, client address, client addr, user ip, source ip, src ip, login ip, last login ip, last ip, sign in ip, current sign in ip, last sign in ip, registration ip, signup ip, visitor ip, x forwarded for, forwarded for, host ip, adresse ip, ip adresse, direccion ip, indirizzo ip, endereco ip, ip adres, adres ip, ip адрес",
  value: {
    look: ({ text }) =>
      text.length >= 3 && text.length <= 49 && /[.:]/.test(text) ? lookAt(text) : Look.No,
    chance: 0.03,
    weight: 5.5,
    against: 6,
    within({ text }) {
      const found = /(?<![\w.:-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-])/.exec(text);
      return found &&
        !/(?:v|ver|version|release|build)\.?\s*$/i.test(text.slice(0, found.index)) &&
        lookAt(found[0]) === Look.Yes
        ? found[0]
        : undefined;
    },
  },
};
