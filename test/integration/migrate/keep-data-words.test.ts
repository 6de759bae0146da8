/** What is said around kept data, and kept data whose texts or names are awkward. */
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

test("names in values do not depend on the search_path of the file", async () => {
  await using project = await withMigrations({
    "001_path.sql": migration(
      `create schema s; set local search_path = s; create table other ();
create table ul (id int primary key, rc regclass, rt regtype, list regclass[]);
create table nokey (rc regclass);`,
      "drop table s.nokey, s.ul; drop table s.other; drop schema s;",
    ),
    "002_away.sql": migration(
      "set local search_path = s; alter table ul add column late regclass;",
      "set local search_path = s; delete from s.ul where rc = 's.other'::regclass; alter table s.ul drop column late;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate", "--to", "1"]);
  // Its number is another one when it comes back, and its name the same.
  await sql`insert into s.ul values (1, 's.other', 's.other', '{s.other,s.ul}'), (2, 's.ul', null, null)`;
  await sql`insert into s.nokey values ('s.other')`;
  const rows = () => sql`select t::text as row from s.ul t order by id`;
  await project.mustRun(["migrate"]);
  await sql`update s.ul set late = 's.nokey'`;
  const later = await rows();
  await project.mustRun(["rollback", "--keep-data"]);
  await project.mustRun(["migrate"]);
  expect(await rows()).toEqual(later);

  await project.mustRun(["rollback", "--steps", "2", "--keep-data"]);
  expect(await sql`select to_regnamespace('s') as there`).toEqual([{ there: null }]);
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(await rows()).toEqual(later);
});

test("columns may have the names of ours", async () => {
  const names = ["row", "row_", "like", "nth", "after", "changed", "noted"].map(
    (name) => `pgwright_${name}`,
  );
  const columns = names.map((name) => `${name} text default '${name}'`).join(", ");
  const added = names.map((name) => `add column ${name} text default '${name}'`).join(", ");
  const drops = names.map((name) => `drop column ${name}`).join(", ");
  await using project = await withMigrations({
    "001_base.sql": migration(
      "create table keyed (id int primary key); create table keyless (id int);",
      "drop table keyed, keyless;",
    ),
    "002_ours.sql": migration(
      `create table whole (pgwright_row_ int primary key, ${columns.replace("pgwright_row_ text default 'pgwright_row_', ", "")});
create table bare (${columns}); alter table keyed ${added}; alter table keyless ${added};`,
      `drop table whole, bare; alter table keyed ${drops}; alter table keyless ${drops};`,
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql
    .unsafe(
      "insert into whole values (1, 'a'); insert into bare values ('a'), ('b'); insert into keyed values (1); insert into keyless values (1), (2);",
    )
    .simple();
  const look = async () =>
    Promise.all(
      ["whole", "bare", "keyed", "keyless"].map(async (table) =>
        sql.unsafe(`select to_jsonb(t) as row from ${table} t order by t::text`),
      ),
    );
  const before = await look();
  const back = await project.run(["rollback", "--keep-data"]);
  expect(back.stderr).not.toContain("error");
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(await look()).toEqual(before);
});

test("what --leave-kept prints is a script", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int primary key);", "drop table t;"),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into t values (1), (2)`;
  await project.mustRun(["rollback", "--keep-data"]);
  const left = await project.run(["migrate", "--leave-kept"]);
  expect(left.stdout).toContain("-- Applied 1 migration");
  expect(left.stdout).toContain("-- public.t: 2 rows stay in pgwright.kept_1");
  const session = await sql.reserve();
  await session.unsafe(left.stdout).simple();
  session.release();
  expect(await sql`select count(*)::int as rows from t`).toEqual([{ rows: 2 }]);
});

test("the hint is none that cannot work", async () => {
  await using project = await withMigrations({
    "001_late.sql": migration(
      "create table o (id int); create table t (id int, z int); create index tz on t (z);",
      "drop table o; drop index concurrently tz; alter table t drop z; drop table t;",
    ),
    "002_nokey.sql": migration(
      "create table n (id int); create table k (id int);",
      "delete from n using k where n.id = k.id;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into n values (1)`;
  await sql`insert into k values (1)`;
  const hintOf = async (args: readonly string[]) => (await project.json(args)).body.error.hint;
  expect(await hintOf(["rollback"])).toBe(
    "none of it can be kept (--keep-data says why): pass --allow-data-loss to lose what is listed",
  );
  await project.mustRun(["rollback", "--allow-data-loss"]);
  await sql`insert into o values (1)`;
  expect(await hintOf(["rollback"])).toMatch(/^pass --keep-data to keep it/);
  await sql`insert into t values (1, 2)`;
  expect(await hintOf(["rollback"])).toMatch(/^not all of it can be kept/);
  const kept = await project.json(["rollback", "--keep-data"]);
  expect(kept.body.error.notes.join("\n")).toContain(
    "which cannot be kept: an earlier transaction",
  );
  expect(kept.body.error.hint).toBe(
    "add --allow-data-loss to lose what is listed and keep the rest",
  );
});

test("row level security that hides rows from migrate is said in words", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (id int primary key); alter table t enable row level security; alter table t force row level security;",
      "drop table t;",
    ),
    "002_late.sql": migration(
      "alter table t add column late text;",
      "alter table t drop column late;",
    ),
  });
  const { sql } = project;
  const role = `keep_words_${process.pid}`;
  await sql.unsafe(`create role ${role} login bypassrls password 'secret'`);
  try {
    await sql
      .unsafe(
        `grant all on schema public to ${role}; do $$ begin execute format('grant create on database %I to ${role}', current_database()); end $$`,
      )
      .simple();
    const url = new URL(project.database.url);
    url.username = role;
    url.password = "secret";
    const as = { url: url.href };
    const first = await project.run(["migrate"], as);
    expect(first.stderr).not.toContain("error");
    await sql`insert into t values (1, 'x')`;
    const back = await project.run(["rollback", "--keep-data"], as);
    expect(back.stderr).not.toContain("error");
    await sql.unsafe(`alter role ${role} nobypassrls`);
    const stuck = await project.json(["migrate"], as);
    expect(stuck.body.error).toMatchObject({
      code: "keep-failed",
      message: expect.stringContaining(
        "002_late.sql: the data that its rollback kept could not be put back: query would be affected by row-level security policy",
      ),
      hint: expect.stringContaining("alter role … bypassrls"),
    });
    expect(stuck.body.error.notes).toContain("nothing of 002_late.sql was applied");
    const left = await project.run(["migrate", "--leave-kept"], as);
    expect(left.stderr).not.toContain("error");
    expect(left.stdout).toContain("-- public.t.late: 1 row stay in pgwright.kept_1");
  } finally {
    await sql.unsafe(`drop owned by ${role} cascade; drop role ${role}`).simple();
  }
});
