import { Look, type Detector } from "../detector.ts";

export const driverLicense: Detector = {
  entity: "driver_license",
  says: "a driving licence's number",
  isDirect: true,
  kinds: ["text", "number"],
  isVaried: true,
  names:
    "driver license, drivers license, driver licence, drivers licence, driver license number, drivers license number, driver licence number, driving license, driving licence, driving licence number, driver license no, dl number, dl no, dln, license number driver, permis conduire, permis de conduire, numero permis, fuhrerschein, fuehrerschein, fuhrerscheinnummer, fuehrerscheinnummer, licencia conducir, licencia de conducir, permiso conducir, patente guida, carteira motorista, cnh, rijbewijs, rijbewijsnummer, prawo jazdy, nr prawa jazdy, водительское удостоверение",
  value: {
    look: ({ compact, digits }) =>
      digits >= 4 && compact.length >= 5 && compact.length <= 20 && /^[A-Z\d]+$/.test(compact)
        ? Look.Shape
        : Look.No,
    chance: 1,
    weight: 0,
    against: 4,
  },
};
