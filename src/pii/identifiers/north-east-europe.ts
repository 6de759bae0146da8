/** Identifiers of people in northern, central and eastern Europe. */
import { isDate, luhn, mod11Of10, weighted } from "../checksums/digits.ts";
import type { Scheme } from "./scheme.ts";

const day = (digits: string, year: number, month: number, date: number) =>
  isDate(
    Number(digits.slice(year, year + 2)),
    Number(digits.slice(month, month + 2)),
    Number(digits.slice(date, date + 2)),
  );

function isPersonnummer(digits: string): boolean {
  const ten = digits.slice(-10);
  const month = Number(ten.slice(2, 4));
  // Coordination numbers have 60 added to the day.
  return isDate(Number(ten.slice(0, 2)), month, Number(ten.slice(4, 6)) % 60) && luhn(ten);
}

function isFodselsnummer(digits: string): boolean {
  const first = (11 - (weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11;
  const second = (11 - (weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  const isDay = isDate(
    Number(digits.slice(4, 6)),
    Number(digits.slice(2, 4)) % 40,
    Number(digits.slice(0, 2)) % 40,
  );
  return isDay && first === Number(digits[9]) && second === Number(digits[10]);
}

/** After the century's sign, which compacting may have taken away. */
function isHetu(compact: string): boolean {
  const match = /^(\d{6})[A-FU-Y+]?(\d{3})([0-9A-Y])$/.exec(compact);
  if (!match) return false;
  const [, date = "", serial = "", check = ""] = match;
  return (
    day(date, 4, 2, 0) && "0123456789ABCDEFHJKLMNPRSTUVWXY"[Number(date + serial) % 31] === check
  );
}

function isPesel(digits: string): boolean {
  const month = Number(digits.slice(2, 4)) % 20;
  const isDay = isDate(Number(digits.slice(0, 2)), month, Number(digits.slice(4, 6)));
  return (
    isDay &&
    (10 - (weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(digits[10])
  );
}

/** Estonian, Lithuanian: two rounds of weights modulo 11. */
function isBaltic(digits: string): boolean {
  let check = weighted(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  if (check === 10) check = weighted(digits, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
  return day(digits, 1, 3, 5) && check % 10 === Number(digits[10]);
}

function isCnp(digits: string): boolean {
  const check = weighted(digits, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return day(digits, 1, 3, 5) && (check === 10 ? 1 : check) === Number(digits[12]);
}

function isInn12(digits: string): boolean {
  const first = (weighted(digits, [7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11) % 10;
  const second = (weighted(digits, [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11) % 10;
  return first === Number(digits[10]) && second === Number(digits[11]);
}

function isSnils(digits: string): boolean {
  const sum = weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101;
  return (sum === 100 ? 0 : sum) === Number(digits.slice(9));
}

export const northEastEurope: readonly Scheme[] = [
  {
    title: "Swedish personal number",
    entity: "national_id",
    names: "personnummer, personnr, person nummer, svenskt personnummer",
    pattern: /^(?:19|20)?\d{10}$/,
    lengths: [10, 12],
    check: isPersonnummer,
    chance: 0.004,
  },
  {
    title: "Norwegian birth number",
    entity: "national_id",
    names: "fodselsnummer, fodselsnr, fnr",
    pattern: /^\d{11}$/,
    lengths: [11],
    check: isFodselsnummer,
    chance: 0.001,
  },
  {
    title: "Danish CPR number",
    entity: "national_id",
    names: "cpr, cpr nummer, cpr nr, cprnr",
    pattern: /^\d{10}$/,
    lengths: [10],
    // The check digit is not guaranteed since 2007.
    check: (digits) =>
      day(digits, 4, 2, 0) && weighted(digits, [4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0,
    chance: 0.004,
  },
  {
    title: "Finnish personal identity code",
    entity: "national_id",
    names: "hetu, henkilotunnus",
    pattern: /^\d{6}[A-FU-Y+]?\d{3}[0-9A-Y]$/,
    lengths: [10, 11],
    check: isHetu,
    chance: 0.002,
  },
  {
    title: "Icelandic kennitala",
    entity: "national_id",
    names: "kennitala",
    pattern: /^\d{9}[089]$/,
    lengths: [10],
    check: (digits) =>
      day(digits, 4, 2, 0) && weighted(digits, [3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0,
    chance: 0.004,
  },
  {
    title: "Polish PESEL",
    entity: "national_id",
    names: "pesel, nr pesel",
    pattern: /^\d{11}$/,
    lengths: [11],
    check: isPesel,
    chance: 0.02,
  },
  {
    title: "Czech or Slovak birth number",
    entity: "national_id",
    names: "rodne cislo, rodnecislo, rc cislo",
    pattern: /^\d{10}$/,
    lengths: [10],
    check: (digits) =>
      isDate(
        Number(digits.slice(0, 2)),
        (Number(digits.slice(2, 4)) % 50) % 20,
        Number(digits.slice(4, 6)),
      ) && Number(digits) % 11 === 0,
    chance: 0.02,
  },
  {
    title: "Romanian CNP",
    entity: "national_id",
    names: "cnp, cod numeric personal",
    pattern: /^[1-9]\d{12}$/,
    lengths: [13],
    check: isCnp,
    chance: 0.004,
  },
  {
    title: "Bulgarian EGN",
    entity: "national_id",
    names: "egn",
    pattern: /^\d{10}$/,
    lengths: [10],
    check: (digits) =>
      isDate(
        Number(digits.slice(0, 2)),
        Number(digits.slice(2, 4)) % 20,
        Number(digits.slice(4, 6)),
      ) && (weighted(digits, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === Number(digits[9]),
    chance: 0.02,
  },
  {
    title: "Croatian OIB",
    entity: "national_id",
    names: "oib",
    pattern: /^\d{11}$/,
    lengths: [11],
    check: mod11Of10,
    chance: 0.1,
  },
  {
    title: "Slovene EMSO",
    entity: "national_id",
    names: "emso, jmbg",
    pattern: /^\d{13}$/,
    lengths: [13],
    check: (digits) => {
      const check = 11 - (weighted(digits, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11);
      const isDay = isDate(2000, Number(digits.slice(2, 4)), Number(digits.slice(0, 2)));
      return isDay && (check > 9 ? 0 : check) === Number(digits[12]);
    },
    chance: 0.005,
  },
  {
    title: "Estonian or Lithuanian personal code",
    entity: "national_id",
    names: "isikukood, asmens kodas",
    pattern: /^[1-8]\d{10}$/,
    lengths: [11],
    check: isBaltic,
    chance: 0.005,
  },
  {
    title: "Russian INN of a person",
    entity: "national_id",
    names: "inn, инн",
    pattern: /^\d{12}$/,
    lengths: [12],
    check: isInn12,
    chance: 0.01,
  },
  {
    title: "Russian SNILS",
    entity: "national_id",
    names: "snils, снилс",
    pattern: /^\d{11}$/,
    lengths: [11],
    check: isSnils,
    chance: 0.01,
  },
  {
    title: "Ukrainian taxpayer number",
    entity: "national_id",
    names: "rnokpp, ipn, рнокпп",
    pattern: /^\d{10}$/,
    lengths: [10],
    check: (digits) => {
      const sum = weighted(digits, [-1, 5, 7, 9, 4, 6, 10, 5, 7]);
      return (((sum % 11) + 11) % 11) % 10 === Number(digits[9]);
    },
    chance: 0.1,
    isCommon: true,
  },
];
