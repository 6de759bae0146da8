import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";
import type { MigrationProject } from "../../support/migration-project.ts";

const files = {
  "001_users.sql": migration(
    "create table users (id int primary key, name text);\ninsert into users values (1, 'a;b');",
    "drop table users;",
  ),
  "002_index.sql": migration(
    "create function f() returns int language sql as $$ select 1; $$;\ncreate index concurrently users_name on users (name);\nalter table users add column age int;",
    "alter table users drop column age;\ndrop index users_name;\ndrop function f();",
  ),
  "R_v.sql": "create or replace view v as select 1 as one;\n",
};

/** Makes a plan; gives its hash. */
async function plan(project: MigrationProject, ...args: string[]): Promise<string> {
  const outcome = await project.json(["migrate", "--dry-run", "--output", "plan.json", ...args]);
  expect(outcome.body.ok, outcome.stderr).toBe(true);
  return outcome.body.result.plan.hash;
}

async function refusal(project: MigrationProject, ...args: string[]) {
  const { body } = await project.json(["migrate", "--plan", "plan.json", ...args]);
  const { code, notes } = body.error;
  return { code, exit: body.exitCode, notes: notes?.slice(0, -1) };
}

const applied = async ({ sql }: MigrationProject) =>
  (await sql`select version from schema_migrations order by version`).map(({ version }) => version);

/** What the server was sent, by an event trigger that keeps the message each DDL came in. */
const recorder = `
  create table messages (id int generated always as identity, message text);
  create function keep_message() returns event_trigger language plpgsql as $$
  begin
    insert into messages (message) values (current_query());
  end $$;
  create event trigger keep_message on ddl_command_end execute function keep_message();`;

const texts = (script: string) =>
  parseScript(script)
    .map(({ text }) => text.replace(/\(now\(\) - interval '[0-9.]+ ms'\)/, "now()"))
    .filter((text) => !/^select \d+ as "pgwright statement"$/.test(text));

describe("a reviewed plan", () => {
  test("is what runs, statement by statement", async () => {
    await using project = await withMigrations(files);
    await project.sql.unsafe(recorder);
    const hash = await plan(project);
    expect(await project.sql`select to_regclass('schema_migrations') as ledger`).toEqual([
      { ledger: null },
    ]);
    const shown = await project.run(["migrate", "--dry-run"]);
    const { sql } = JSON.parse(await readFile(join(project.path, "plan.json"), "utf8"));
    expect(`${sql.join("\n")}\n`).toBe(shown.stdout);

    const outcome = await project.json(["migrate", "--plan", "plan.json", "--plan-hash", hash]);
    expect(outcome.body.result.applied).toMatchObject([
      { file: "001_users.sql" },
      { file: "002_index.sql" },
    ]);
    expect(outcome.body.result.repeated).toEqual(["R_v.sql"]);

    await loadParser();
    const planned = texts(sql.join("\n"));
    const rows = await project.sql`select distinct on (message) id, message from messages`;
    const sent = rows.toSorted((a, b) => a["id"] - b["id"]).map(({ message }) => texts(message));
    const ran = sent.flat();
    for (const part of [
      "create table users",
      "create function f",
      "create index con",
      "alter table users",
      "create or replace view",
    ]) {
      expect(
        ran.filter((text) => text.startsWith(part)),
        part,
      ).toHaveLength(1);
    }
    // The ledger is made in a message of its own.
    const ofFiles = sent.filter(
      (message) => !message.some((text) => /^create schema|LIKE/.test(text)),
    );
    for (const message of ofFiles) {
      const at = planned.findIndex((_, i) => message.every((text, j) => planned[i + j] === text));
      expect(at, message.join(";\n")).toBeGreaterThanOrEqual(0);
    }

    // What has run is no plan any more.
    const { code, exit, notes } = await refusal(project);
    expect({ code, exit }).toEqual({ code: "plan-stale", exit: 4 });
    expect(notes).toEqual(expect.arrayContaining(["001 was applied", "table public.users is new"]));
    expect(notes).not.toContain("schema public is new");
  });

  test("is refused when the catalog has changed, and nothing is made", async () => {
    await using project = await withMigrations(files);
    await project.sql`create table other (a int)`;
    await plan(project);
    await project.sql`alter table other add column b int`;
    await project.sql`create index other_a on other (a)`;
    expect(await refusal(project)).toEqual({
      code: "plan-stale",
      exit: 4,
      notes: ["table public.other has changed", "index public.other_a is new"],
    });
    expect(await project.sql`select to_regclass('schema_migrations') as ledger`).toEqual([
      { ledger: null },
    ]);
    // As it was: the plan fits again.
    await project.sql`drop index other_a`;
    await project.sql`alter table other drop column b`;
    await project.mustRun(["migrate", "--plan", "plan.json"]);
    expect(await applied(project)).toEqual(["001", "002"]);
  });

  test("is refused when files, ledger, policies or settings have changed", async () => {
    await using project = await withMigrations(files);
    await project.mustRun(["migrate", "--to", "001"]);
    await plan(project, "--to", "002");
    const second = files["002_index.sql"];
    await project.write("002_index.sql", second.replace("age int", "age bigint"));
    expect((await refusal(project)).notes).toEqual(["002_index.sql has changed"]);
    // The way back is stored, so it was reviewed, too.
    await project.write("002_index.sql", second.replace("drop function f();", "drop function f;"));
    expect((await refusal(project)).notes).toContain("other SQL would run:");
    await project.remove("002_index.sql");
    expect((await refusal(project)).notes).toEqual(["002_index.sql is gone or has mistakes"]);
    // A comment above the sections is nothing that runs.
    await project.write("002_index.sql", `-- about\n${second}`);
    // With another file left pending, repeatable ones wait.
    await project.write("003_more.sql", migration("select 1;", "select 1;"));
    expect((await refusal(project)).notes).toEqual(["R_v.sql would not run"]);
    await project.remove("003_more.sql");

    const policies = join(project.path, "policies");
    await mkdir(policies);
    await writeFile(join(policies, "roles.sql"), "-- none yet\n");
    expect((await refusal(project)).notes).toEqual(["the files of policies/ have changed"]);
    await rm(policies, { recursive: true });
    const timeout = await refusal(project, "--lock-timeout", "7s");
    expect(timeout.notes).toContain("+set local lock_timeout = 7000;");
    await project.mustRun(["migrate", "--plan", "plan.json"]);
    expect(await applied(project)).toEqual(["001", "002"]);

    await plan(project);
    await project.write("004_more.sql", migration("select 1;", "select 1;"));
    expect((await refusal(project)).notes).toEqual(["004_more.sql would run too"]);
  });

  test("is for one database, and for nobody who edits it", async () => {
    await using project = await withMigrations({ "001_users.sql": files["001_users.sql"] });
    const hash = await plan(project);
    await using other = await withMigrations({});
    const { body } = await project.json(["migrate", "--plan", "plan.json"], {
      url: other.database.url,
    });
    expect(body.error.notes[0]).toBe(
      `the plan is for database ${project.database.name}, and this is ${other.database.name}`,
    );

    const path = join(project.path, "plan.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace("name text", "name char"));
    expect(await refusal(project)).toMatchObject({ code: "plan-edited", exit: 4 });
    // Of two keys the last one counts, and its hash is right: whoever reads it sees the first.
    await writeFile(path, text.replace("{", '{ "sql": ["select 1;"],'));
    expect(await refusal(project)).toMatchObject({ code: "plan-edited", exit: 4 });
    await writeFile(path, "{}");
    expect(await refusal(project)).toMatchObject({ code: "plan-unreadable", exit: 2 });
    // It is not overwritten: it may be anything.
    const dry = await project.run(["migrate", "-n", "-o", "plan.json"]);
    expect(dry.stderr).toContain("exists and is no plan");

    // Laid out anew, it is the same plan; another one is not.
    await writeFile(path, JSON.stringify(JSON.parse(text)));
    const wrong = "0".repeat(64);
    expect(await refusal(project, "--plan-hash", wrong)).toMatchObject({ code: "plan-edited" });
    await project.mustRun(["migrate", "--plan", "plan.json", "--plan-hash", hash]);
  });

  test("is for one role and one meaning of its names", async () => {
    await using project = await withMigrations({
      "001_drop.sql": migration("alter table a drop column v;", "alter table a add column v int;"),
    });
    const { sql } = project;
    await sql.unsafe("create table a (v int); create schema foo; create table foo.a (v int)");
    await plan(project);
    const name = `"${project.database.name}"`;
    await sql.unsafe(`alter database ${name} set search_path = foo, public`);
    await sql.unsafe(`alter database ${name} set lock_timeout = '9s'`);
    expect((await refusal(project)).notes).toEqual([
      "the setting search_path is `foo, public` and was PostgreSQL's own",
    ]);
    await sql.unsafe(`alter database ${name} reset search_path`);

    const role = `planner_${randomBytes(4).toString("hex")}`;
    await sql.unsafe(`create role ${role} superuser`);
    try {
      await writeFile(join(project.path, "pgwright.yaml"), `migrations: { role: ${role} }\n`);
      expect((await refusal(project)).notes).toContain(
        `it was to run as role ${project.database.sql.options.user}, and would run as ${role}`,
      );
      await writeFile(join(project.path, "pgwright.yaml"), "migrations: {}\n");
    } finally {
      await sql.unsafe(`drop role ${role}`);
    }
    await project.mustRun(["migrate", "--plan", "plan.json"]);
    expect(await applied(project)).toEqual(["001"]);
  });

  test("goes on where an interrupted file stopped, if it was made after that", async () => {
    await using project = await withMigrations({
      "001_users.sql": files["001_users.sql"],
      "002_unique.sql": migration(
        "insert into users values (2, 'a'), (3, 'a');\ncreate unique index concurrently users_name on users (name);",
        "drop index users_name;",
      ),
    });
    await plan(project);
    expect((await project.run(["migrate", "--plan", "plan.json"])).code).toBe(4);
    expect((await refusal(project)).notes).toContain("001 was applied");
    await project.sql`delete from users where id = 3`;
    await plan(project);
    await project.mustRun(["migrate", "--plan", "plan.json"]);
    expect(await applied(project)).toEqual(["001", "002"]);
    expect(await project.sql`select id from users order by id`).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test.each([
    [["--plan", "plan.json", "--to", "1"], "what a plan runs was decided when it was made"],
    [["--plan", "plan.json", "-n"], "`--plan` runs a plan that is there already"],
    [["--output", "plan.json"], "`--output` writes a plan, which `--dry-run` makes"],
    [["--plan-hash", "0".repeat(64)], "`--plan-hash` needs `--plan`"],
    [["--plan", "x", "--plan-hash", "0"], "give 64 hex digits"],
  ])("contradictions are usage errors: %j", async (args, message) => {
    await using project = await withMigrations({});
    const outcome = await project.run(["migrate", ...args]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain(message);
  });
});
