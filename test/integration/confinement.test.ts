/** Old migrations run again in throwaway databases on a server where others live: nothing of theirs may change. */
import { randomBytes } from "node:crypto";
import { access, chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { serverUrl } from "../support/database.ts";
import { migration, withMigrations } from "../support/migration-project.ts";

const role = `svc_${randomBytes(6).toString("hex")}`;
const clean = "files and database have the same schema\n";
let admin: postgres.Sql;

beforeAll(() => {
  admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
});
afterAll(() => admin.end());
afterEach(async () => {
  await admin.unsafe(`drop role if exists ${role}`);
});

/** What a DBA has made of the role. */
async function rotate(): Promise<unknown> {
  await admin.unsafe(`create role ${role}; alter role ${role} nologin password 'rotated'`);
  return state();
}

async function state(): Promise<unknown> {
  return (
    await admin`
      select a.rolcanlogin, a.rolpassword, (select setconfig::text from pg_db_role_setting where setrole = a.oid) as settings,
        (select json_agg(g.roleid::regrole) from pg_auth_members g where g.member = a.oid) as groups
      from pg_authid a where a.rolname = ${role}`
  )[0];
}

const ensure = `do $$ begin
  if not exists (select from pg_roles where rolname = '${role}') then create role ${role}; end if;
  alter role ${role} login password 'initial';
end $$;`;

const hiding: Record<string, string> = {
  "a DO block": `create table before_it (id int); ${ensure} create table t (id int);`,
  "one in a subtransaction": `do $$ begin
      begin alter role ${role} login; exception when undefined_table then null; end;
    end $$;
    create table t (id int);`,
  "a function": `create function make_it() returns void language plpgsql as $$ begin execute 'alter role ${role} login'; end $$;
    select make_it(); create table t (id int);`,
  "a trigger": `create table names (name text);
    create function on_name() returns trigger language plpgsql as $$ begin
      execute format('grant pg_monitor to %I', new.name); return new; end $$;
    create trigger t before insert on names for each row execute function on_name();
    insert into names values ('${role}'); create table t (id int);`,
  settings: `do $$ begin alter role ${role} set work_mem = '7MB'; end $$; create table t (id int);`,
};

describe.each(Object.entries(hiding))("a role that %s changes", (_, up) => {
  let before: unknown;
  beforeEach(async () => {
    before = await rotate();
  });

  test("is as it was after drift, diff and baseline", async () => {
    await using project = await withMigrations({ "001_role.sql": migration(up, "select 1;") });
    await project.mustRun(["migrate"]);
    await admin.unsafe(
      `alter role ${role} reset all; revoke pg_monitor from ${role}; alter role ${role} nologin password 'rotated'`,
    );
    before = await state();
    const drift = await project.run(["drift"]);
    expect(drift.stdout).toBe(clean);
    expect(drift.stderr).toMatch(
      /001_role\.sql: not run, because it reaches beyond the throwaway database \(.*would change\): /,
    );
    expect(drift.stderr).toContain(role);
    expect(await state()).toEqual(before);

    expect((await project.run(["diff", "files", "database"])).stdout).toBe(clean);
    expect(await state()).toEqual(before);

    await project.sql`drop table schema_migrations, schema_migrations_log`;
    expect((await project.run(["baseline", "--at", "001"])).code).toBe(0);
    expect(await state()).toEqual(before);
  });

  test("is as it was after test", async () => {
    await using project = await withMigrations({ "001_role.sql": migration(up, up) });
    const { body } = await project.json(["test"], { env: { TEST_DATABASE_URL: serverUrl() } });
    const told = body.findings.filter(({ rule }: { rule: string }) => rule === "test/left-out");
    expect(told[0].message).toMatch(
      /^left out, because it reaches beyond a throwaway database \(.*would change\): /,
    );
    expect(await state()).toEqual(before);
  });
});

test("a role that is not there is made, changed and told", async () => {
  await using project = await withMigrations({ "001_role.sql": migration(ensure, "select 1;") });
  const { code, stderr } = await project.run(["diff", "files", "database"]);
  expect(code).toBe(0);
  expect(stderr).not.toContain("not run");
  expect(stderr).toContain(`is on the server now and stays: DROP ROLE ${role};`);
});

describe("outside of a transaction", () => {
  const outside = (up: string) =>
    `-- migrate:up transaction:false\n${up}\n-- migrate:down\nselect 1;\n`;

  test.each([
    ["a block", ensure],
    ["a block that commits", `do $$ begin commit; alter role ${role} login; end $$;`],
  ])("%s changes nothing", async (_, up) => {
    const before = await rotate();
    await using project = await withMigrations({ "001_role.sql": outside(up) });
    const { code, stderr } = await project.run(["diff", "files", "database"]);
    expect(code).toBe(0);
    expect(stderr).toContain("001_role.sql: not run, because it reaches beyond");
    expect(await state()).toEqual(before);
  });

  test("what commits and does no harm runs", async () => {
    await using project = await withMigrations({
      "001_t.sql": outside(
        "do $$ begin create table one (id int); commit; create table two (id int); end $$;",
      ),
    });
    const { stdout, stderr } = await project.run(["diff", "database", "files"]);
    expect(stdout).toContain("table public.two");
    expect(stderr).not.toContain("not run");
  });

  test("a failure has its place", async () => {
    await using project = await withMigrations({ "001_t.sql": outside("select 1;\nselect nope;") });
    const { body } = await project.json(["diff", "database", "files"]);
    expect(body.error.at).toMatchObject({ line: 3, column: 8 });
  });
});

test("a failure behind a statement that is left out has its place", async () => {
  await rotate();
  await using project = await withMigrations({
    "001_t.sql": migration(
      `do $$ begin alter role ${role} login; end $$;\nselect nope;`,
      "select 1;",
    ),
  });
  const { body } = await project.json(["diff", "database", "files"]);
  expect(body.error.at).toMatchObject({ line: 3, column: 8 });
});

describe("what no transaction takes back is not run", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "pgwright beyond "));
    await chmod(folder, 0o777); // the server may run as another user
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("slots and origins, also by a function or a block", async () => {
    const slot = role;
    await using project = await withMigrations({
      "001_slot.sql": migration(
        `-- a comment
         select pg_create_physical_replication_slot('${slot}');
         select pg_replication_origin_create('${slot}');
         do $$ begin perform pg_create_physical_replication_slot('${slot}'); end $$;
         do $$ begin /* as pg_reload_conf() does */ create table t (id int); create table dblink (id int); end $$;
         create function make_slot() returns void language sql as $$ select pg_create_physical_replication_slot('${slot}') $$;
         create function make_both() returns void language plpgsql as $$ begin perform make_slot(); end $$;
         create view slots as select make_both()::text as made;
         select make_both();`,
        "select 1;",
      ),
    });
    const { code, stdout, stderr } = await project.run(["diff", "database", "files"]);
    expect(stderr).not.toContain("error");
    expect(code).toBe(0);
    expect(stderr.match(/001_slot\.sql: not run/g)).toHaveLength(4);
    expect(stdout).toContain("table public.t");
    expect(stdout).toContain("view public.slots");
    expect(await admin`select from pg_replication_slots where slot_name = ${slot}`).toEqual([]);
    expect(await admin`select from pg_replication_origin where roname = ${slot}`).toEqual([]);
  });

  test("files and programs of the server", async () => {
    const file = join(folder, "rows.csv");
    await using project = await withMigrations({
      "001_copy.sql": migration(
        `create table t (id int);
         copy t to '${file}'; copy t to program 'cat > "${file}"'; copy t from program 'touch "${file}"';
         do $$ begin execute format('copy t to %L', '${file}'); end $$;`,
        "select 1;",
      ),
    });
    await project.mustRun(["migrate"]);
    await rm(file);
    const { stdout, stderr } = await project.run(["drift"]);
    expect(stdout).toBe(clean);
    expect(stderr.match(/001_copy\.sql: not run/g)).toHaveLength(4);
    await expect(access(file)).rejects.toThrow("ENOENT");
  });
});

test("a repeatable file is held back as well", async () => {
  const before = await rotate();
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int);", "drop table t;"),
    "R_role.sql": `alter role ${role} login;\ndo $$ begin alter role ${role} login; end $$;\n`,
  });
  const { stderr } = await project.run(["diff", "database", "files"]);
  expect(stderr.match(/R_role\.sql: not run/g)).toHaveLength(2);
  expect(await state()).toEqual(before);
});

test("a role that may not see passwords changes none", async () => {
  const maker = `maker_${role}`;
  await admin.unsafe(`create role ${maker} login password 'x' createrole createdb`);
  const own = postgres(serverUrl(), { max: 1, username: maker, password: "x", onnotice: () => {} });
  try {
    await own.unsafe(`create role ${role} login password 'rotated'`);
    const before = await state();
    await using project = await withMigrations({
      "001_role.sql": migration(
        `do $$ begin alter role ${role} password 'initial'; end $$;`,
        "select 1;",
      ),
    });
    const url = new URL(project.database.url);
    url.username = maker;
    url.password = "x";
    await project.sql.unsafe(`grant all on schema public to ${maker}`);
    const { stderr } = await project.run(["diff", "files", "database"], { url: url.href });
    expect(stderr).toContain("perhaps its password");
    expect(await state()).toEqual(before);
  } finally {
    await own.end();
    await admin.unsafe(`drop role if exists ${role}`);
    await admin.unsafe(`drop role if exists ${maker}`);
  }
});
