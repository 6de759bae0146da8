/** The output of xml leaves out what its values begin with. */
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

const declared = '<?xml version="1.0"?><a/>';

test("XML declarations come back, in domains and arrays too", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create domain page as xml; create table t (id int primary key);\ncreate table u (n int, doc xml);",
      "drop table t, u; drop domain page;",
    ),
    "002_x.sql": migration(
      "alter table t add doc xml, add page page, add list xml[], add pages page[];\ncreate table d (doc xml, list xml[]);",
      "drop table d; alter table t drop doc, drop page, drop list, drop pages;\ndelete from u where n = 1;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  const list = `array[null, '${declared}', '<b/>', 'NULL', '']`;
  await sql.unsafe(`
    insert into t values (1, '${declared}', '${declared}', ${list}::xml[], ${list}::page[]), (2, '<a/>', 'text', '{}', null), (3, null, null, null, null);
    insert into u values (1, '${declared}'), (1, '<a/>'), (2, '${declared}');
    insert into d values ('${declared}', ${list}::xml[]), ('<a/>', '{}');`);
  const look = async () => ({
    t: await sql`select id, doc::text, page::text, list::text[]::text, pages::text[]::text from t order by id`,
    u: await sql`select n, doc::text from u order by 1, 2`,
    d: await sql`select doc::text, list::text[]::text from d order by 1`,
  });
  const before = await look();
  expect(before.t[0]).toMatchObject({
    doc: declared,
    list: expect.stringContaining('NULL,"<?xml version'),
  });
  await project.mustRun(["rollback", "--keep-data"]);
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(again.stdout).not.toContain("left in");
  expect(await look()).toEqual(before);
});

test("a composite value with such a declaration in it cannot be kept, one without can", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create type part as (n int, doc xml); create domain parts as part[]; create type entry as (label text, parts parts);\ncreate table t (id int primary key);",
      "drop table t; drop type entry; drop domain parts; drop type part;",
    ),
    "002_x.sql": migration("alter table t add x entry;", "alter table t drop x;"),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql.unsafe(
    `insert into t values (1, row('l', array[row(1, '${declared}')::part])), (2, row('l', array[row(1, '<a/>')::part])), (3, row(null, null)), (4, null)`,
  );
  const refused = await project.json(["rollback", "--keep-data"]);
  expect(refused.body.error).toMatchObject({
    code: "keep-failed",
    message: expect.stringContaining(
      "values of x cannot be kept: the text of type public.entry does not give the value back",
    ),
  });
  await sql`delete from t where id = 1`;
  const before = await sql`select id, x::text from t order by id`;
  await project.mustRun(["rollback", "--keep-data"]);
  await project.mustRun(["migrate"]);
  expect(await sql`select id, x::text from t order by id`).toEqual(before);
});
