import { Look, type Detector } from "../detector.ts";

export const passport: Detector = {
  entity: "passport",
  says: "a passport's number",
  isDirect: true,
  kinds: ["text", "number"],
  isVaried: true,
  names:
    "passport, passport number, passport no, passport nr, passportnumber, passport num, travel document number, passeport, numero passeport, no passeport, reisepass, reisepassnummer, passnummer, pass nr, pasaporte, numero pasaporte, passaporto, numero passaporto, passaporte, numero passaporte, paspoort, paspoortnummer, paszport, numer paszportu, nr paszportu, паспорт, номер паспорта, 护照, パスポート番号, mrz",
  value: {
    look: ({ compact, digits }) =>
      (digits >= 5 && compact.length >= 6 && compact.length <= 12 && /^[A-Z\d]+$/.test(compact)) ||
      /^P<[A-Z]{3}/.test(compact)
        ? Look.Shape
        : Look.No,
    chance: 1,
    weight: 0,
    against: 4,
  },
};
