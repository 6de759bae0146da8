/** The hash that is computed here is the server's, on every version. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { KeyedHash } from "../../../src/anonymize/verify/keyed-hash.ts";
import { withDatabase } from "../../support/database.ts";

it("hashes texts as hashtextextended does", async () => {
  await using database = await withDatabase();
  const text = fc.string({ unit: "grapheme", maxLength: 80 }).filter((one) => !one.includes("\0"));
  const texts = fc.sample(text, 2000);
  const seeds = [
    "0",
    "1",
    "-1",
    ...fc.sample(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), 5).map(String),
  ];
  for (const seed of seeds) {
    const rows = await database.sql<{ hash: string }[]>`
      select hashtextextended(lower(v collate "C"), ${seed}::int8)::text as hash
      from jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb) with ordinality e(v, n) order by n`;
    const hash = new KeyedHash(seed);
    expect(rows.map((row) => row.hash)).toEqual(texts.map((one) => String(hash.ofText(one))));
  }
});
