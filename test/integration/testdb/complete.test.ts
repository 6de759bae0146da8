/** A test database is what `setup` would have made, with what CREATE DATABASE … TEMPLATE leaves behind. */
import { expect, test } from "vitest";
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
    select datname as name, datconnlimit, datdba, encoding, datcollate,
           (select array_agg(a::text order by a::text) from unnest(datacl) a)::text as acl,
           (select array_agg(setrole::text || setconfig::text order by setrole) from pg_db_role_setting s
            where s.setdatabase = d.oid)::text as settings
    from pg_database d where datname in (${name}, ${template.name})`;
  const [one, other] = properties.map(({ name: _, ...rest }) => rest);
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
