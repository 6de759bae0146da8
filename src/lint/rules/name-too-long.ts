import { scanTokens } from "../../db/script.ts";
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
      : scanTokens(statement.text).flatMap(({ text }) => {
          // Strings begin with a quote of another kind; digits and signs are never that long.
          if (!/^(?:[A-Za-z_\u0080-\uffff]|")/.test(text)) return [];
          const name = text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
          const bytes = Buffer.byteLength(name);
          if (bytes <= most) return [];
          return [
            {
              object: name,
              message: `\`${name}\` has ${bytes} bytes: PostgreSQL cuts it to \`${Buffer.from(name).subarray(0, most).toString()}\``,
              hint: `give it a name of at most ${most} bytes`,
            },
          ];
        }),
};

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
