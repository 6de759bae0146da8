/** A test database is what `setup` would have made, with what CREATE DATABASE … TEMPLATE leaves behind. */
import { expect, test } from "vitest";
import { serverUrl } from "../../support/database.ts";
import { migration } from "../../support/migration-project.ts";
import { withTestdbProject } from "../../support/testdb-project.ts";

test("settings and rights of the database are those of its template", async () => {
  await using project = await withTestdbProject();
  const { role, sql } = project;
  await sql.unsafe(`create role ${role} login`);
  const onDatabase = (statement: string) =>
    `do $$ begin execute format('${statement}', current_database()); end $$;`;
  await project.write(
    "migrations/002_settings.sql",
    migration(
      [
        onDatabase('alter database %I set search_path = "Odd name", public'),
        onDatabase(`alter role ${role} in database %I set work_mem = ''7MB''`),
        onDatabase("revoke connect on database %I from public"),
        onDatabase(`grant connect, create on database %I to ${role} with grant option`),
        onDatabase("alter database %I connection limit 17"),
      ].join("\n"),
      "select 1;",
    ),
  );
  const { databases, template } = await project.result("create");
  const [{ name, url }] = databases;
  const properties = await sql`
    select datconnlimit, datdba, encoding, datcollate,
           (select array_agg(a::text order by a::text) from unnest(datacl) a)::text as acl,
           (select array_agg(setrole::text || setconfig::text order by setrole) from pg_db_role_setting s
            where s.setdatabase = d.oid)::text as settings
    from pg_database d where datname in (${name}, ${template.name})`;
  const [one, other] = properties;
  expect(one).toEqual(other);
  expect(one?.["datconnlimit"]).toBe(17);
  expect(one?.["settings"]).toContain("7MB");
  expect(one?.["acl"]).toContain(`${role}=C*c*`);
  expect(await project.connect(url)`show search_path`).toEqual([
    { search_path: '"Odd name", public' },
  ]);
  await sql.unsafe(`drop database "${name}" with (force)`);
  await sql.unsafe(`drop database "${template.name}"`);
});

test("its schema is the one that setup makes", async () => {
  await using project = await withTestdbProject();
  const { databases } = await project.result("create");
  const made = `pgwright_setup_${databases[0].name.slice(9, 15)}`;
  const url = databases[0].url.replace(databases[0].name, made);
  try {
    const outcome = await project.run(["setup", "--url", url]);
    expect(outcome.code, outcome.stderr).toBe(0);
    const dumps = await Promise.all(
      [url, databases[0].url].map((one) => project.run(["dump", "--url", one])),
    );
    expect(dumps[0]?.stdout).toContain("CREATE TABLE");
    expect(dumps[1]?.stdout).toBe(dumps[0]?.stdout);
    const checked = await project.run(["status", "--exit-code", "--url", databases[0].url]);
    expect(checked.code, checked.stderr).toBe(0);
  } finally {
    await project.sql.unsafe(`drop database if exists ${made} with (force)`);
  }
});

test("a role with no right but CREATEDB has templates of its own", async () => {
  await using project = await withTestdbProject();
  const { template } = await project.result("create");
  const { role } = project;
  await project.sql.unsafe(`create role ${role} login createdb password 'x'`);
  const url = new URL(serverUrl());
  url.username = role;
  url.password = "x";
  const own = await project.result("create", "--url", url.href);
  expect(own.template.isBuilt).toBe(true);
  expect(own.template.name).not.toBe(template.name);
  const [{ url: made, name }] = own.databases;
  const client = project.connect(made);
  await client`insert into notes values (2, 'mine')`;
  await client.end();
  expect(await project.result("drop", "--url", url.href, name)).toEqual({ dropped: [name] });
  await project.sql.unsafe(`drop database ${own.template.name}`);
});

test("with --seeds, every copy has the same data", async () => {
  await using project = await withTestdbProject({
    "seeds/notes.yaml": "tables:\n  public.notes:\n    rows: 5\n",
    "seeds/first.sql": "delete from notes;\n",
  });
  const bare = await project.result("create");
  const { template, databases } = await project.result("create", "--seeds", "--count", "2");
  expect(template.name).not.toBe(bare.template.name);
  const rows = await Promise.all(
    databases.map(
      ({ url }: { url: string }) => project.connect(url)`select * from notes order by id`,
    ),
  );
  expect(rows[0]).toHaveLength(5);
  expect(rows[1]).toEqual(rows[0]);
  const twice = await project.result("create", "--seeds", "--scale", "2");
  expect(twice.template.isBuilt).toBe(true);
  await project.write("seeds/notes.yaml", "tables:\n  public.notes:\n    rows: 6\n");
  expect((await project.result("create", "--seeds")).template.isBuilt).toBe(true);
  expect((await project.result("create")).template.isBuilt).toBe(false);
});

test("a large template is copied as files, with the same rows", async () => {
  await using project = await withTestdbProject({
    "migrations/002_large.sql": migration(
      "create table large as select g as id, repeat('x', 1000) as filler from generate_series(1, 160000) g;",
      "drop table large;",
    ),
  });
  await project.result("create");
  const { stdout } = await project.run(["testdb", "create", "--dry-run"]);
  expect(stdout).toMatch(/^CREATE DATABASE \S+ OWNER \S+ TEMPLATE \S+ STRATEGY FILE_COPY;/);
  const { databases } = await project.result("create", "--count", "2");
  for (const { url } of databases) {
    expect(await project.connect(url)`select count(*)::int, sum(id)::text from large`).toEqual([
      { count: 160000, sum: "12800080000" },
    ]);
  }
});
