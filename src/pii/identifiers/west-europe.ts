/** Identifiers of people in Britain, Ireland and western and southern Europe. */
import { isDate, luhn, mod11Of10, weighted } from "../checksums/digits.ts";
import type { Scheme } from "./scheme.ts";

function isNhs(digits: string): boolean {
  if (/^(\d)\1+$/.test(digits)) return false;
  const check = 11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return (check === 11 ? 0 : check) === Number(digits[9]);
}

function isPps(compact: string): boolean {
  const second = compact[8] === undefined ? 0 : "WABCDEFGHI".indexOf(compact[8]);
  const sum = weighted(compact, [8, 7, 6, 5, 4, 3, 2]) + (second > 0 ? second * 9 : 0);
  return "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23] === compact[7];
}

/** The key is 97 less the number modulo 97; Corsica's 2A and 2B count as 19 and 18. */
function isNir(compact: string): boolean {
  const digits = compact.replace("2A", "19").replace("2B", "18");
  const key = 97 - Number(BigInt(digits.slice(0, 13)) % 97n);
  return key === Number(digits.slice(13));
}

/** One digit is there two or three times, the others at most once, and the last is ISO 7064. */
function isSteuerId(digits: string): boolean {
  const counts = new Map<string, number>();
  for (const digit of digits.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  const repeated = [...counts.values()].filter((count) => count > 1);
  return repeated.length === 1 && (repeated[0] ?? 0) <= 3 && mod11Of10(digits);
}

/** Pension number: area, birth date, first letter of the name, serial, check digit. */
function isRvnr(compact: string): boolean {
  const letter = String((compact.codePointAt(8) ?? 0) - 64).padStart(2, "0");
  const digits = compact.slice(0, 8) + letter + compact.slice(9, 11);
  const weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
  const sum = weights.reduce((total, weight, i) => {
    const product = weight * Number(digits[i]);
    return total + Math.floor(product / 10) + (product % 10);
  }, 0);
  return sum % 10 === Number(compact[11]);
}

function isKvnr(compact: string): boolean {
  const letter = String((compact.codePointAt(0) ?? 0) - 64).padStart(2, "0");
  const digits = letter + compact.slice(1, 9);
  const sum = [...digits].reduce((total, digit, i) => {
    const product = Number(digit) * (i % 2 === 0 ? 1 : 2);
    return total + (product > 9 ? product - 9 : product);
  }, 0);
  return sum % 10 === Number(compact[9]);
}

/** ICAO 9303: weights 7, 3, 1 over digits and letters. */
function isGermanCard(compact: string): boolean {
  const sum = Array.from(compact.slice(0, 9)).reduce(
    (total, letter, i) => total + Number.parseInt(letter, 36) * ([7, 3, 1][i % 3] ?? 0),
    0,
  );
  return sum % 10 === Number(compact[9]);
}

function isDni(compact: string): boolean {
  const number = compact.slice(0, 8).replace("X", "0").replace("Y", "1").replace("Z", "2");
  return "TRWAGMYFPDXBNJZSQVHLCKE"[Number(number) % 23] === compact[8];
}

const oddValues = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

function isCodiceFiscale(compact: string): boolean {
  const sum = Array.from(compact.slice(0, 15)).reduce((total, letter, i) => {
    const value = /\d/.test(letter) ? Number(letter) : (letter.codePointAt(0) ?? 0) - 65;
    return total + (i % 2 === 0 ? (oddValues[value] ?? 0) : value);
  }, 0);
  return String.fromCodePoint(65 + (sum % 26)) === compact[15];
}

/** 97 less the number modulo 97; for births from 2000 a 2 stands before it. */
function isRijksregister(digits: string): boolean {
  const key = Number(digits.slice(9));
  const body = Number(digits.slice(0, 9));
  const isDay = isDate(
    Number(digits.slice(0, 2)),
    Number(digits.slice(2, 4)) % 20,
    Number(digits.slice(4, 6)),
  );
  return isDay && (97 - (body % 97) === key || 97 - ((2_000_000_000 + body) % 97) === key);
}

function isAhv(digits: string): boolean {
  const sum = Array.from(digits.slice(0, 12)).reduce(
    (total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 3),
    0,
  );
  return (10 - (sum % 10)) % 10 === Number(digits[12]);
}

export const westEurope: readonly Scheme[] = [
  {
    title: "NHS number",
    entity: "health_id",
    names: "nhs, nhs number, nhs no, nhsnumber",
    pattern: /^\d{10}$/,
    lengths: [10],
    check: isNhs,
    chance: 0.09,
  },
  {
    title: "UK national insurance number",
    entity: "national_id",
    names: "nino, national insurance, national insurance number, ni number, ni no",
    pattern: /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/,
    lengths: [9],
    check: () => true,
    chance: 0.02,
  },
  {
    title: "Irish PPS number",
    entity: "national_id",
    names: "pps, ppsn, pps number, pps no",
    pattern: /^\d{7}[A-W][A-IW]?$/,
    lengths: [8, 9],
    check: isPps,
    chance: 0.045,
  },
  {
    title: "French social security number",
    entity: "national_id",
    names: "nir, numero securite sociale, securite sociale, num secu, numero secu, insee number",
    pattern: /^[1-478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{8}$/,
    lengths: [15],
    check: isNir,
    chance: 0.0103,
  },
  {
    title: "German tax identification number",
    entity: "national_id",
    names:
      "steuer id, steueridentifikationsnummer, steuer idnr, idnr, tax id de, identifikationsnummer",
    pattern: /^[1-9]\d{10}$/,
    lengths: [11],
    check: isSteuerId,
    chance: 0.02,
  },
  {
    title: "German pension insurance number",
    entity: "national_id",
    names: "rvnr, rentenversicherungsnummer, sozialversicherungsnummer, sv nummer, svnr",
    pattern: /^\d{8}[A-Z]\d{3}$/,
    lengths: [12],
    check: isRvnr,
    chance: 0.1,
  },
  {
    title: "German health insurance number",
    entity: "health_id",
    names: "kvnr, krankenversichertennummer, versichertennummer, krankenversicherungsnummer",
    pattern: /^[A-Z]\d{9}$/,
    lengths: [10],
    check: isKvnr,
    chance: 0.1,
  },
  {
    title: "German identity card",
    entity: "national_id",
    names: "ausweisnummer, personalausweis, personalausweisnummer, ausweis nr, perso nr",
    pattern: /^[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ\d]{8}\d$/,
    lengths: [10],
    check: isGermanCard,
    chance: 0.1,
  },
  {
    title: "Spanish DNI or NIE",
    entity: "national_id",
    names: "dni, nie, nif, dni nie, numero dni, documento nacional",
    pattern: /^[\dXYZ]\d{7}[A-Z]$/,
    lengths: [9],
    check: isDni,
    chance: 0.043,
  },
  {
    title: "Portuguese NIF",
    entity: "national_id",
    names: "contribuinte, numero contribuinte, nif pt",
    pattern: /^[1-3]\d{8}$/,
    lengths: [9],
    check: (digits) => {
      const check = 11 - (weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11);
      return (check > 9 ? 0 : check) === Number(digits[8]);
    },
    chance: 0.1,
    isCommon: true,
  },
  {
    title: "Italian codice fiscale",
    entity: "national_id",
    names: "codice fiscale, cod fiscale, codfisc, cod fisc, fiscal code",
    pattern: /^[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]$/,
    lengths: [16],
    check: isCodiceFiscale,
    chance: 0.039,
  },
  {
    title: "Dutch BSN",
    entity: "national_id",
    names: "bsn, burgerservicenummer, sofinummer",
    pattern: /^\d{9}$/,
    lengths: [9],
    check: (digits) => (weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2]) - Number(digits[8])) % 11 === 0,
    chance: 0.09,
    isCommon: true,
  },
  {
    title: "Belgian national number",
    entity: "national_id",
    names: "rijksregisternummer, rijksregister, numero national, niss, insz, registre national",
    pattern: /^\d{11}$/,
    lengths: [11],
    check: isRijksregister,
    chance: 0.005,
  },
  {
    title: "Swiss AHV number",
    entity: "national_id",
    names: "ahv, avs, ahv nummer, ahv nr, ahvn, ahvn 13, numero avs",
    pattern: /^756\d{10}$/,
    lengths: [13],
    check: isAhv,
    chance: 0.1,
  },
  {
    title: "Austrian social insurance number",
    entity: "national_id",
    names: "vnr, sozialversicherungsnummer at, versicherungsnummer",
    pattern: /^[1-9]\d{3}[0-3]\d[01]\d{3}$/,
    lengths: [10],
    check: (digits) => weighted(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === Number(digits[3]),
    chance: 0.09,
  },
  {
    title: "Greek AMKA",
    entity: "national_id",
    names: "amka",
    pattern: /^\d{11}$/,
    lengths: [11],
    check: (digits) =>
      isDate(Number(digits.slice(4, 6)), Number(digits.slice(2, 4)), Number(digits.slice(0, 2))) &&
      luhn(digits),
    chance: 0.004,
  },
];
