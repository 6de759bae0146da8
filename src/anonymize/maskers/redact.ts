import { fit } from "./masker.ts";
import type { Masker } from "./masker.ts";

/** What is taken out of free text, in this order. */
const patterns: readonly (readonly [expression: string, word: string])[] = [
  ["(?:https?|ftp)://[^[:space:]]+", "[link]"],
  ["[[:alnum:]._%+-]+@[[:alnum:]-]+(?:[.][[:alnum:]-]+)+", "[e-mail]"],
  ["\\m[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\\M", "[iban]"],
  ["[+(]?[0-9][0-9 ()./-]{5,}[0-9]", "[number]"],
  ["(?:^|(?<=[[:space:](]))@[[:alnum:]_.-]{2,}", "[name]"],
];

export const redact: Masker = {
  name: "redact",
  gives:
    "the text without links, e-mail addresses, IBANs, long numbers, @names, and the values of `names`",
  accepts: ["text"],
  options: ["names"],
  from: "value",
  uniqueness: "lossy",
  strength: "weak",
  isShapedByOriginal: true,
  compile({ text, type, column, options: { names = [] } }) {
    let sql = text;
    for (const [expression, word] of patterns) {
      sql = `regexp_replace(${sql}, '${expression}', '${word}', 'g')`;
    }
    for (const name of names) {
      // Signs that mean something in an expression are escaped; a name of one letter is no name.
      const value = `${column(name)}::text`;
      const escaped = `regexp_replace(${value}, '([^[:alnum:][:space:]])', '\\\\\\1', 'g')`;
      sql = `case when length(${value}) > 1 then regexp_replace(${sql}, '\\m' || ${escaped} || '\\M', '[name]', 'gi') else ${sql} end`;
    }
    return fit(sql, type.maxLength);
  },
};
