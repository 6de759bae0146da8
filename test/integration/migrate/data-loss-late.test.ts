/** Rows that are there by the time a statement of a rollback runs, and were not before. */
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const notEmpty = "which is not empty at that point";

/** Rolls back while another session's transaction is open that did `before`, and then does `after`. */
async function rollBackDuring(project: MigrationProject, before: string, after = "select 1") {
  const { sql } = project;
  const writer = await sql.reserve();
  await writer.unsafe("begin");
  await writer.unsafe(before);
  const running = project.start(["rollback", "--json", "--lock-timeout", "300ms"]);
  await eventually(() => running.output.stderr.includes("no lock, try 1"), "the first try");
  await writer.unsafe(after);
  await writer.unsafe("commit");
  writer.release();
  const outcome = await running.done;
  return { ...outcome, body: JSON.parse(outcome.stdout) };
}

test.each([
  ["a table", "drop table t;", `drops public.t, ${notEmpty}`],
  ["a column", "alter table t drop column name;", `drops public.t.name, ${notEmpty}`],
  ["another name", "alter table t rename to u; drop table u;", `drops public.t, ${notEmpty}`],
  ["TRUNCATE", "truncate t;", `empties public.t, ${notEmpty}`],
  [
    "DELETE",
    "delete from t where id < 5;",
    "deletes from public.t, which has such rows at that point",
  ],
  [
    "DELETE in a WITH",
    "with gone as (delete from t returning *) select from gone;",
    "deletes from public.t, which has such rows at that point",
  ],
  [
    "a type",
    "alter table t rename name to nom; alter table t alter nom type text using upper(nom);",
    "changes values of public.t.name, some of which do not survive that",
  ],
])("rows that come in after the look are not lost: %s", async (_name, down, finding) => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int, name text);", down),
  });
  const { sql } = project;
  // The second look must not be one at an old snapshot.
  await sql.unsafe(
    `alter database "${project.database.name}" set default_transaction_isolation = 'repeatable read'`,
  );
  await project.run(["migrate"]);
  const back = await rollBackDuring(project, "insert into t values (1, 'x')");
  expect(back.code).toBe(4);
  expect(back.body.error).toMatchObject({
    code: "data-loss",
    message: "rolling back 001_t.sql would lose data",
  });
  expect(back.body.error.notes[0]).toBe(`001_t.sql ${finding}`);
  expect(await sql`select * from t`).toEqual([{ id: 1, name: "x" }]);
  expect(await sql`select version from schema_migrations`).toEqual([{ version: "001" }]);
});

test("outside a transaction the second look and the statement share one all the same", async () => {
  await using project = await withMigrations({
    "001_t.sql":
      "-- migrate:up\ncreate table t (id int);\n-- migrate:down transaction:false\nselect 1;\ndrop table t;\n",
  });
  await project.run(["migrate"]);
  const back = await rollBackDuring(project, "insert into t values (1)");
  expect(back.body.error.code).toBe("data-loss");
  expect(back.code).toBe(4);
  expect(await project.sql`select * from t`).toEqual([{ id: 1 }]);
  await project.sql`delete from t`;
  expect((await project.run(["rollback"])).code).toBe(0);
});

test("under FORCE ROW LEVEL SECURITY an owner loses nothing in silence, and nothing is just nothing", async () => {
  const role = `Owner ${randomBytes(4).toString("hex")}`;
  await using roles = {
    async [Symbol.asyncDispose]() {
      const { default: postgres } = await import("postgres");
      const { serverUrl } = await import("../../support/database.ts");
      const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
      await admin.unsafe(`drop role if exists "${role}"`);
      await admin.end();
    },
  };
  expect(roles).toBeDefined();
  await using project = await withMigrations(
    {
      "001_t.sql": migration(
        `create schema app;
         create table app.t (id int) partition by range (id);
         create table app.t1 partition of app.t default;
         alter table app.t enable row level security, force row level security;
         alter table app.t1 enable row level security, force row level security;`,
        "drop table app.t; drop schema app;",
      ),
    },
    { yaml: `migrations: { role: '${role}' }\n` },
  );
  const { sql } = project;
  await sql.unsafe(`create role "${role}" nologin nobypassrls`);
  await sql.unsafe(`grant create on database "${project.database.name}" to "${role}"`);
  const migrated = await project.run(["migrate"]);
  expect(migrated).toMatchObject({ code: 0 });
  await sql`insert into app.t values (1)`;
  const back = await project.json(["rollback"]);
  expect(back.body.error.code).toBe("data-loss");
  expect(back.body.error.notes[0]).toContain(
    '001_t.sql drops app.t: not counted: query would be affected by row-level security policy for table "t"',
  );
  await sql`truncate app.t`;
  const insert = "insert into app.t values (1)";
  const late = await rollBackDuring(project, "lock table app.t in access share mode", insert);
  expect(late.body.error.code).toBe("data-loss");
  await sql`truncate app.t`;
  const empty = await project.run(["rollback"]);
  expect(empty.stderr).toContain("✓ rollback 001_t.sql");
  expect(empty.code).toBe(0);
});

test("values that the rollback moves away first are no loss, unless some stay", async () => {
  const up = "alter table t rename column name to first; alter table t add column last text;";
  const down = (condition: string) =>
    `update t set first = first || ' ' || last, last = null where ${condition};
     alter table t drop column last; alter table t rename column first to name;`;
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (name text);", "drop table t;"),
    "002_split.sql": migration(up, down("last <> 'stays'")),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into t values ('Ann', 'Lee'), ('Bob', 'stays')`;
  const { body, code } = await project.json(["rollback"]);
  expect(code).toBe(4);
  expect(body.error.code).toBe("data-loss");
  expect(body.error.notes[0]).toBe(
    "002_split.sql drops public.t.last, which is not empty at that point",
  );
  expect(await sql`select first, last from t order by first`).toEqual([
    { first: "Ann", last: "Lee" },
    { first: "Bob", last: "stays" },
  ]);
  await sql`update t set last = 'goes' where last = 'stays'`;
  expect((await project.run(["rollback"])).code).toBe(0);
  expect(await sql`select name from t order by name`).toEqual([
    { name: "Ann Lee" },
    { name: "Bob goes" },
  ]);
});
