import { Look, type Detector } from "../detector.ts";
import { regionCodes, regions } from "../dictionaries/places.ts";
import { plain } from "../name-words.ts";

export const region: Detector = {
  entity: "region",
  says: "a state, province or county",
  isDirect: false,
  kinds: ["text"],
  names:
    "state province, state or province, state region, province, county, prefecture, bundesland, kanton, departement, provincia, comunidad autonoma, regione, provincie, wojewodztwo, powiat, home state, us state, state abbr, billing state, shipping state, mailing state, estado uf, область, 都道府県, 省",
  weakNames:
    "state, region, st, province code, state code, region code, county name, estado, uf, district, land kreis, landkreis",
  value: {
    look({ text, lower }) {
      if (text.length < 2 || text.length > 50) return Look.No;
      if (regions.has(plain(text))) return Look.Yes;
      return /^[A-Z]{2,3}$/.test(text) && regionCodes.has(lower) ? Look.Yes : Look.No;
    },
    chance: 0.05,
    weight: 3.5,
    against: 5,
    share: 0.4,
  },
};
