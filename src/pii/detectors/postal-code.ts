import { Look, type Detector } from "../detector.ts";

const british = /^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$/;
const canadian = /^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d$/;
const others =
  /^(?:[A-Z]{1,3}-)?\d{3,6}$|^\d{5}-\d{3,4}$|^\d{3}[ -]\d{2,4}$|^\d{4} ?[A-Z]{2}$|^\d{2}-\d{3}$|^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$|^[A-Z]\d[A-Z]\d[A-Z]\d$|^LV-\d{4}$|^[A-Z]\d{4}[A-Z]{3}$/;

export const postalCode: Detector = {
  entity: "postal_code",
  says: "a postal code",
  isDirect: false,
  kinds: ["text", "number"],
  names: `zip, zip code, zipcode, zip plus 4, zip 4, postal code, postalcode, post code, postcode, postal cd, postal, zip cd, zip postal, pincode, pin code, code postal, codepostal, plz, postleitzahl, codigo postal, cod postal, codice postale, cep, codigo postal, kod pocztowy, postnummer, postnr, postinumero, psc, iranyitoszam, irsz, posta kodu, индекс, почтовый индекс, 郵便番号, 邮编, 우편번호`,
  weakNames: "cp, pcode, cap",
  value: {
    look({ text }) {
      const upper = text.toUpperCase();
      if (british.test(upper) || canadian.test(upper)) return Look.Yes;
      return others.test(upper) ? Look.Shape : Look.No;
    },
    chance: 0.01,
    weight: 5,
    against: 4,
  },
};
