/** Identifiers of people in the Americas. */
import { isDate, luhn, weighted } from "../checksums/digits.ts";
import type { Scheme } from "./scheme.ts";

const down = (from: number, to: number) =>
  Array.from({ length: from - to + 1 }, (_, i) => from - i);

/** Two check digits modulo 11, each over all digits before it. */
function isCpf(digits: string): boolean {
  if (/^(\d)\1+$/.test(digits)) return false;
  const first = ((weighted(digits, down(10, 2)) * 10) % 11) % 10;
  const second = ((weighted(digits, down(11, 2)) * 10) % 11) % 10;
  return first === Number(digits[9]) && second === Number(digits[10]);
}

function isRut(compact: string): boolean {
  const digits = Array.from(compact.slice(0, -1)).toReversed();
  const sum = digits.reduce((total, digit, i) => total + Number(digit) * (2 + (i % 6)), 0);
  return "0K987654321"[sum % 11] === compact.at(-1);
}

const curpAlphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";

function isCurp(compact: string): boolean {
  const sum = Array.from(compact.slice(0, 17)).reduce(
    (total, letter, i) => total + curpAlphabet.indexOf(letter) * (18 - i),
    0,
  );
  return (10 - (sum % 10)) % 10 === Number(compact[17]);
}

function isEcuadorian(digits: string): boolean {
  const province = Number(digits.slice(0, 2));
  return (
    (province <= 24 || province === 30) && province > 0 && Number(digits[2]) < 6 && luhn(digits)
  );
}

export const americas: readonly Scheme[] = [
  {
    title: "US social security number",
    entity: "national_id",
    names: "ssn, social security, social security number, social security no, soc sec, ss number",
    pattern: /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/,
    lengths: [9],
    check: (digits) => !["078051120", "219099999", "123456789"].includes(digits),
    chance: 0.9,
    isCommon: true,
    written: /^\d{3}-\d{2}-\d{4}$/,
  },
  {
    title: "US individual taxpayer number",
    entity: "national_id",
    names: "itin",
    pattern: /^9\d{2}(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}$/,
    lengths: [9],
    check: () => true,
    chance: 0.9,
    isCommon: true,
    written: /^\d{3}-\d{2}-\d{4}$/,
  },
  {
    title: "US national provider identifier",
    entity: "health_id",
    names: "npi, provider npi, national provider identifier",
    pattern: /^[12]\d{9}$/,
    lengths: [10],
    check: (digits) => luhn(`80840${digits}`),
    chance: 0.1,
  },
  {
    title: "US Medicare beneficiary identifier",
    entity: "health_id",
    names: "mbi, medicare, medicare id, medicare number, medicare no",
    pattern:
      /^[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d[AC-HJKMNP-RT-Y]{2}\d\d$/,
    lengths: [11],
    check: () => true,
    chance: 0.001,
  },
  {
    title: "US DEA number",
    entity: "health_id",
    names: "dea, dea number, dea no",
    pattern: /^[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}$/,
    lengths: [9],
    check: (compact) => {
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, last = 0] = Array.from(compact.slice(2)).map(
        Number,
      );
      return (a + c + e + 2 * (b + d + f)) % 10 === last;
    },
    chance: 0.1,
  },
  {
    title: "Canadian social insurance number",
    entity: "national_id",
    names: "sin, social insurance, social insurance number, sin number",
    pattern: /^[1-79]\d{8}$/,
    lengths: [9],
    check: luhn,
    chance: 0.1,
    isCommon: true,
  },
  {
    title: "Mexican CURP",
    entity: "national_id",
    names: "curp",
    pattern: /^[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z\u00d1]{3}[A-Z\d]\d$/,
    lengths: [18],
    check: isCurp,
    chance: 0.1,
  },
  {
    title: "Mexican RFC of a person",
    entity: "national_id",
    names: "rfc",
    pattern: /^[A-Z\u00d1&]{4}\d{6}[A-Z\d]{2}[A\d]$/,
    lengths: [13],
    check: (compact) =>
      isDate(
        Number(compact.slice(4, 6)),
        Number(compact.slice(6, 8)),
        Number(compact.slice(8, 10)),
      ),
    chance: 0.04,
  },
  {
    title: "Brazilian CPF",
    entity: "national_id",
    names: "cpf, cpf number, nr cpf, cpf cliente",
    pattern: /^\d{11}$/,
    lengths: [11],
    check: isCpf,
    chance: 0.01,
  },
  {
    title: "Argentinian CUIT or CUIL",
    entity: "national_id",
    names: "cuil, cuit",
    pattern: /^(?:2[0347]|3[034])\d{9}$/,
    lengths: [11],
    check: (digits) =>
      (11 - (weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === Number(digits[10]),
    chance: 0.09,
  },
  {
    title: "Chilean RUT",
    entity: "national_id",
    names: "rut, rut cliente",
    pattern: /^\d{7,8}[\dK]$/,
    lengths: [8, 9],
    check: isRut,
    chance: 0.09,
  },
  {
    title: "Ecuadorian identity card",
    entity: "national_id",
    names: "cedula, cedula identidad, cedula de identidad, cedula de ciudadania, ci ecuador",
    pattern: /^\d{10}$/,
    lengths: [10],
    check: isEcuadorian,
    chance: 0.02,
  },
  {
    title: "Peruvian or Colombian identity document",
    entity: "national_id",
    names:
      "nro documento, numero documento, numero de documento, documento identidad, documento de identidad, document number, nuip",
    pattern: /^\d{8,10}$/,
    lengths: [8, 9, 10],
    check: () => true,
    chance: 1,
    isCommon: true,
  },
];
