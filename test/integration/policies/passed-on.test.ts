/** Memberships and rights that came from somebody else than the owner, or were passed on. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PolicyProject } from "../../support/policy-project.ts";
import { withPolicies } from "../../support/policy-project.ts";

let project: PolicyProject;

beforeAll(async () => {
  project = await withPolicies({
    roles: ["owner", "app", "admin", "friend", "group"],
    yaml: "migrations:\n  role: $owner\n",
    migrations: {
      "001_t.sql":
        "-- migrate:up\ncreate schema s; create table s.t (id int primary key, v text);\n-- migrate:down\ndrop table s.t; drop schema s;\n",
    },
    policies: {
      "roles.sql": `CREATE ROLE $owner NOLOGIN; CREATE ROLE $app NOLOGIN; CREATE ROLE $group NOLOGIN;
CREATE ROLE $friend NOLOGIN; CREATE ROLE $admin NOLOGIN CREATEROLE;
GRANT pg_monitor TO $admin WITH ADMIN OPTION;
GRANT $group TO $friend;
GRANT USAGE ON SCHEMA s TO $app, $friend; GRANT SELECT ON s.t TO $app, $friend;`,
    },
  });
  await project.mustRun(["setup"]);
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
});

/** SQL with `$name` for roles. */
const run = (sql: string) =>
  project.sql.unsafe(sql.replaceAll(/\$(\w+)/g, (_, name: string) => project.role(name)));

async function prune(): Promise<string> {
  const { code, stdout, stderr } = await project.run(["policies", "apply", "--prune"]);
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("the database is as policies/ declares");
  expect(await project.drift()).toEqual([]);
  return stdout;
}

describe("policies apply --prune", () => {
  it("has nothing to do at first", async () => {
    expect(await project.drift()).toEqual([]);
  });

  it("revokes a membership that another administrator granted", async () => {
    await run("set role $admin; grant pg_monitor to $app; reset role");
    expect((await project.run(["policies", "apply"])).code).toBe(1);
    await prune();
    const [left] = await run(
      "select count(*)::int from pg_auth_members where member = '$app'::regrole",
    );
    expect(left?.["count"]).toBe(0);
  });

  it("takes an option that came from another administrator", async () => {
    await run(`grant $group to $admin with admin option; set role $admin;
      grant $group to $friend with admin option; reset role`);
    await prune();
    const rows = await run(
      "select admin_option as admin from pg_auth_members where member = '$friend'::regrole",
    );
    expect(rows.map(({ admin }) => admin as boolean)).toEqual([false]);
  });

  it("takes what was passed on before what it came from, and keeps what is declared", async () => {
    await run(`grant $group to $app with admin option; revoke $group from $friend;
      set role $app; grant $group to $friend; grant $group to $owner; reset role`);
    await prune();
    const rows = await run(
      "select pg_get_userbyid(member) as member from pg_auth_members where roleid = '$group'::regrole",
    );
    expect(rows.map(({ member }) => member as string)).toEqual([project.role("friend")]);
  });

  it("does so with rights on tables and columns", async () => {
    await run(`set role $owner; grant select, update on s.t to $group with grant option;
      grant usage on schema s to $group; revoke select on s.t from $friend;
      set role $group; grant select on s.t to $friend; grant update on s.t to $admin;
      grant update (v) on s.t to $app; reset role`);
    await prune();
    const [left] = await run("select relacl::text from pg_class where oid = 's.t'::regclass");
    expect(left?.["relacl"]).toContain(`${project.role("friend")}=r/${project.role("owner")}`);
  });

  it("leaves the option where an undeclared right hangs on it, without --prune", async () => {
    await run(`set role $owner; grant select on s.t to $app with grant option;
      set role $app; grant select on s.t to $admin; reset role`);
    const { code, stdout } = await project.run(["policies", "apply"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Nothing to do: \d findings left/);
    await prune();
  });
});

it("takes only the extra default right on types, and leaves PUBLIC its own", async () => {
  await run(`alter default privileges for role $owner in schema s grant select on tables to $admin;
    alter default privileges for role $owner grant usage on types to $admin`);
  await project.writePolicy(
    "rls/zz.sql",
    "ALTER DEFAULT PRIVILEGES FOR ROLE $owner IN SCHEMA s GRANT SELECT ON TABLES TO $app;",
  );
  await prune();
  const rows = await run(
    "select defaclobjtype::text as kind from pg_default_acl where defaclrole = '$owner'::regrole",
  );
  expect(rows.map(({ kind }) => kind as string)).toEqual(["r"]);
  await project.writePolicy("rls/zz.sql", "");
  await prune();
});

it("says what is still not as declared after everything has run", async () => {
  await run(`grant select on s.t to $admin;
    create function public.again() returns event_trigger language plpgsql as
      'begin grant select on s.t to $admin; end';
    create event trigger again on ddl_command_end when tag in ('REVOKE') execute function public.again()`);
  const { code, stdout } = await project.run(["policies", "apply", "--prune"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/Ran 1 statement: \d findings? left[^]*policies\/undone/);
  await run(
    "drop event trigger again; drop function public.again(); revoke select on s.t from $admin",
  );
});

it("tells an unknown role of a membership before anything runs", async () => {
  await project.writePolicy(
    "rls/zz.sql",
    "CREATE ROLE $app_new NOLOGIN;\nGRANT nosuchrole TO $app;\n",
  );
  const { code, stderr } = await project.run(["policies", "apply"]);
  expect(code).toBe(4);
  expect(stderr).toMatch(/no role nosuchrole[^]*zz\.sql:2:1/);
  const [found] = await run("select from pg_roles where rolname = '$app_new'");
  expect(found).toBeUndefined();
  await project.writePolicy("rls/zz.sql", "");
});
