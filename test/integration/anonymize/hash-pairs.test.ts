/** Hashes of a row beside each other arrive as they are in the table, wherever a chunk of the stream ends. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { hashSql, setSeed, tellsSql } from "../../../src/anonymize/verify/hash-sql.ts";
import { joinHash } from "../../../src/anonymize/verify/keyed-hash.ts";
import { readHashPairs } from "../../../src/anonymize/verify/stream.ts";
import { connectTo } from "../../support/connection.ts";
import { withDatabase } from "../../support/database.ts";

it("hands on each hash, what tells nothing, and nothing of NULLs", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`
    create table t as
    select i, case when i % 3 > 0 then 'name of ' || i end as a, case when i % 5 > 0 then i::text end as b,
      null::text as c
    from generate_series(1, 20000) i`);
  await using session = await connectTo(database.url);
  await setSeed(session, "4711");
  const pair = (name: string) =>
    `case when ${tellsSql(`t.${name}`)} then ${hashSql(`t.${name}`)} end, t.${name} is not null`;
  const sums = new Map<number, { times: number; sum: bigint }>();
  await readHashPairs(
    session,
    `select ${["a", "b", "c"].map(pair).join(", ")} from t`,
    [4, 0, 7],
    (high, low, place) => {
      const { times, sum } = sums.get(place) ?? { times: 0, sum: 0n };
      sums.set(place, { times: times + 1, sum: sum + joinHash(high, low) });
    },
  );
  const expected = await session.one<{ times: number; sum: string; numbers: number }>(
    `select count(a)::float8 as times, sum(${hashSql("a")})::text as sum, count(b)::float8 as numbers from t`,
  );
  expect(sums).toEqual(
    new Map([
      [4, { times: expected.times, sum: BigInt(expected.sum) }],
      // Numbers of five digits tell nothing.
      [-1, { times: expected.numbers, sum: 0n }],
    ]),
  );
});

it("takes for telling what is no short number, no date and no whole second", async () => {
  await using database = await withDatabase();
  const signs = "0123456789 .,:/+()TZ-";
  const likely = fc.string({ unit: fc.constantFrom(...signs, "a", "é", "\n"), maxLength: 14 });
  const dates = ["2024-02-29", "2024-02-29T10:11:12Z", "2024-02-29 10:11:12.25", "2024-02-29\n"];
  const texts = [...fc.sample(likely, 3000), ...dates];
  const rows = await database.sql<{ tells: boolean }[]>`
    select ${database.sql.unsafe(tellsSql("e.v"))} as tells
    from jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb) with ordinality e(v, n) order by n`;
  const tells = (text: string): boolean => {
    const length = [...text].length;
    if (length < 5) return false;
    if ([...text].some((sign) => !signs.includes(sign))) return true;
    return (
      length >= 9 && !/^\d{4}-\d{2}-\d{2}([T ][\d:]{4,8}([.]0+)?(Z|[+-][\d:]{2,6})?)?$/.test(text)
    );
  };
  expect(rows.map((row) => row.tells)).toEqual(texts.map(tells));
});
