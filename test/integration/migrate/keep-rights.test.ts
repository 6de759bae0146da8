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
