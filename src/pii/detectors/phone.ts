import { Look, type Detector } from "../detector.ts";

const allowed =
  /^(?:(?:tel|phone|fax|mobile|cell|t|f|m)\s*[:.]?\s*)?\+?\(?[\d\s().\-/]{6,24}\d(?:\s*(?:x|ext\.?|#)\s*\d{1,6})?$/i;

// Written with blanks, dots or dashes too, and no telephone number.
const others = [
  /^\d{4}[-./]\d{1,2}[-./]\d{1,2}/, // 2024-01-31
  /^\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2})(?:\s|$)/, // 31.01.2024
  /^\d{1,3}(?:[ .]\d{3})+(?:,\d+)?$/, // 1.234.567
  /^-?\d+\.\d+$/, // 43.99
  /^-?\d+\.\d+[\s/-]+-?\d+\.\d+/, // 43.99 39.99
  /^\d{5}-\d{4}$/, // ZIP+4
  /^\d{3}-\d{2}-\d{4}$/, // social security number
  /^\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}$/, // payment card
  /^97[89][- ]\d/, // ISBN-13
  /^\d{1,3}(?:\.\d{1,3}){3}$/, // IP address, version
  /^\d{1,5}[-x/]\d{1,5}[-x/]\d{1,5}$/, // ISBN parts, sizes
];

/** Area codes of North America: 212-555-0100, (212) 555-0100. */
const american =
  /^(?:1[-. ])?\(?[2-9]\d{2}\)?[-. ]*[2-9]\d{2}[-. ]\d{4}(?:\s*(?:x|ext\.?|#)\s*\d{1,6})?$/i;

export const phone: Detector = {
  entity: "phone",
  says: "a telephone number",
  isDirect: true,
  kinds: ["text", "number", "bytes"],
  isVaried: true,
  names: `phone, phone number, phone no, phone nr, phone num, phonenumber, phone e 164, tel, tel number, tel no, telno, telnr, mobile phone, mobile number, mobile no, mobilephone, cell phone, cellphone,
    cell number, msisdn, fax, fax number, fax no, whatsapp, whatsapp number, landline, home phone, work phone, office phone, contact number, contact no, telephone, telephone number, telephone no,
    telephone fixe, telephone portable, num tel, numero telephone, numero tel, no tel, gsm, telefon, telefonnummer, telefon nr, handy, handynummer, handynr, mobilnummer, mobiltelefon, festnetz, rufnummer,
    telefono, telefono movil, celular, movil, numero celular, numero telefono, cellulare, numero cellulare, telemovel, telefone, fone, telefoonnummer, telefoon, mobielnummer, numer telefonu, nr telefonu, komorka,
    telefonnr, puhelin, puhelinnumero, telefonszam, телефон, номер телефона, мобильный, 電話, 電話番号, 电话, 手机, 手机号, 전화번호`,
  weakNames: "mobile, cell, portable, mobil, contact phone, sms",
  value: {
    look({ text, digits }) {
      if (digits < 7 || digits > 20 || !allowed.test(text)) return Look.No;
      if (others.some((pattern) => pattern.test(text))) return Look.No;
      const number = text.replace(/\s*(?:x|ext\.?|#)\s*\d{1,6}$/i, "");
      const count = number.replaceAll(/\D/g, "").length;
      if (count > 15) return Look.No;
      if (/^(?:tel|phone|fax|mobile|cell)/i.test(text)) return Look.Yes;
      if (/^(?:\+|00)\s*\(?[1-9]/.test(number) && count >= 8) return Look.Yes;
      if (american.test(text)) return Look.Yes;
      const groups = number.split(/[^\d]+/).filter(Boolean).length;
      if (/^\(0?\d{1,5}\)/.test(number)) return Look.Yes;
      if (/^0[1-9]/.test(number) && groups >= 2 && count >= 8) return Look.Yes;
      return Look.Shape;
    },
    chance: 0.02,
    weight: 5,
    against: 4,
    within({ text, digits }) {
      if (digits < 8) return undefined;
      const found =
        /(?<![\w+.-])(?:\+[1-9]\d{0,2}[ .\-(]?[\d() .-]{6,16}\d|\([2-9]\d{2}\) ?[2-9]\d{2}-\d{4}|[2-9]\d{2}[-.][2-9]\d{2}[-.]\d{4})(?![\w.-]*\d)/.exec(
          text,
        );
      return found?.[0];
    },
  },
};
