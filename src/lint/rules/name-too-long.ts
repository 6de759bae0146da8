import { scanTokens } from "../../db/script.ts";
import { clip } from "../../migrate/online/names.ts";
import type { LintRule } from "../rule.ts";

// NAMEDATALEN is 64, with the zero at the end.
const most = 63;

export const nameTooLong: LintRule = {
  name: "name-too-long",
  severity: "error",
  summary: "a name of more than 63 bytes, which PostgreSQL cuts",
  why: "The rest is cut off with no more than a NOTICE: two names may become one, and whoever asks the catalog for the name as written finds nothing.",
  safe: "CREATE INDEX CONCURRENTLY orders_customer_idx ON orders (customer_id);",
  squawk: ["identifier-too-long"],
  judge: ({ statement }) =>
    !mayHaveLongName(statement.text)
      ? []
      : scanTokens(statement.text).flatMap(({ text }, place, tokens) => {
          const name = nameIn(text, tokens.slice(place + 1, place + 3));
          const bytes = Buffer.byteLength(name);
          if (bytes <= most) return [];
          return [
            {
              object: name,
              message: `\`${name}\` has ${bytes} bytes: PostgreSQL cuts it to \`${clip(name, most)}\``,
              hint: `give it a name of at most ${most} bytes`,
            },
          ];
        }),
};

/** The name that a token is, as PostgreSQL counts its bytes; nothing for another one. `next` stands behind it. */
function nameIn(text: string, next: readonly { readonly text: string }[]): string {
  // Strings begin with a quote of another kind; digits and signs are never that long.
  if (text.startsWith('"')) return text.slice(1, -1).replaceAll('""', '"');
  if (!/^u&"/i.test(text))
    return /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*$/.test(text) ? text : "";
  const [word, quoted] = next;
  const escape = word?.text.toLowerCase() === "uescape" ? quoted?.text.slice(1, -1) : undefined;
  return decoded(text.slice(3, -1).replaceAll('""', '"'), escape ?? "\\");
}

/** str_udeescape() of the parser; two halves of a character become one by themselves. */
function decoded(text: string, escape: string): string {
  const sign = escape.replaceAll(/[\\^$.*?()[\]{}|/-]/g, "\\$&");
  return text.replaceAll(
    new RegExp(`${sign}(?:(${sign})|([0-9a-f]{4})|\\+([0-9a-f]{6}))`, "gi"),
    (_, doubled?: string, four?: string, six?: string) =>
      doubled ?? String.fromCodePoint(Number.parseInt(four ?? six ?? "", 16)),
  );
}

const longWord = /[\w$]{64}/;
/** 22 characters of three bytes; those of four are two units. */
const longForeignWord = /[\w$\u0080-\uffff]{22}/;
/** A doubled quote is one byte. */
const longQuoted = /"(?:[^"]|""){22,}"/g;

/** Cheap, and never wrong about a name that is too long: most statements need no scanner then. */
function mayHaveLongName(text: string): boolean {
  const bytes = Buffer.byteLength(text);
  if (bytes <= most) return false;
  if ((bytes === text.length ? longWord : longForeignWord).test(text)) return true;
  if (!text.includes('"')) return false;
  for (const [word] of text.matchAll(longQuoted)) {
    if (Buffer.byteLength(word) > most) return true;
  }
  return false;
}
