import { mod97, weighted } from "../checksums/digits.ts";
import { Look, type Detector } from "../detector.ts";

/** Lengths by country, from the registry of ISO 13616. */
const lengths: Readonly<Record<string, number>> = {
  AD: 24,
  AE: 23,
  AL: 28,
  AT: 20,
  AZ: 28,
  BA: 20,
  BE: 16,
  BG: 22,
  BH: 22,
  BR: 29,
  BY: 28,
  CH: 21,
  CR: 22,
  CY: 28,
  CZ: 24,
  DE: 22,
  DK: 18,
  DO: 28,
  EE: 20,
  EG: 29,
  ES: 24,
  FI: 18,
  FO: 18,
  FR: 27,
  GB: 22,
  GE: 22,
  GI: 23,
  GL: 18,
  GR: 27,
  GT: 28,
  HR: 21,
  HU: 28,
  IE: 22,
  IL: 23,
  IQ: 23,
  IS: 26,
  IT: 27,
  JO: 30,
  KW: 30,
  KZ: 20,
  LB: 28,
  LC: 32,
  LI: 21,
  LT: 20,
  LU: 20,
  LV: 21,
  LY: 25,
  MC: 27,
  MD: 24,
  ME: 22,
  MK: 19,
  MR: 27,
  MT: 31,
  MU: 30,
  NL: 18,
  NO: 15,
  PK: 24,
  PL: 28,
  PS: 29,
  PT: 25,
  QA: 29,
  RO: 24,
  RS: 22,
  SA: 24,
  SC: 31,
  SE: 24,
  SI: 19,
  SK: 24,
  SM: 27,
  ST: 25,
  SV: 28,
  TL: 23,
  TN: 24,
  TR: 26,
  UA: 29,
  VA: 22,
  VG: 24,
  XK: 20,
};

export function isIban(compact: string): boolean {
  return (
    lengths[compact.slice(0, 2)] === compact.length &&
    /^[A-Z]{2}\d{2}[A-Z\d]+$/.test(compact) &&
    mod97(compact.slice(4) + compact.slice(0, 4)) === 1
  );
}

/** Mexican CLABE: weights 3, 7, 1 over 17 digits, each product modulo 10. */
function isClabe(digits: string): boolean {
  const sum = Array.from(digits.slice(0, 17)).reduce(
    (total, digit, i) => total + ((Number(digit) * ([3, 7, 1][i % 3] ?? 0)) % 10),
    0,
  );
  return (10 - (sum % 10)) % 10 === Number(digits[17]);
}

/** Argentinian CBU: two blocks, weights 7, 1, 3, 9 and 3, 9, 7, 1. */
function isCbu(digits: string): boolean {
  const bank = weighted(digits, [7, 1, 3, 9, 7, 1, 3]);
  const account = weighted(digits.slice(8), [3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3]);
  return (
    (10 - (bank % 10)) % 10 === Number(digits[7]) &&
    (10 - (account % 10)) % 10 === Number(digits[21])
  );
}

export const bankAccount: Detector = {
  entity: "bank_account",
  says: "a bank account's number",
  isDirect: true,
  kinds: ["text", "number", "bytes"],
  isVaried: true,
  names: `iban, iban number, iban no, bank account, bankaccount, bank account number, bank account no, bank acct, bank acct no, account iban, bank iban, sort code account, clabe, cbu, rib, ccc bancaria, cuenta bancaria, numero cuenta, cuenta clabe, compte bancaire, numero compte, coordonnees bancaires, kontonummer, kontonr, bankverbindung, bankkonto, conto corrente, conto bancario, numero conto, conta bancaria, numero conta, bankrekening, rekeningnummer, numer konta, nr konta, rachunek bankowy, nr rachunku, numer rachunku, bankkontonummer, aba routing number, routing number, номер счета, расчетный счет, 口座番号, 银行账号`,
  weakNames:
    "account number, account no, acct no, acct number, acct, konto, conto, beneficiary account, payout account, account nr",
  value: {
    look({ compact, digits }) {
      if (digits < 6 || compact.length < 8 || compact.length > 34)
        return digits >= 5 && compact.length >= 5 ? Look.Shape : Look.No;
      if (compact.length >= 15 && /^[A-Z]{2}\d/.test(compact))
        return isIban(compact) ? Look.Yes : Look.Shape;
      if (compact.length === 18 && digits === 18 && isClabe(compact)) return Look.Yes;
      if (compact.length === 22 && digits === 22 && isCbu(compact)) return Look.Yes;
      return Look.Shape;
    },
    chance: 0.05,
    weight: 6.5,
    against: 3,
    within({ text, digits }) {
      if (digits < 10) return undefined;
      const found = /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,4})?\b/.exec(text);
      return found && isIban(found[0].replaceAll(" ", "")) ? found[0] : undefined;
    },
  },
};
