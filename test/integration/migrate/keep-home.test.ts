/** To which ledger, version and content kept data belong. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const first = migration("create table t (id int primary key);", "drop table t;");
const nick = migration("alter table t add column nick text;", "alter table t drop column nick;");
const other = migration("create table other (id int);", "drop table other;");

/** 001 and 002_nick.sql applied, two rows, and 002 rolled back with its values kept. */
async function withKept(): Promise<MigrationProject> {
  const project = await withMigrations({ "001_t.sql": first, "002_nick.sql": nick });
  await project.mustRun(["migrate"]);
  await project.sql`insert into t values (1, 'a'), (2, 'b')`;
  await project.mustRun(["rollback", "--keep-data"]);
  return project;
}

const nicks = async ({ sql }: MigrationProject) =>
  (await sql`select nick from t order by id`).map((row) => row["nick"]);

test("two ledgers in one database do not get each other's data", async () => {
  const down = "create schema if not exists svc_a;";
  await using a = await withMigrations(
    {
      "001_a.sql": migration("create table svc_a.t (id int primary key);", "drop table svc_a.t;"),
      "002_a.sql": migration(
        "create table svc_a.u (id serial primary key);",
        "drop table svc_a.u; delete from svc_a.t;",
      ),
    },
    { yaml: "migrations: { schema: svc_a }\n" },
  );
  await using b = await withMigrations(
    {
      "001_b.sql": migration("create table svc_b.t (id int primary key);", "drop table svc_b.t;"),
      // The same content under the same version, too.
      "002_a.sql": migration("select 1;", "delete from svc_b.t;"),
      "003_b.sql": migration(
        "create table svc_b.u (id serial primary key);",
        "drop table svc_b.u; delete from svc_b.t;",
      ),
    },
    { yaml: "migrations: { schema: svc_b }\n" },
  );
  const { sql } = a;
  const url = a.database.url;
  await sql.unsafe(down + "create schema if not exists svc_b").simple();
  await a.mustRun(["migrate"]);
  await b.json(["migrate"], { url });
  await sql
    .unsafe(
      `insert into svc_a.t values (1), (2); insert into svc_b.t values (7);
       insert into svc_a.u default values; insert into svc_b.u default values; insert into svc_b.u default values`,
    )
    .simple();
  await a.mustRun(["rollback", "--keep-data"]);
  const back = await b.json(["rollback", "--keep-data", "--steps", "2"], { url });
  expect(back.body.result.rolledBack).toHaveLength(2);
  const status = await b.json(["status"], { url });
  expect(status.body.findings).toEqual([]);
  const again = await b.json(["migrate"], { url });
  expect(again.body.result.restored.map(({ object }: { object: string }) => object)).toEqual([
    "svc_b.u",
    "svc_b.t",
  ]);
  expect(await sql`select id from svc_b.t`).toEqual([{ id: 7 }]);
  expect(await sql`select nextval('svc_b.u_id_seq') as next`).toEqual([{ next: "3" }]);
  expect(await sql`select id from svc_a.t`).toEqual([]);
  const own = await a.json(["migrate"]);
  expect(own.body.error).toBeUndefined();
  expect(await sql`select id from svc_a.t order by id`).toEqual([{ id: 1 }, { id: 2 }]);
  expect(await sql`select nextval('svc_a.u_id_seq') as next`).toEqual([{ next: "2" }]);
});

test("a migration that is renumbered gets its data, and the one that took its number does not", async () => {
  await using project = await withKept();
  await project.remove("002_nick.sql");
  await project.write("002_other.sql", other);
  await project.write("003_nick.sql", nick);
  // What the file kept under its old number is not said to be lost.
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("warning");
  expect(again.stdout).toContain("public.t.nick: 2 rows put back");
  expect(await nicks(project)).toEqual(["a", "b"]);
  expect((await project.json(["status"])).body.findings).toEqual([]);
});

test("renumber in between", async () => {
  await using project = await withKept();
  await project.write("003_other.sql", other);
  await project.remove("002_nick.sql");
  await project.mustRun(["migrate"]);
  await project.write("002_nick.sql", nick);
  await project.mustRun(["renumber"]);
  const left = await project.json(["migrate", "--leave-kept"]);
  expect(left.body.result.leftKept).toMatchObject([{ object: "public.t.nick", rows: 2 }]);
  // It is known by its new number from then on.
  const once = await project.json(["migrate", "--leave-kept"]);
  expect(once.body.result.leftKept).toMatchObject([{ object: "public.t.nick", rows: 2 }]);
  expect((await project.json(["status"])).body.findings).toEqual([]);
  const reserved = await project.sql.reserve();
  await reserved.unsafe(once.body.result.putBackSql).simple();
  reserved.release();
  expect(await nicks(project)).toEqual(["a", "b"]);
});

test.each([
  ["0002_renamed.sql", nick, "of another name and the same version in other digits"],
  ["002_nick.sql", nick.replace("text", "varchar(9)"), "that was edited"],
  ["0002_nick.sql", nick.replace("text", "varchar(9)"), "that was edited, its version filled up"],
])("data go back into the file %s", async (name, text) => {
  await using project = await withKept();
  await project.remove("002_nick.sql");
  await project.write(name, text);
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("warning");
  expect(await nicks(project)).toEqual(["a", "b"]);
});

test("data that no file claims are told, with what gives them to one and what forgets them", async () => {
  await using project = await withKept();
  await project.remove("002_nick.sql");
  await project.write("002_other.sql", other);
  const told =
    "what the rollback of 002_nick.sql has kept (public.t.nick in pgwright.kept_1) belongs to no migration that is here: none has its content, nor its version with its name";
  const status = await project.json(["status"]);
  expect(status.body.findings).toMatchObject([
    { rule: "migrations/kept-unclaimed", severity: "warning", message: told },
  ]);
  for (const args of [["migrate", "--dry-run"], ["migrate"], ["migrate"]]) {
    const run = await project.run(args);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain(`warning: ${told}`);
    expect(run.stderr).toContain(
      "drop table pgwright.kept_1; delete from pgwright.kept_data where id in (1);",
    );
  }
  expect(await project.sql`select count(*)::int as rows from pgwright.kept_1`).toEqual([
    { rows: 2 },
  ]);
  // As it says.
  await project.write("004_nick.sql", nick.replace("nick text", "nick text, add column more int"));
  const hint: string = status.body.findings[0].hint;
  const give = /`(update [^`]*)`/.exec(hint)?.[1] ?? "";
  await project.sql.unsafe(give.replace("…", "004"));
  await project.mustRun(["migrate"]);
  expect(await nicks(project)).toEqual(["a", "b"]);
  expect((await project.json(["status"])).body.findings).toEqual([]);
});

test("a version that is taken keeps its own positions of sequences", async () => {
  const seq = (name: string) => migration(`create sequence ${name};`, `drop sequence ${name};`);
  await using project = await withMigrations({ "001_one.sql": seq("one") });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`select setval('one', 11)`;
  await project.mustRun(["rollback", "--keep-data"]);
  await project.remove("001_one.sql");
  await project.write("001_two.sql", seq("two"));
  await project.mustRun(["migrate"]);
  await sql`select setval('two', 22)`;
  await project.mustRun(["rollback", "--keep-data"]);
  await project.mustRun(["migrate"]);
  expect(await sql`select last_value from two`).toEqual([{ last_value: "22" }]);
  await project.write("002_one.sql", seq("one"));
  await project.mustRun(["migrate"]);
  expect(await sql`select last_value from one`).toEqual([{ last_value: "11" }]);
});

test("a list of kept data from before still serves, and is brought up to date by the next rollback", async () => {
  await using project = await withKept();
  const { sql } = project;
  await sql`alter table pgwright.kept_data drop column ledger, drop column checksum`;
  await project.mustRun(["migrate"]);
  expect(await nicks(project)).toEqual(["a", "b"]);
  await project.mustRun(["rollback", "--keep-data"]);
  expect(
    await sql`select id, ledger, checksum is null as none from pgwright.kept_data order by id`,
  ).toEqual([
    { id: "1", ledger: null, none: true },
    { id: "2", ledger: "public.schema_migrations", none: false },
  ]);
  await project.mustRun(["migrate"]);
  expect(await nicks(project)).toEqual(["a", "b"]);
});

test("redo of an edited file keeps its data", async () => {
  await using project = await withMigrations({ "001_t.sql": first, "002_nick.sql": nick });
  await project.mustRun(["migrate"]);
  await project.sql`insert into t values (1, 'a'), (2, 'b')`;
  await writeFile(
    join(project.path, "migrations", "002_nick.sql"),
    nick.replace("text", "varchar(5)"),
  );
  await project.mustRun(["redo", "--keep-data"]);
  expect(await nicks(project)).toEqual(["a", "b"]);
});
