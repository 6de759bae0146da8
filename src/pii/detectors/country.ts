import { Look, type Detector } from "../detector.ts";
import { countries, countryCodes } from "../dictionaries/places.ts";
import { plain } from "../name-words.ts";

export const country: Detector = {
  entity: "country",
  says: "a person's country",
  isDirect: false,
  kinds: ["text"],
  names:
    "country of residence, residence country, country of birth, birth country, pays naissance, pays residence, geburtsland, pais nacimiento, paese nascita, home country",
  weakNames:
    "country, country code, country name, pays, pays code, code pays, land, landescode, pais, paese, kraj, nazione, страна, iso country, 国",
  value: {
    look: ({ text, lower }) =>
      countries.has(plain(text)) ||
      (/^[A-Z]{2,3}$|^[a-z]{2}$/.test(text) && countryCodes.has(lower))
        ? Look.Yes
        : Look.No,
    chance: 0.05,
    weight: 1.5,
    against: 5,
    share: 0.4,
    byRows: true,
  },
};
