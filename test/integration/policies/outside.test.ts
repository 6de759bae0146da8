/** Rights of declared roles where no file compares them, and files that name what is not theirs. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../../src/findings.ts";
import { planPolicies } from "../../../src/policies/plan.ts";
import { readPolicies } from "../../../src/policies/policies.ts";
import { connectTo } from "../../support/connection.ts";
import type { PolicyProject } from "../../support/policy-project.ts";
import { withPolicies } from "../../support/policy-project.ts";

const roles = `CREATE ROLE $owner NOLOGIN BYPASSRLS; CREATE ROLE $app NOLOGIN; CREATE ROLE $login LOGIN;
GRANT $app TO $login; GRANT $group TO $app;
GRANT USAGE ON SCHEMA shop TO $app;
ALTER DEFAULT PRIVILEGES FOR ROLE $owner IN SCHEMA shop GRANT SELECT ON TABLES TO $app;
`;

let shop: PolicyProject;

beforeAll(async () => {
  shop = await withPolicies({
    roles: ["owner", "app", "login", "group", "other"],
    yaml: "migrations:\n  role: $owner\n",
    migrations: {
      "001_shop.sql": `-- migrate:up
create schema shop; create table shop.t (id int primary key);
-- migrate:down
drop table shop.t; drop schema shop;
`,
    },
    policies: { "roles.sql": roles },
  });
  // Roles are the cluster's: a group that no file declares.
  await shop.sql.unsafe(named(`create role $group; create role $other`));
  await shop.mustRun(["setup", "-q"]);
});

afterAll(async () => {
  await shop[Symbol.asyncDispose]();
});

const real = ["owner", "app", "login", "group", "other"] as const;

function named(sql: string): string {
  return real.reduce((text, name) => text.replaceAll(`$${name}`, shop.role(name)), sql);
}

function plain(text: string): string {
  return real.reduce((all, name) => all.replaceAll(shop.role(name), name), text);
}

/** As `policies check` finds them. */
async function findings() {
  const directory = join(shop.path, "policies");
  await using session = await connectTo(shop.database.url, { writes: true });
  const plan = await planPolicies(session, await readPolicies(directory), {
    ownerRole: shop.role("owner"),
    ledger: { schema: "public", table: "schema_migrations" },
    lint: { directory, shownDirectory: "policies" },
  });
  return plan.findings.filter(({ rule }) => /outside-right|ignore-unused/.test(rule));
}

/** What the hint says to run. */
const fixOf = ({ hint = "" }: Finding) =>
  [...hint.matchAll(/`([^`]*;)`/g)].map(([, sql]) => sql).join(" ");

describe("a right where no file compares rights", () => {
  it("is none before anything is granted", async () => {
    expect(await findings()).toEqual([]);
  });

  it.each([
    [
      "grant select on pg_catalog.pg_authid to $app",
      "app holds SELECT on pg_catalog.pg_authid: it holds the hashes of all passwords",
    ],
    [
      "grant select (rolpassword), update (rolname, rolpassword) on pg_authid to $login",
      "login holds SELECT (rolpassword), UPDATE (rolname, rolpassword) on pg_catalog.pg_authid: it holds the hashes of all passwords",
    ],
    [
      "grant select on pg_shadow to public",
      "PUBLIC holds SELECT on pg_catalog.pg_shadow: it shows the hashes of all passwords",
    ],
    [
      "grant execute on function pg_read_file(text) to $group",
      "group, which app belongs to, holds EXECUTE on pg_catalog.pg_read_file(text): it reads the server's files or directories",
    ],
    [
      "grant execute on function lo_export(oid, text) to $app",
      "app holds EXECUTE on pg_catalog.lo_export(oid, text): it writes files on the server",
    ],
    [
      "grant insert on pg_catalog.pg_class to $app",
      "app holds INSERT on pg_catalog.pg_class: PostgreSQL gives that to nobody",
    ],
    [
      `create schema "Old"; create table "Old".a (id int); create table "Old".b (id int);
       create function "Old".open() returns int language sql as 'select 1';
       grant select, insert on "Old".a to $app; grant update (id) on "Old".b to $app;
       grant execute on function "Old".open() to $app`,
      `app holds INSERT, SELECT, UPDATE (id) on 2 objects of schema "Old": no file of policies/ names that schema`,
    ],
    [
      "create schema many; create table many.a (); create table many.b (); create table many.c (); create table many.d (); create table many.e (); grant select on all tables in schema many to $app",
      "app holds SELECT on 5 objects of schema many: no file of policies/ names that schema",
    ],
    [
      "create schema shut; create function shut.f() returns int language sql as 'select 1'; revoke execute on function shut.f() from public; grant execute on function shut.f() to $app",
      "app holds EXECUTE on shut.f(): no file of policies/ names that schema",
    ],
    [
      "create schema free; grant create on schema free to $app",
      "app holds CREATE on schema free: no file of policies/ says so",
    ],
    [
      "create foreign data wrapper w; grant usage on foreign data wrapper w to $app",
      "app holds USAGE on foreign data wrapper w: no file of policies/ says so",
    ],
    [
      `create foreign data wrapper w2; create server "S" foreign data wrapper w2; grant usage on foreign server "S" to public`,
      `PUBLIC holds USAGE on foreign server "S": no file of policies/ says so`,
    ],
    [
      "select lo_create(4711), lo_create(4712); grant select, update on large object 4711, 4712 to $app",
      "app holds SELECT, UPDATE on 2 large objects: 4711, 4712: no file of policies/ says so",
    ],
    [
      "set role $login; select lo_create(4713); reset role",
      "login owns large object 4713: whatever is in it has no policies and is not audited",
    ],
    [
      "alter default privileges for role $other grant select on tables to $app; create schema later; alter default privileges for role $other in schema later grant usage on sequences to $app",
      "app gets SELECT on tables, USAGE on sequences in later that other will create: no file of policies/ says so",
    ],
    [
      "grant pg_read_server_files to $group; alter role $group createdb",
      "group, which app belongs to, is CREATEDB and is a member of pg_read_server_files: no file of policies/ declares it",
    ],
    [
      "create extension pg_stat_statements with schema shop; grant execute on function shop.pg_stat_statements_reset to $app",
      "app holds EXECUTE on shop.pg_stat_statements_reset(…): the extension pg_stat_statements gives that to nobody",
    ],
  ])("is told, and its hint takes it away: %s", async (sql, message) => {
    await shop.sql.unsafe(named(sql));
    const told = await findings();
    expect(told).toHaveLength(1);
    const [one] = told;
    expect(one?.severity).toBe("warning");
    // The arguments of the extension's function depend on its version.
    expect(plain(one?.message ?? "").replaceAll(/\(userid .*?\)/g, "(…)")).toBe(message);
    await shop.writePolicy(
      "lint.yaml",
      `ignore:\n  policies/outside-right:\n    ${JSON.stringify(one?.object)}: { reason: meant so }\n`,
    );
    expect(await findings()).toEqual([]);
    await shop.writePolicy("lint.yaml", "ignore: {}\n");
    if (one) await shop.sql.unsafe(fixOf(one));
    expect(await findings()).toEqual([]);
  });

  it("is neither pruned nor a reason to exit with 1", async () => {
    await shop.sql.unsafe(named("grant select on pg_authid to $app"));
    expect((await shop.run(["policies", "apply", "--prune"])).code).toBe(0);
    const { code, stdout } = await shop.run(["policies", "check"]);
    expect(code).toBe(0);
    expect(plain(stdout)).toContain("warning: app holds SELECT on pg_catalog.pg_authid");
    await shop.sql.unsafe(named("revoke select on pg_authid from $app"));
  });

  it("of a group passed on is taken back as who passed it on", async () => {
    await shop.sql.unsafe(
      named(`create schema passed; create table passed.t (id int); grant usage on schema passed to $other;
        grant select on passed.t to $other with grant option;
        set role $other; grant select on passed.t to $app; reset role`),
    );
    const [one] = await findings();
    expect(plain(one?.hint ?? "")).toContain(
      "as other: `REVOKE SELECT ON TABLE passed.t FROM app;`",
    );
    await shop.sql`drop schema passed cascade`;
  });
});

describe("a file that names", () => {
  it.each([
    [
      "GRANT SELECT ON pg_catalog.pg_authid TO $app;",
      "pg_catalog is PostgreSQL's own: what belongs to it cannot be declared",
    ],
    [
      "GRANT USAGE ON SCHEMA information_schema TO $app;",
      "information_schema is PostgreSQL's own: what belongs to it cannot be declared",
    ],
    [
      "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO $app;",
      "pg_catalog is PostgreSQL's own: what belongs to it cannot be declared",
    ],
    [
      "ALTER DEFAULT PRIVILEGES IN SCHEMA pg_catalog GRANT SELECT ON TABLES TO $app;",
      "pg_catalog is PostgreSQL's own: what belongs to it cannot be declared",
    ],
    [
      "ALTER TABLE pg_catalog.pg_class ENABLE ROW LEVEL SECURITY;",
      "pg_catalog is PostgreSQL's own: what belongs to it cannot be declared",
    ],
    [
      "GRANT SELECT ON shop.pg_stat_statements TO $app;",
      "shop.pg_stat_statements belongs to the extension pg_stat_statements: rights on its objects cannot be declared",
    ],
  ])("what is not the project's is refused: %s", async (sql, message) => {
    await shop.writePolicy("roles.sql", `${roles}${sql}\n`);
    const { code, stderr } = await shop.run(["policies", "apply", "--prune"]);
    expect(code).toBe(4);
    expect(stderr).toContain(message);
    expect(stderr).toContain("roles.sql:5:1");
    const [{ may } = {}] = await shop.sql`
      select has_table_privilege('public', 'pg_catalog.pg_class', 'select') as may`;
    expect(may).toBe(true);
    await shop.writePolicy("roles.sql", roles);
  });

  it("only a function of a schema makes that schema the files' business", async () => {
    await shop.sql.unsafe(
      named(`create function public.f(int) returns int language sql as 'select 1';
        alter function public.f(int) owner to $owner`),
    );
    await shop.writePolicy(
      "roles.sql",
      `${roles}REVOKE EXECUTE ON FUNCTION public.f(int) FROM PUBLIC;\n`,
    );
    await shop.mustRun(["policies", "apply", "-q"]);
    const [row] = await shop.sql`
      select has_function_privilege(${shop.role("app")}, 'public.f(int)', 'execute') as may`;
    expect(row).toEqual({ may: false });
    await shop.writePolicy("roles.sql", roles);
  });
});
