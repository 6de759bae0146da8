import { Look, type Detector } from "../detector.ts";

const mac = /^(?:[\da-f]{2}([:-]))(?:[\da-f]{2}\1){4}[\da-f]{2}$|^(?:[\da-f]{4}\.){2}[\da-f]{4}$/i;

export const macAddress: Detector = {
  entity: "mac_address",
  says: "a device's hardware address",
  isDirect: true,
  kinds: ["text", "mac"],
  types: ["macaddr", "macaddr8"],
  names:
    "mac, mac address, macaddress, mac addr, macaddr, hw addr, hwaddr, hardware address, ethernet address, wifi mac, bluetooth mac, bssid, device mac, adresse mac physique, mac adresse",
  value: {
    look: ({ text }) =>
      text.length >= 14 &&
      text.length <= 17 &&
      mac.test(text) &&
      !/^(?:0[0:.-]+0|f[f:.-]+f)$/i.test(text)
        ? Look.Yes
        : Look.No,
    chance: 0.0001,
    weight: 7,
    against: 5,
  },
};
