/** Check digits that several identifiers share. All take strings of ASCII digits. */

/** ISO/IEC 7812-1 annex B, called Luhn's. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Sum of digits times weights; digits beyond the weights are left out. */
export function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0);
}

/** ISO 7064 mod 11,10: the German tax number and the Croatian OIB. */
export function mod11Of10(digits: string): boolean {
  let product = 10;
  for (const digit of digits.slice(0, -1)) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10 === Number(digits.at(-1));
}

const d5 = (row: number, column: number): number => {
  // The dihedral group of the pentagon: 0–4 turn, 5–9 mirror.
  if (row < 5) return column < 5 ? (row + column) % 5 : 5 + ((row + column) % 5);
  return column < 5 ? 5 + ((row - column) % 5) : (row - column + 5) % 5;
};
const permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/** Verhoeff's check digit, in the dihedral group D5: Aadhaar. */
export function verhoeff(digits: string): boolean {
  let check = 0;
  for (let i = 0; i < digits.length; i += 1) {
    let digit = Number(digits[digits.length - 1 - i]);
    for (let turn = 0; turn < i % 8; turn += 1) digit = permutation[digit] ?? 0;
    check = d5(check, digit);
  }
  return check === 0;
}

/** The number modulo 97 of letters and digits, A = 10 … Z = 35 (ISO 7064 mod 97-10). */
export function mod97(text: string): number {
  let rest = 0;
  for (const character of text) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

/** A day of the calendar, 1 to 12 and 1 to 31; a two-digit year may be any. */
export function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const last = new Date(Date.UTC(year < 100 ? 2000 + year : year, month, 0)).getUTCDate();
  return day <= last;
}
