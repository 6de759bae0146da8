/** Who may read what rollbacks keep, and what a role does that may not look at it. */
import { expect, test } from "vitest";
import { withLogin } from "../../support/login.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const secrets = migration(
  `create table t (id int primary key, secret text not null);
   alter table t enable row level security;
   revoke all on t from public;`,
  "drop table t;",
);

/** Rights of others than the owner on the schema pgwright and all that is in it, "kept_1: app SELECT". */
const otherRights = `
  select name || ': ' || case a.grantee when 0 then 'everybody' else (select rolname from pg_roles where oid = a.grantee) end
      || ' ' || string_agg(a.privilege_type, ', ' order by a.privilege_type) as "right"
  from (
    select relname as name, relowner as owner, relacl as acl from pg_class where relnamespace = 'pgwright'::regnamespace
    union all select nspname, nspowner, nspacl from pg_namespace where nspname = 'pgwright') o,
    aclexplode(nullif(acl, '{}')) a
  where a.grantee <> owner group by name, a.grantee order by 1`;

async function rightsOfOthers({ sql }: MigrationProject): Promise<unknown[]> {
  return (await sql.unsafe(otherRights)).map((row) => row["right"]);
}

test("default privileges give nobody what is kept, nor anything else of ours", async () => {
  await using app = await withLogin();
  await using project = await withMigrations({ "001_t.sql": secrets });
  const { sql } = project;
  const defaults = sql.unsafe(`
    create materialized view mv as select 1 as a;
    create extension if not exists pg_stat_statements;
    alter default privileges grant all on tables to "${app.name}", public;
    alter default privileges grant all on sequences to "${app.name}";
    alter default privileges grant all on schemas to "${app.name}", public;`);
  await defaults.simple();
  await project.mustRun(["migrate"]);
  await sql.unsafe(`revoke all on t from "${app.name}"; insert into t values (1, 'x')`).simple();
  const dry = await project.run(["rollback", "--keep-data", "--dry-run"]);
  await project.mustRun(["rollback", "--keep-data"]);
  expect(dry.stdout).toContain("revoke all on");
  expect(
    await sql`select relrowsecurity from pg_class where oid = 'pgwright.kept_1'::regclass`,
  ).toEqual([{ relrowsecurity: true }]);
  await project.mustRun(["matviews", "refresh"]);
  await project.mustRun(["slow-queries", "snapshot", "--table"]);
  expect(await rightsOfOthers(project)).toEqual([]);
  await project.mustRun(["migrate"]);
  expect(await sql`select * from t`).toEqual([{ id: 1, secret: "x" }]);

  // What everybody is to read, everybody may read, and no more.
  await project.mustRun(["db", "protect"]);
  expect(await rightsOfOthers(project)).toEqual([
    "pgwright: everybody USAGE",
    "protection: everybody SELECT",
  ]);
});

test("db protect makes the schema for readers alone", async () => {
  await using project = await withMigrations({});
  await project.sql.unsafe("alter default privileges grant all on schemas to public").simple();
  await project.sql.unsafe("alter default privileges grant all on tables to public").simple();
  await project.mustRun(["db", "protect"]);
  expect(await rightsOfOthers(project)).toEqual([
    "pgwright: everybody USAGE",
    "protection: everybody SELECT",
  ]);
});

test("the migrations role alone gets what it needs", async () => {
  await using app = await withLogin();
  await using owner = await withLogin();
  await using project = await withMigrations(
    { "001_t.sql": secrets },
    { yaml: `migrations: { role: '${owner.name}' }\n` },
  );
  const { sql } = project;
  await sql
    .unsafe(`
    grant create on schema public to "${owner.name}";
    alter default privileges grant select on tables to "${app.name}";
    alter default privileges for role "${owner.name}" grant select on tables to "${app.name}";
    alter default privileges for role "${owner.name}" grant usage on schemas to "${app.name}"`)
    .simple();
  await project.mustRun(["migrate"]);
  await sql`insert into t values (1, 'x')`;
  await project.mustRun(["rollback", "--keep-data"]);
  expect(await rightsOfOthers(project)).toEqual([
    `kept_data: ${owner.name} DELETE, INSERT, SELECT, UPDATE`,
    `pgwright: ${owner.name} CREATE, USAGE`,
  ]);
  await project.mustRun(["migrate"]);
  expect(await sql`select * from t`).toEqual([{ id: 1, secret: "x" }]);
});

const nick = {
  "001_t.sql": migration("create table t (id int primary key);", "drop table t;"),
  "002_nick.sql": migration(
    "alter table t add column nick text;",
    "alter table t drop column nick;",
  ),
};

/** The same project for an ordinary role that owns all it needs, and two rows under 002. */
async function withOrdinary() {
  const login = await withLogin();
  const project = await withMigrations(nick);
  const url = login.urlOf(project.database.url);
  await project.sql.unsafe(`grant create on schema public to "${login.name}"`);
  const run = (args: readonly string[]) => project.run(args, { url });
  expect((await run(["migrate"])).code).toBe(0);
  await project.sql`insert into t values (1, 'a'), (2, 'b')`;
  return {
    login,
    project,
    run,
    json: (args: readonly string[]) => project.json(args, { url }),
    nicks: async () =>
      (await project.sql`select nick from t order by id`).map((row) => row["nick"]),
    /** Runs the statements of a hint, which come after who is to run them. */
    obey: (hint: string) => project.sql.unsafe(hint.slice(hint.indexOf(": ") + 2)).simple(),
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      await login[Symbol.asyncDispose]();
    },
  };
}

test("a schema pgwright that belongs to somebody else is no concern of who needs nothing of it", async () => {
  await using ordinary = await withOrdinary();
  const { project, run } = ordinary;
  await project.sql`create schema pgwright`;
  for (const args of [["rollback", "--allow-data-loss"], ["migrate"], ["status"]]) {
    const outcome = await run(args);
    expect([args, outcome.code]).toEqual([args, 0]);
    expect(outcome.stderr).not.toContain("warning");
  }
  await project.sql`create materialized view mv as select 1 as a`;
  await project.mustRun(["matviews", "refresh"]);
  await project.sql`insert into t values (3)`;
  const back = await project.json(["rollback", "--keep-data"]);
  expect(back.code).toBe(0);
  await project.mustRun(["migrate"]);
  for (const args of [["rollback"], ["migrate"], ["redo", "--allow-data-loss"], ["status"]]) {
    const outcome = await run(args);
    expect([args, outcome.code]).toEqual([args, 0]);
    expect(outcome.stderr).not.toContain("warning");
  }
});

test("data that the role may not read stop their migration, with what lets it", async () => {
  await using ordinary = await withOrdinary();
  const { project, login, run, json, nicks, obey } = ordinary;
  await project.mustRun(["rollback", "--keep-data"]);
  // Under another number, too.
  await project.remove("002_nick.sql");
  await project.write("003_nick.sql", nick["002_nick.sql"]);
  for (const args of [["migrate"], ["migrate", "--dry-run"]]) {
    const { body, code } = await json(args);
    expect(code).toBe(4);
    expect(body.error).toMatchObject({
      code: "keep-failed",
      message: `the rollback of 003_nick.sql has kept data, and role \`${login.name}\` may not read pgwright.kept_data, which says where`,
      notes: expect.arrayContaining(["nothing was applied"]),
    });
  }
  const status = await json(["status"]);
  expect(status.body.findings).toMatchObject([
    {
      rule: "migrations/kept-unread",
      message: expect.stringContaining("the rollback of 003_nick.sql has kept data"),
      hint: expect.stringContaining("grant usage, create on schema pgwright to"),
    },
  ]);
  const first = await json(["migrate"]);
  await obey(first.body.error.hint);
  const second = await json(["migrate"]);
  expect(second.body.error).toMatchObject({
    code: "keep-failed",
    message: `pgwright.kept_1, in which the rollback of 002_nick.sql has kept data, does not belong to role \`${login.name}\`, which is to put them back`,
  });
  await obey(second.body.error.hint);
  expect((await run(["migrate"])).code).toBe(0);
  expect(await nicks()).toEqual(["a", "b"]);
});

test("--leave-kept goes on without what it may not read, and says so", async () => {
  await using ordinary = await withOrdinary();
  const { project, run, json, nicks, obey } = ordinary;
  await project.mustRun(["rollback", "--keep-data"]);
  const left = await run(["migrate", "--leave-kept"]);
  expect(left.code).toBe(0);
  expect(left.stderr).toContain("warning: the rollback of 002_nick.sql has kept data, and role");
  expect(left.stderr).toContain("grant select, insert, update, delete on pgwright.kept_data to");
  expect(await nicks()).toEqual([null, null]);

  // Nor can it keep there itself.
  const refused = await json(["rollback", "--keep-data"]);
  expect(refused.body.error).toMatchObject({
    code: "keep-failed",
    message: expect.stringContaining("may not write to pgwright.kept_data"),
    notes: ["nothing was rolled back"],
  });
  await obey(refused.body.error.hint);
  expect((await run(["rollback", "--keep-data"])).code).toBe(0);
});
