/** `pgwright test` as it is typed: what it tries, on which server, and what it leaves there. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serverUrl } from "../../support/database.ts";
import { eventually } from "../../support/eventually.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const id = randomBytes(4).toString("hex");
const env = { TEST_DATABASE_URL: serverUrl() };
const execute = promisify(execFile);
const good = migration("create table good (id int);", "drop table good;");

let admin: postgres.Sql;
let project: MigrationProject;

beforeAll(async () => {
  admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  project = await withMigrations({
    "001_good.sql": good,
    "002_roles.sql": migration(
      `create role reader_${id} noinherit;
create table papers (id int);
grant select on papers to reader_${id};`,
      `drop table papers;
drop role reader_${id};`,
    ),
    "003_code.ts": `import type { MigrationBuilder } from "node-pg-migrate";
export function up(pgm: MigrationBuilder): void {
  pgm.addColumns("papers", { title: "text" });
}
`,
  });
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
  await admin.end();
});

async function git(...args: string[]): Promise<void> {
  const who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
  await execute("git", [...who, ...args], { cwd: project.path });
}

describe("a good history", () => {
  test("exits 0, and leaves no roles", async () => {
    const { code, stdout } = await project.run(["test"], { env });
    expect(stdout).toMatch(/^002_roles\.sql +restored \(but for 2 statements left out\) /m);
    expect(stdout).toContain(
      "left out, because it reaches beyond a throwaway database: create role",
    );
    expect(stdout).toMatch(
      /^3 migrations tried on PostgreSQL \d+\S*: every rollback restores the schema$/m,
    );
    expect(code).toBe(0);
    expect(await admin`select from pg_roles where rolname = ${`reader_${id}`}`).toHaveLength(0);
  });

  test("says of one that only reaches beyond the database that it was not tried", async () => {
    await using other = await withMigrations({
      "001_role.sql": migration(`create role app_${id};`, `drop role application_${id};`),
      "002_system.sql": migration(
        "create table t (id int);\nalter system set work_mem = '8MB';",
        "drop table t;",
      ),
    });
    const { code, body } = await other.json(["test", "--data"], { env });
    expect(code).toBe(0);
    expect(
      body.result.migrations.map(
        ({ verdict, leftOut, data }: { verdict: string; leftOut: string[]; data: unknown }) => [
          verdict,
          leftOut,
          data !== null,
        ],
      ),
    ).toEqual([
      ["not tried", [`create role app_${id}`, `drop role application_${id}`], false],
      ["restored", ["alter system set work_mem = '8MB'"], true],
    ]);
    expect(body.findings.map(({ at }: { at: { line: number } }) => at.line)).toEqual([2, 4, 3]);
  });

  test("does not touch the configured database", async () => {
    expect(
      await project.sql`select from pg_class where relname in ('good', 'papers', 'schema_migrations')`,
    ).toHaveLength(0);
  });

  test("is tried with rows before and after, and says how many", async () => {
    const { code, stdout } = await project.run(["test", "--only", "001", "--data"], { env });
    expect(stdout).toMatch(
      /^001_good\.sql +restored +additions lost \(0 rows before it, 10 after\) /m,
    );
    expect(code).toBe(0);
  });

  test("is tried in part with --only, and leaves no databases", async () => {
    const { code, body } = await project.json(["test", "--only", "3", "--only", "001"], { env });
    const own = `pgwright_${body.result.run}_%`;
    expect(await admin`select from pg_database where datname like ${own}`).toHaveLength(0);
    expect(body.result.migrations.map(({ version }: { version: string }) => version)).toEqual([
      "001",
      "003",
    ]);
    expect(code).toBe(0);
  });
});

describe("with --base", () => {
  beforeAll(async () => {
    await git("init", "--quiet", "--initial-branch=main");
    await git("add", ".");
    await git("commit", "--quiet", "--message=one");
    await git("switch", "--quiet", "--create=work");
  });

  test("nothing new is nothing to try", async () => {
    const { code, stdout } = await project.run(["test", "--base", "main"], { env });
    expect(stdout).toMatch(/^There are no migrations new since main \([0-9a-f]{12}\) to try$/m);
    expect(code).toBe(0);
  });

  test("tries what is new, committed or not, and what has changed", async () => {
    await project.write("004_new.sql", migration("create table fresh (id int);", "select 1;"));
    await project.write("001_good.sql", good.replace("drop table good;", "drop table only_good;"));
    const { code, body } = await project.json(["test", "--base", "main"], { env });
    expect(
      body.result.migrations.map(({ file, verdict }: { file: string; verdict: string }) => [
        file,
        verdict,
      ]),
    ).toEqual([
      ["001_good.sql", "rollback fails"],
      ["004_new.sql", "not restored"],
    ]);
    expect(code).toBe(1);
  });

  test("annotates a pull request, with the section that would do", async () => {
    const { code, stdout } = await project.run(
      ["test", "--base", "main", "--only", "004", "--format", "github"],
      { env },
    );
    expect(stdout).toMatch(/^1 migration new since main \([0-9a-f]{12}\) tried on PostgreSQL /m);
    expect(stdout).toContain(
      "::error file=migrations/004_new.sql,line=4,col=1,title=test/not-restored::rolling back `004_new.sql` does not restore the schema: table public.fresh is left over%0A",
    );
    expect(stdout).toContain("%0A-- migrate:down%0ADROP TABLE public.fresh;");
    expect(code).toBe(1);
  });

  test("stops at what cannot be applied, and says what was not tried", async () => {
    await project.write("001_good.sql", good);
    await project.write("005_wrong.sql", migration("alter table nowhere add a int;", "select 1;"));
    await project.write("006_after.sql", migration("select 1;", "select 1;"));
    const { code, body } = await project.json(
      ["test", "--base", "main", "--only", "5", "--only", "6"],
      { env },
    );
    expect(body.findings.map(({ rule }: { rule: string }) => rule)).toEqual(["test/up-fails"]);
    expect(body.findings[0].at).toMatchObject({ file: "migrations/005_wrong.sql", line: 2 });
    expect(body.result.notTested).toEqual(["006_after.sql"]);
    expect(code).toBe(1);
  });

  afterAll(async () => {
    for (const name of ["004_new.sql", "005_wrong.sql", "006_after.sql"])
      await project.remove(name);
  });
});

test("rights that a role was given by hand elsewhere: says that they are missing, and where to grant them", async () => {
  const role = `owner_${id}`;
  await using owned = await withMigrations(
    {
      "001_denied.sql": migration("create table denied (id int);", "drop table denied;"),
      "002_own.sql": migration("create schema own;", "drop schema own;"),
    },
    { yaml: `migrations: { role: ${role} }\n` },
  );
  const hint = `so \`${role}\` (migrations.role) has none of the rights there that were granted by hand elsewhere`;
  try {
    const denied = await owned.json(["test"], { env });
    expect(denied.body.findings).toMatchObject([
      {
        rule: "test/up-fails",
        message: expect.stringContaining("permission denied for schema public (42501)"),
        hint: expect.stringContaining(hint),
      },
    ]);
    // Where it stands before what is tried, as well.
    const before = await owned.json(["test", "--only", "002"], { env });
    expect(before.code).toBe(4);
    expect(before.body.error).toMatchObject({
      code: "sql-failed",
      message: "what comes before cannot be applied: permission denied for schema public",
      at: { line: 2 },
      hint: expect.stringContaining(hint),
    });
    const made = await owned.json(["testdb", "create"], { env });
    expect(made.body.error.hint).toContain(hint);

    // As it says: in a template that all databases of a server are copied from. Here a file does it.
    await owned.write(
      "001_denied.sql",
      migration("create schema mine; create table mine.t (id int);", "drop schema mine cascade;"),
    );
    expect((await owned.run(["test"], { env })).code).toBe(0);
  } finally {
    await admin.unsafe(`drop role if exists ${role}`);
  }
});

test("a role that a DO block makes is told, for it stays", async () => {
  const role = `hidden_${id}`;
  await using hiding = await withMigrations({
    "001_role.sql": migration(`do $$ begin create role ${role}; end $$;`, "select 1;"),
  });
  try {
    const { stderr } = await hiding.run(["test"], { env });
    expect(stderr).toContain(`and stays: DROP ROLE ${role};`);
    expect((await hiding.run(["test"], { env })).stderr).not.toContain("DROP ROLE");
  } finally {
    await admin.unsafe(`drop role if exists ${role}`);
  }
});

describe("refuses", () => {
  test.each([
    ["an unknown version", ["--only", "77"], 4, "there is no migration with version `77`"],
    ["an unknown base", ["--base", "nowhere"], 2, "git knows no commit `nowhere`"],
    ["a server of another version", ["--server-version", "14"], 3, "to be tried on PostgreSQL 14"],
    ["what says nothing", ["--scale", "2"], 2, "`--scale` says nothing without `--data`"],
  ])("%s", async (_, args, exit, message) => {
    const { code, stderr } = await project.run(["test", ...args], { env });
    expect(stderr).toContain(message);
    expect(code).toBe(exit);
  });

  test("the server of a protected database", async () => {
    await project.mustRun(["db", "protect"]);
    const { code, stderr } = await project.run(["test", "--url", project.database.url]);
    expect(stderr).toContain("error[database-protected]");
    expect(code).toBe(4);
    await project.mustRun(["db", "unprotect", "--confirm", project.database.name]);
  });
});

describe("a run that is ended", () => {
  const slow = migration("select pg_sleep(60);", "select 1;");
  const runOf = async () => {
    await project.write("007_slow.sql", slow);
    const running = project.start(["test", "--only", "007"], { env });
    const sleeping = async () =>
      (
        await admin<{ database: string }[]>`
          select datname as database from pg_stat_activity
          where query like '%pg_sleep(60)%' and pid <> pg_backend_pid() and state = 'active'
            and datname ~ '^pgwright_'`
      )[0]?.database;
    const database = await eventually(sleeping, "the migration to run");
    return { running, database };
  };
  const exists = async (name: string) =>
    (await admin`select from pg_database where datname = ${name}`).length > 0;

  test("by Ctrl-C drops its databases", async () => {
    const { running, database } = await runOf();
    running.child.kill("SIGINT");
    const { code } = await running.done;
    expect(code).toBe(130);
    expect(await exists(database)).toBe(false);
  });

  test("by force leaves test databases by name, which `testdb list` shows", async () => {
    const { running, database } = await runOf();
    running.child.kill("SIGKILL");
    await running.done;
    const { body } = await project.json(["testdb", "list"], { env });
    const own = body.result.databases.filter(({ run }: { run: string }) =>
      database.startsWith(`pgwright_${run}_`),
    );
    expect(own.map(({ kind }: { kind: string }) => kind)).toEqual(["database", "database"]);
    await project.json(["testdb", "drop", "--run", own[0].run], { env });
    expect(await exists(database)).toBe(false);
  });

  afterAll(async () => {
    await project.remove("007_slow.sql");
  });
});
