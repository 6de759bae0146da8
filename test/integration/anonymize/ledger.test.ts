/** Tables that bear the ledger's name and are another tool's. */
import { expect, test } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { copyMasked, verifyWith } from "../../support/verify.ts";

test("another tool's ledger is a table like any other: it needs a rule, and is copied by it", async () => {
  await using source = await withDatabase();
  await using target = await withDatabase();
  await source.sql.unsafe(`create table schema_migrations (version text primary key);
    insert into schema_migrations values ('20240101'), ('20240202');
    create table schema_migrations_log (id int primary key, who text);
    insert into schema_migrations_log values (1, 'Adamark')`);
  await expect(copyMasked(source, target, "tables: {}")).rejects.toMatchObject({
    code: "masking-refused",
    details: {
      notes: [
        expect.stringContaining("public.schema_migrations.version is text, can hold anything"),
        expect.stringContaining("public.schema_migrations_log.who is text, can hold anything"),
      ],
    },
  });
  const rules = `tables:
  public.schema_migrations:
    columns:
      version: {keep: true, reason: names of files}
  public.schema_migrations_log:
    columns:
      who: full_name
`;
  expect(await copyMasked(source, target, rules)).toMatchObject({ rows: 3 });
  expect(await target.sql`select version from schema_migrations order by 1`).toEqual([
    { version: "20240101" },
    { version: "20240202" },
  ]);
  const [entry] = await target.sql`select who from schema_migrations_log`;
  expect(entry?.["who"]).toMatch(/^\p{Lu}/u);
  expect(entry?.["who"]).not.toContain("mark");
  expect(await verifyWith(source, target, rules)).toMatchObject({ isClean: true });
});
