/** Kept data in databases that publish their tables. */
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

const files = {
  "001_t.sql": migration(
    "create table t (id int primary key, z text); create table gone (id int primary key, secret text);",
    "drop table t, gone;",
  ),
  "002_back.sql": migration("select 1;", "alter table t drop column z; drop table gone;"),
};

test("who subscribes to all tables is not sent what is kept: nothing is done, and the publication is named", async () => {
  await using project = await withMigrations(files);
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into t values (1, 'a')`;
  await sql`insert into gone values (1, 'secret')`;
  await sql`create publication "All of it" for all tables`;
  const slot = `kept_${randomBytes(4).toString("hex")}`;
  await sql`select pg_create_logical_replication_slot(${slot}, 'pgoutput')`;
  try {
    for (const args of [
      ["rollback", "--keep-data"],
      ["rollback", "--keep-data", "--dry-run"],
      ["redo", "--keep-data"],
    ]) {
      const { body, code } = await project.json(args);
      expect(code).toBe(4);
      expect(body.error).toMatchObject({
        code: "keep-failed",
        message: expect.stringContaining(
          'publication "All of it" has every table that is made here',
        ),
        notes: expect.arrayContaining(["nothing was rolled back"]),
        hint: expect.stringContaining("for tables in schema"),
      });
    }
    expect(await sql`select to_regnamespace('pgwright') is null as none`).toEqual([{ none: true }]);

    // As the hint says.
    await sql`drop publication "All of it"`;
    await sql`create publication "Some of it" for tables in schema public`;
    expect((await project.run(["rollback", "--keep-data"])).code).toBe(0);
    const sent = await sql`
      select 1 from pg_logical_slot_peek_binary_changes(${slot}, null, null, 'proto_version', '1', 'publication_names', '"Some of it"')
      where position('kept_' in encode(data, 'escape')) > 0`;
    expect(sent).toEqual([]);
  } finally {
    await sql`select pg_drop_replication_slot(${slot})`;
  }
});

test("where nobody subscribes, values and rows are kept in a database that publishes all tables", async () => {
  await using project = await withMigrations({
    "001_t.sql": files["001_t.sql"],
    "002_back.sql": migration(
      "alter table t add column more text; create table made (id int primary key, v text);",
      "alter table t drop column more; drop table made; delete from gone;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into t values (1, 'a', 'b')`;
  await sql`insert into gone values (1, 'x')`;
  await sql`insert into made values (1, 'y')`;
  await sql`create publication everything for all tables`;
  const back = await project.run(["rollback", "--keep-data"]);
  expect(back.stderr).toContain(
    "warning: publication everything has every table that is made here",
  );
  expect(back.code).toBe(0);
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(await sql`select more from t`).toEqual([{ more: "b" }]);
  expect(await sql`select secret from gone`).toEqual([{ secret: "x" }]);
  expect(await sql`select v from made`).toEqual([{ v: "y" }]);
});

test.each([
  ["a table by name", "for table u"],
  ["a schema", "for tables in schema public"],
  ["the root of a partition", "for table p"],
])(
  "values that could not be put back for want of a replica identity are not kept: %s",
  async (_, what) => {
    await using project = await withMigrations({
      "001_u.sql": migration(
        `create table u (a int, z text);
       create table p (a int, z text) partition by list (a);
       create table p_1 partition of p for values in (1);`,
        "drop table u, p;",
      ),
      "002_back.sql": migration(
        "alter table u add y text; alter table p add y text;",
        "alter table u drop column y; alter table p drop column y;",
      ),
    });
    const { sql } = project;
    await project.mustRun(["migrate"]);
    await sql`insert into u values (1, 'a', 'b')`;
    await sql`insert into p values (1, 'a', 'c')`;
    await sql.unsafe(`create publication pub ${what}`);
    const tables = what.includes("schema") ? ["u", "p"] : [what.endsWith("u") ? "u" : "p"];
    const refused = await project.json(["rollback", "--keep-data"]);
    expect(refused.body.error.code).toBe("data-loss");
    expect(refused.body.error.notes).toEqual([
      ...tables.map((table) =>
        expect.stringContaining(
          `public.${table}.y: 1 row, which cannot be kept: publication pub has the table, which has no replica identity`,
        ),
      ),
      "nothing was rolled back",
    ]);
    await sql`alter table u replica identity full`;
    await sql`alter table p_1 replica identity full`;
    await project.mustRun(["rollback", "--keep-data"]);
    await project.mustRun(["migrate"]);
    expect(await sql`select y from u`).toEqual([{ y: "b" }]);
    expect(await sql`select y from p`).toEqual([{ y: "c" }]);
  },
);
