/** SASLprep (RFC 4013), the normal form in which SCRAM hashes a password. */

// RFC 3454 C.1.2: blanks beyond ASCII, each becomes a plain one.
const blanks = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;
// B.1: characters that are mapped to nothing.
const nothings =
  /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;
// C.2 to C.9: control, private, surrogate, non-character, annotation and direction characters.
const forbidden =
  /[\p{Cc}\p{Co}\p{Cs}\p{Cn}]|\u0340|\u0341|\u06dd|\u070f|\u180e|[\u200e\u200f\u2028-\u202e\u2061-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\ufffd]|[\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u;
// A.1 forbids what Unicode 3.2 had not assigned. Beyond the first plane it had nothing but these;
// what the first plane gained since is not told apart, and matters only where NFKC changes it.
const unassigned =
  /(?![\u{10300}-\u{10323}\u{10330}-\u{1034a}\u{10400}-\u{1044d}\u{1d000}-\u{1d7ff}\u{20000}-\u{2a6d6}\u{2f800}-\u{2fa1d}])[\u{10000}-\u{10ffff}]/u;

/**
 * The password to hash. Like server and libpq, a password that SASLprep forbids is taken as it is.
 * Most passwords are ASCII and come back unchanged.
 */
export function preparePassword(password: string): string {
  if (!/[^\p{ASCII}]/u.test(password)) return password;
  const mapped = password.replace(blanks, " ").replace(nothings, "");
  const prepared = mapped.normalize("NFKC");
  const isAllowed =
    prepared !== "" &&
    !unassigned.test(prepared) &&
    !forbidden.test(prepared) &&
    isOneDirection(prepared);
  return isAllowed ? prepared : password;
}

const rightToLeft = /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}/u;

// RFC 3454 section 6: right-to-left text must begin and end so, without Latin letters between.
function isOneDirection(text: string): boolean {
  if (!rightToLeft.test(text)) return true;
  const characters = [...text];
  const ends = [characters[0] ?? "", characters.at(-1) ?? ""];
  return (
    ends.every((character) => rightToLeft.test(character)) &&
    characters.every((character) => rightToLeft.test(character) || !/\p{L}/u.test(character))
  );
}
