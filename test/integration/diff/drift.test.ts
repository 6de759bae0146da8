/** `drift` tells what was changed in the database, and not what files have become since. */
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

const same = "files and database have the same schema\n";
const first = migration("create table t (id bigint primary key, a int);", "drop table t;");
const view = "create or replace view v as select id from t;\n";

interface Found {
  readonly rule: string;
  readonly severity: string;
}

test("a project before its first migration has nothing that could differ", async () => {
  await using project = await withMigrations({ ".gitkeep": "" });
  expect(await project.run(["drift"])).toMatchObject({ code: 0, stdout: same });
  await project.write("001_a.sql", first);
  await project.write("R_v.sql", view);
  const pending = await project.run(["drift"]);
  expect(pending.stdout).toBe(
    `R_v.sql is pending: it has never run here, and is not compared\n\n${same}`,
  );
  expect(pending.code).toBe(0);
  await project.sql`create table by_hand (i int)`;
  const { code, body } = await project.json(["drift"]);
  expect(body.result.differences).toMatchObject([
    { kind: "added", object: "table public.by_hand" },
  ]);
  expect(body.result.at).toBe(null);
  expect(code).toBe(1);
});

test("a pending repeatable file is compared as it last ran", async () => {
  await using project = await withMigrations({ "001_a.sql": first, "R_v.sql": view });
  await project.mustRun(["migrate"]);
  await project.write("R_v.sql", view.replace("id", "id, a"));
  const edited = await project.run(["drift"]);
  const words = "R_v.sql is pending: what ran last is compared, and not its new content";
  expect(edited.stdout).toBe(`${words}\n\n${same}`);
  expect(edited.code).toBe(0);
  const { body } = await project.json(["drift"]);
  expect(body.result.pending).toEqual([{ file: "R_v.sql", words }]);
  expect(body.result.findings).toMatchObject([{ rule: "drift/pending", severity: "info" }]);

  // What somebody did to the view is drift all the same.
  await project.sql`create or replace view v as select id, 1 as one from t`;
  const drifted = await project.run(["drift"]);
  expect(drifted.stdout).toMatch(new RegExp(`^${words}\\n\\n~ view public\\.v\\n`));
  expect(drifted.code).toBe(1);
});

test("repeatable files stand in the database while migrations and new ones are pending", async () => {
  await using project = await withMigrations({ "001_a.sql": first, "R_v.sql": view });
  await project.mustRun(["migrate"]);
  await project.write("002_b.sql", migration("alter table t add b int;", "alter table t drop b;"));
  await project.write("R_w.sql", "create or replace view w as select b from t;\n");
  const { code, stdout } = await project.run(["drift"]);
  expect(stdout).toBe(`R_w.sql is pending: it has never run here, and is not compared\n\n${same}`);
  expect(code).toBe(0);
  // Renamed, it runs again; what it makes is there.
  await project.remove("R_w.sql");
  await project.remove("R_v.sql");
  await project.write("R_the_view.sql", view);
  const renamed = await project.run(["drift"]);
  expect(renamed.stdout).toBe(
    `R_the_view.sql is pending: what it holds has run under another name, and is compared\n\n${same}`,
  );
  expect(renamed.code).toBe(0);
});

test("repeatable files of a database that was taken over are there as they are", async () => {
  await using project = await withMigrations({ "001_a.sql": first, "R_v.sql": view });
  await project.sql.unsafe("create table t (id bigint primary key, a int);").simple();
  await project.sql.unsafe(view).simple();
  await project.mustRun(["baseline", "--at", "001"]);
  expect(await project.run(["drift"])).toMatchObject({ code: 0, stdout: same });
});

test("an applied file that has changed is named before what may come from it", async () => {
  await using project = await withMigrations({
    "001_a.sql": first,
    "002_rows.sql": migration("insert into t values (1, 1);", "delete from t;"),
  });
  await project.mustRun(["migrate"]);
  await project.write("001_a.sql", first.replace("a int", "a int, zz text"));
  const { code, stdout } = await project.run(["drift"]);
  expect(stdout).toMatch(
    /^001_a\.sql is not the file that was applied on \d{4}-\d\d-\d\d: the statements of its up section differ\n {2}the differences below may come from it\n\n~ table public\.t\n {4}column zz is gone/,
  );
  expect(code).toBe(1);
  const github = await project.run(["drift", "--format", "github"]);
  expect(github.stdout).toMatch(
    /^::error file=migrations\/001_a\.sql,.*title=drift\/changed-file::/m,
  );

  // The schema is the same, and the file is not what was applied.
  await project.write("001_a.sql", first);
  await project.write("002_rows.sql", migration("insert into t values (2, 2);", "delete from t;"));
  const rows = await project.json(["drift"]);
  expect(rows.code).toBe(1);
  expect(rows.body.result.isEqual).toBe(true);
  expect((await project.run(["drift"])).stdout).toContain("  nothing else differs\n");

  // Comments are no change of the database.
  await project.write("002_rows.sql", migration("insert into t values (1, 1); -- x", "select 1;"));
  const cosmetic = await project.json(["drift"]);
  expect(cosmetic.code).toBe(0);
  expect(
    cosmetic.body.result.findings.map(({ rule, severity }: Found) => [rule, severity]),
  ).toEqual([["drift/changed-file", "warning"]]);
});
