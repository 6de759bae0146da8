import { Look, type Detector } from "../detector.ts";

const values: Readonly<Record<string, number>> = Object.fromEntries(
  [..."0123456789"]
    .map((digit) => [digit, Number(digit)] as const)
    .concat(
      (
        [
          ["A", 1],
          ["B", 2],
          ["C", 3],
          ["D", 4],
          ["E", 5],
          ["F", 6],
          ["G", 7],
          ["H", 8],
          ["J", 1],
          ["K", 2],
          ["L", 3],
          ["M", 4],
          ["N", 5],
          ["P", 7],
          ["R", 9],
          ["S", 2],
          ["T", 3],
          ["U", 4],
          ["V", 5],
          ["W", 6],
          ["X", 7],
          ["Y", 8],
          ["Z", 9],
        ] as const
      ).map(([letter, value]) => [letter, value] as const),
    ),
);
const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** The ninth place of a VIN is a check digit in North America and China only (49 CFR 565, GB 16735). */
function hasCheckDigit(vin: string): boolean {
  const rest =
    weights.reduce((sum, weight, i) => sum + weight * (values[vin[i] ?? ""] ?? 0), 0) % 11;
  return "0123456789X"[rest] === vin[8];
}

export const vehicle: Detector = {
  entity: "vehicle",
  says: "a person's vehicle",
  isDirect: true,
  kinds: ["text"],
  isVaried: true,
  names:
    "vin, vin number, vin no, vehicle identification number, vehicle id number, chassis number, license plate, licence plate, licenseplate, license plate number, plate number, plate no, number plate, numberplate, vehicle registration, vehicle registration number, vehicle reg, vehicle plate, car registration, car plate, registration plate, vrn, immatriculation, plaque immatriculation, kennzeichen, kfz kennzeichen, autokennzeichen, fahrgestellnummer, matricula, placa, placa vehiculo, targa, kenteken, numer rejestracyjny, nr rejestracyjny, номер машины, госномер, ナンバープレート, 车牌",
  weakNames: "plate, reg plate, rego, registration",
  value: {
    look({ compact, words }) {
      if (
        compact.length === 17 &&
        /^[A-HJ-NPR-Z\d]{17}$/.test(compact) &&
        /[A-Z]/.test(compact) &&
        /\d{4}$/.test(compact)
      ) {
        return hasCheckDigit(compact) ? Look.Yes : Look.Shape;
      }
      return compact.length >= 3 && compact.length <= 17 && words <= 4 ? Look.Shape : Look.No;
    },
    chance: 0.09,
    weight: 5,
    against: 3,
  },
};
