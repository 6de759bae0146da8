/** Identifiers of people in Turkey, the Middle East, Africa, Asia and Oceania. */
import { isDate, luhn, verhoeff, weighted } from "../checksums/digits.ts";
import type { Scheme } from "./scheme.ts";

function isTckn(digits: string): boolean {
  const d = [...digits].map(Number);
  const odd = (d[0] ?? 0) + (d[2] ?? 0) + (d[4] ?? 0) + (d[6] ?? 0) + (d[8] ?? 0);
  const even = (d[1] ?? 0) + (d[3] ?? 0) + (d[5] ?? 0) + (d[7] ?? 0);
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return tenth === d[9] && (odd + even + tenth) % 10 === d[10];
}

/** ISO 7064 mod 11-2 over birth date, region and serial. */
function isChinese(compact: string): boolean {
  const sum = weighted(compact, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
  const isDay = isDate(
    Number(compact.slice(6, 10)),
    Number(compact.slice(10, 12)),
    Number(compact.slice(12, 14)),
  );
  return isDay && "10X98765432"[sum % 11] === compact[17];
}

function isKorean(digits: string): boolean {
  const isDay = isDate(
    Number(digits.slice(0, 2)),
    Number(digits.slice(2, 4)),
    Number(digits.slice(4, 6)),
  );
  const check = (11 - (weighted(digits, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10;
  return isDay && check === Number(digits[12]);
}

function isMyNumber(digits: string): boolean {
  const rest = weighted(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest <= 1 ? 0 : 11 - rest) === Number(digits[11]);
}

const taiwanese = "ABCDEFGHJKLMNPQRSTUVXYWZIO";

function isTaiwanese(compact: string): boolean {
  const letter = taiwanese.indexOf(compact[0] ?? "") + 10;
  const digits = String(letter) + compact.slice(1);
  return weighted(digits, [1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]) % 10 === 0;
}

function isNric(compact: string): boolean {
  const offset = { T: 4, G: 4, M: 3 }[compact[0] ?? ""] ?? 0;
  const rest = (weighted(compact.slice(1), [2, 7, 6, 5, 4, 3, 2]) + offset) % 11;
  const alphabet =
    /[ST]/.test(compact) && /^[ST]/.test(compact)
      ? "JZIHGFEDCBA"
      : compact.startsWith("M")
        ? "XWUTRQPNJLK"
        : "XWUTRQPNMLK";
  return alphabet[rest] === compact[8];
}

export const asiaOceania: readonly Scheme[] = [
  {
    title: "Turkish identity number",
    entity: "national_id",
    names: "tckn, tc kimlik, tc kimlik no, kimlik no, tc no",
    pattern: /^[1-9]\d{10}$/,
    lengths: [11],
    check: isTckn,
    chance: 0.01,
  },
  {
    title: "Israeli identity number",
    entity: "national_id",
    names: "teudat zehut, mispar zehut",
    pattern: /^\d{9}$/,
    lengths: [9],
    check: luhn,
    chance: 0.1,
    isCommon: true,
  },
  {
    title: "South African identity number",
    entity: "national_id",
    names: "sa id, rsa id, za id, south african id",
    pattern: /^\d{10}[01]\d{2}$/,
    lengths: [13],
    check: (digits) =>
      isDate(Number(digits.slice(0, 2)), Number(digits.slice(2, 4)), Number(digits.slice(4, 6))) &&
      luhn(digits),
    chance: 0.004,
  },
  {
    title: "Indian Aadhaar number",
    entity: "national_id",
    names: "aadhaar, aadhar, aadhaar number, aadhaar no, adhaar",
    pattern: /^[2-9]\d{11}$/,
    lengths: [12],
    check: verhoeff,
    chance: 0.1,
  },
  {
    title: "Indian PAN",
    entity: "national_id",
    names: "pan number, pan no, pan card",
    pattern: /^[A-Z]{3}[ABCFGHLJPT][A-Z]\d{4}[A-Z]$/,
    lengths: [10],
    check: (compact) => compact[3] === "P",
    chance: 0.1,
  },
  {
    title: "Chinese resident identity number",
    entity: "national_id",
    names: "sfz, shenfenzheng, id card no, id card number, 身份证, 身份证号",
    pattern: /^[1-9]\d{5}(?:19|20)\d{9}[\dX]$/,
    lengths: [18],
    check: isChinese,
    chance: 0.003,
  },
  {
    title: "Korean resident registration number",
    entity: "national_id",
    names: "rrn, jumin, 주민등록번호",
    pattern: /^\d{6}[1-8]\d{6}$/,
    lengths: [13],
    check: isKorean,
    chance: 0.004,
  },
  {
    title: "Japanese My Number",
    entity: "national_id",
    names: "my number, mynumber, kojin bango, マイナンバー",
    pattern: /^\d{12}$/,
    lengths: [12],
    check: isMyNumber,
    chance: 0.1,
    isCommon: true,
  },
  {
    title: "Taiwanese identity number",
    entity: "national_id",
    names: "twid, taiwan id",
    pattern: /^[A-Z][1289]\d{8}$/,
    lengths: [10],
    check: isTaiwanese,
    chance: 0.1,
  },
  {
    title: "Singaporean NRIC or FIN",
    entity: "national_id",
    names: "nric, fin number, nric fin, nric no",
    pattern: /^[STFGM]\d{7}[A-Z]$/,
    lengths: [9],
    check: isNric,
    chance: 0.04,
  },
  {
    title: "Thai identity number",
    entity: "national_id",
    names: "thai id, citizen id, เลขประจำตัวประชาชน",
    pattern: /^[1-8]\d{12}$/,
    lengths: [13],
    check: (digits) =>
      (11 - (weighted(digits, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 ===
      Number(digits[12]),
    chance: 0.1,
  },
  {
    title: "Malaysian, Indonesian or Pakistani identity number",
    entity: "national_id",
    names: "mykad, nik, ktp, no ktp, cnic, nadra",
    pattern: /^\d{12,16}$/,
    lengths: [12, 13, 16],
    check: () => true,
    chance: 1,
    isCommon: true,
  },
  {
    title: "Australian tax file number",
    entity: "national_id",
    names: "tfn, tax file number",
    pattern: /^\d{9}$/,
    lengths: [9],
    check: (digits) => weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0,
    chance: 0.09,
    isCommon: true,
  },
  {
    title: "Australian Medicare number",
    entity: "health_id",
    names: "medicare card, medicare card number, medicare au, ihi number",
    pattern: /^[2-6]\d{9,10}$/,
    lengths: [10, 11],
    check: (digits) => weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === Number(digits[8]),
    chance: 0.1,
  },
  {
    title: "New Zealand IRD number",
    entity: "national_id",
    names: "ird, ird number, ird no",
    pattern: /^\d{8,9}$/,
    lengths: [8, 9],
    check: (digits) => {
      const nine = digits.padStart(9, "0");
      const first = (11 - (weighted(nine, [3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
      const second = (11 - (weighted(nine, [7, 4, 3, 2, 5, 2, 7, 6]) % 11)) % 11;
      return (first === 10 ? second : first) === Number(nine[8]);
    },
    chance: 0.1,
    isCommon: true,
  },
];
