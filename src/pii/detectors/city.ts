import { Look, type Detector } from "../detector.ts";
import { cities } from "../dictionaries/places.ts";
import { plain } from "../name-words.ts";

export const city: Detector = {
  entity: "city",
  says: "a city",
  isDirect: false,
  kinds: ["text"],
  names: `city, town, city name, town name, home town, hometown, birth city, birth place, birthplace, place of birth, municipality, locality, suburb, village, ville, commune, lieu naissance, lieu de naissance, code commune, stadt, wohnort, geburtsort, ort, ciudad, localidad, lugar nacimiento, poblacion, citta, comune, luogo nascita, cidade, municipio, naturalidade, plaats, woonplaats, geboorteplaats, stad, gemeente, miasto, miejscowosc, miejsce urodzenia, postort, poststed, kaupunki, mesto, obec, varos, sehir, город, место рождения, 市区町村, 城市, 도시`,
  weakNames: "place, lugar, luogo, lieu",
  value: {
    look({ text, digits }) {
      if (digits > 0 || text.length < 2 || text.length > 60 || !/\p{L}/u.test(text)) return Look.No;
      return cities.has(plain(text)) ? Look.Yes : Look.Shape;
    },
    chance: 0.02,
    weight: 4,
    against: 4,
    share: 0.25,
  },
};
