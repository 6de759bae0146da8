import { Look, type Detector } from "../detector.ts";

const after =
  /\b\d{1,5}\s?[a-z]?,?\s+(?:[\p{L}\d.'\u2019-]+\s+){0,4}(?:street|st|str|avenue|ave|av|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|square|sq|terrace|ter|way|close|crescent|highway|hwy|parkway|pkwy|circle|cir|trail|mews|grove|row|alley|plaza|loop|hill|heights|park|gardens|station|stravenue|turnpike|tunnel|ridge|run|path|island|isle|bridge|view|valley|village|vista|walk|well|spur|spring|springs|shore|shores|route|rest|ranch|rapids|radial|point|points|port|ports|pine|pines|oval|orchard|neck|mountain|motorway|mission|mill|mills|meadow|meadows|manor|mall|locks|lodge|lock|loaf|light|lights|land|lake|lakes|knoll|knolls|key|keys|junction|inlet|hollow|hills|harbor|harbors|haven|green|greens|glen|glens|gateway|garden|garden|freeway|fort|fork|forks|forge|forges|ford|fords|flat|flats|field|fields|ferry|falls|extension|expressway|estate|estates|dam|divide|curve|creek|cove|course|corner|corners|common|commons|cliff|cliffs|centers|center|cape|canyon|camp|bypass|burg|burgs|brook|brooks|branch|bottom|bluff|bluffs|bend|beach|bayou|annex|summit|stream|throughway|trace|track|trafficway|underpass|union|viaduct|crossing|crossroad|passage|plain|plains|prairie|overpass|shoal|shoals|skyway)\b/iu;
const before =
  /\b(?:rue|avenue|boulevard|bd|allee|all\u00e9e|chemin|impasse|place|quai|cours|route|via|viale|corso|piazza|vicolo|largo|calle|avenida|av|avda|paseo|plaza|carrera|rua|travessa|estrada|ulica|ul|aleja|al|\u0443\u043b\u0438\u0446\u0430|\u0443\u043b|\u043f\u0440\u043e\u0441\u043f\u0435\u043a\u0442)\b\.?\s+[\p{L}\d.'\u2019 -]{2,50}?,?\s*(?:n[o\u00b0\u00ba.]?\s*)?\d{1,5}|\b\d{1,5}(?:\s?(?:bis|ter))?,?\s+(?:rue|avenue|boulevard|bd|all[\u00e9e]e|chemin|impasse|place|quai|cours|route|passage|voie)\b/iu;
const germanic =
  /\p{L}{2,}(?:stra(?:ss|\u00df)e|str\.?|weg|gasse|platz|allee|ring|damm|ufer|straat|laan|plein|gracht|weg|kade|singel|dijk|gatan|vagen|v\u00e4gen|gata|veien|vej|gade|all\u00e9|katu|tie|utca)\s*\.?\s*\d{1,4}\s?[a-z]?\b/iu;
const box = /\bp\.?\s?o\.?\s?box\s+\d+|\b(?:apt|suite|unit|apartment)\.?\s*#?\d+/i;

function isAddress(text: string): boolean {
  return after.test(text) || before.test(text) || germanic.test(text) || box.test(text);
}

export const address: Detector = {
  entity: "address",
  says: "a street address",
  isDirect: true,
  kinds: ["text", "bytes"],
  isVaried: true,
  names: `street, street name, street address, streetaddress, street line, street no, street number, address, address line, addr line, addressline, addr, addr 1, postal address, mailing address, home address, homeaddress, billing address, shipping address, delivery address, residential address, work address, full address, address street, house number, house no, housenumber, building number, apartment, apartment number, apt number, po box,
    adresse, adresse ligne, adresse postale, rue, num rue, numero rue, voie, complement adresse, strasse, strasse nr, hausnummer, hausnr, anschrift, wohnadresse, lieferadresse, rechnungsadresse, adresszeile, calle, direccion, direccion postal, domicilio, numero exterior, numero interior,
    indirizzo, residenza, civico, numero civico, endereco, logradouro, rua, bairro, complemento endereco, straat, straatnaam, huisnummer, adres, adres zamieszkania, ulica, nr domu, nr mieszkania, gatuadress, gateadresse, vejnavn, katuosoite, osoite, utca, adresa, адрес, улица, 住所, 地址, 주소`,
  weakNames: "via, cim, residence, apt, suite, place of residence, where lives, dom, domicile",
  value: {
    look: ({ text, words }) =>
      text.length < 6 || text.length > 200 || words < 2
        ? Look.No
        : isAddress(text)
          ? Look.Yes
          : Look.Shape,
    chance: 0.005,
    weight: 5,
    against: 0,
    share: 0.3,
  },
};
