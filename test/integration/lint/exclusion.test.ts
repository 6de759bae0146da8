/** The index of an EXCLUDE is one that the check of a foreign key uses. */
import { expect, test } from "vitest";
import { withDatabase } from "../../support/database.ts";

test.each([
  ["btree", "EXCLUDE USING btree (o WITH =)"],
  ["btree, partial", "EXCLUDE (o WITH =, note WITH =) WHERE (o IS NOT NULL)"],
  ["gist", "EXCLUDE USING gist (o WITH =, during WITH &&)"],
])("%s", async (_, exclude) => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`CREATE EXTENSION btree_gist;
    CREATE TABLE t (o bigint, note text, during tstzrange, CONSTRAINT only_one ${exclude});
    SET enable_seqscan = off;`);
  // As RI_FKey_noaction_del() asks.
  const plan = await sql.unsafe("EXPLAIN SELECT 1 FROM ONLY t x WHERE 1::bigint = o FOR KEY SHARE");
  expect(JSON.stringify(plan)).toMatch(/Index[^"]*only_one/);
});
