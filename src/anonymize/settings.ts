/** What each reading session sets first: how values are printed, and the keys of the masks. */
import { literal } from "../db/identifier.ts";
import { padsOf } from "./key.ts";
import { drawLetters } from "./letters.ts";
import type { MaskingKey } from "./key.ts";

export interface Setting {
  readonly name: string;
  readonly value: string;
}

/**
 * Digests are taken over the text of a value, and that depends on these; a session with others would
 * mask the same value differently. Names resolve to PostgreSQL's own: the source may have functions
 * called like them. Compiling the long expressions cost more than it saved, and so did remembering the
 * digests of rows, none of which comes twice.
 */
export const sessionSettings: readonly Setting[] = [
  { name: "search_path", value: "pg_catalog" },
  { name: "client_encoding", value: "UTF8" },
  { name: "TimeZone", value: "UTC" },
  { name: "DateStyle", value: "ISO, MDY" },
  { name: "IntervalStyle", value: "postgres" },
  { name: "extra_float_digits", value: "1" },
  { name: "bytea_output", value: "hex" },
  { name: "standard_conforming_strings", value: "on" },
  { name: "row_security", value: "off" },
  { name: "jit", value: "off" },
  { name: "enable_memoize", value: "off" },
];

/** SQL of the bytes of a text in UTF-8, whatever the database's encoding. */
export function utf8(text: string, isUnicode: boolean): string {
  // `textsend` takes half the time, and encodes for the client: UTF-8, but in a parallel worker the
  // database's own encoding.
  return isUnicode ? `textsend(${text})` : `convert_to(${text}, 'UTF8')`;
}

/**
 * Names the settings that hold derived keys, one pair for each label.
 *
 * COPY takes no parameters, so a key reaches it as a setting, which is read in a subquery without
 * references: an InitPlan, evaluated once.
 */
export class KeySettings {
  readonly #labels: string[] = [];
  readonly #lists: string[] = [];
  readonly #key: MaskingKey;
  readonly #isUnicode: boolean;
  #hasLetters = false;

  constructor(key: MaskingKey, isUnicode: boolean) {
    this.#key = key;
    this.#isUnicode = isUnicode;
  }

  /** SQL of the HMAC-SHA-256, with the key of the label, over a text. */
  hmac(label: string, text: string): string {
    const n = this.#numberOf(label);
    return `sha256(${read(n, "o")} || sha256(${read(n, "i")} || ${utf8(text, this.#isUnicode)}))`;
  }

  /**
   * SQL of another 32 bytes from a digest of 32, under the key of the label, for a third of an HMAC's
   * price. Messages of one length need no more than a key before them.
   */
  expanded(label: string, digest: string): string {
    return `sha256(${this.roundKey(label)} || ${digest})`;
  }

  /** SQL of a varbit of drawn letters, see letters.ts. */
  letters(): string {
    this.#hasLetters = true;
    return "(select ('x' || current_setting('pgwright.letters'))::varbit)";
  }

  /** SQL of the 32 bytes that key a round of a permutation. */
  roundKey(label: string): string {
    return `(select substr(current_setting('pgwright.k${this.#numberOf(label)}i')::bytea, 1, 32))`;
  }

  /**
   * SQL of a JSONB array of words. A long list is a setting too, read once: the SQL of a history has
   * the masks of every table in it, and was megabytes with the lists inside.
   */
  words(words: readonly string[]): string {
    const text = JSON.stringify(words);
    if (text.length < 500) return `${literal(text)}::jsonb`;
    const known = this.#lists.indexOf(text);
    const n = known >= 0 ? known : this.#lists.push(text) - 1;
    return `(select current_setting('pgwright.w${n}')::jsonb)`;
  }

  get list(): Setting[] {
    const words = this.#lists.map((value, n) => ({ name: `pgwright.w${n}`, value }));
    const keys = this.#labels.flatMap((label, n) => {
      const { inner, outer } = padsOf(this.#key, label);
      return [
        { name: `pgwright.k${n}i`, value: inner },
        { name: `pgwright.k${n}o`, value: outer },
      ];
    });
    const letters = this.#hasLetters
      ? [{ name: "pgwright.letters", value: drawLetters(this.#key) }]
      : [];
    return [...words, ...letters, ...keys];
  }

  #numberOf(label: string): number {
    const known = this.#labels.indexOf(label);
    return known >= 0 ? known : this.#labels.push(label) - 1;
  }
}

function read(n: number, half: "i" | "o"): string {
  return `(select current_setting('pgwright.k${n}${half}')::bytea)`;
}
