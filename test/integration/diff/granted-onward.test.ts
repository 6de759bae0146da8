/** Rights that a role has granted onward are taken back as that role, before those it has them by. */
import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { withMigrations } from "../../support/migration-project.ts";

const before = `create schema s; create table s.nn (id int primary key, a text, b text);
  create function s.f() returns int language sql as 'select 1';`;

/** Roles of this test alone, in the order of their names. */
async function withRoles(names: readonly string[]) {
  const own = `r${randomBytes(5).toString("hex")}`;
  const roles = names.map((name) => `${own}_${name}`);
  const run = async (sql: (role: string) => string) => {
    await using database = await withDatabase();
    await database.sql.unsafe(roles.map(sql).join("; ")).simple();
  };
  await run((role) => `create role ${role}`);
  return { roles, [Symbol.asyncDispose]: () => run((role) => `drop role ${role}`) };
}

test("rights granted onward by names out of their order, on tables, columns, schemas and functions", async () => {
  await using project = await withMigrations({});
  await using made = await withRoles(["a", "b", "c", "z"]);
  const [first, second, third, fourth] = made.roles;
  const grants = `${before}
    grant usage on schema s to ${fourth} with grant option;
    set role ${fourth}; grant usage on schema s to ${first}, ${second} with grant option; reset role;
    grant select on s.nn to ${fourth} with grant option;
    set role ${fourth}; grant select on s.nn to ${first} with grant option; reset role;
    set role ${first}; grant select on s.nn to ${second} with grant option; reset role;
    set role ${second}; grant select on s.nn to ${third}; reset role;
    grant update (a, b) on s.nn to ${first} with grant option;
    set role ${first}; grant update (a, b) on s.nn to ${third}; reset role;
    grant execute on function s.f() to ${first} with grant option;
    set role ${first}; grant execute on function s.f() to ${second}; reset role;`;
  await using one = await withDatabase();
  await using other = await withDatabase();
  await one.sql.unsafe(grants).simple();
  await other.sql.unsafe(before).simple();

  for (const [from, to] of [
    [one.url, other.url],
    [other.url, one.url],
  ] as const) {
    await using copy = await withDatabase();
    await copy.sql.unsafe(from === one.url ? grants : before).simple();
    const script = (await project.run(["diff", from, to, "--sql"])).stdout;
    expect(script).not.toContain("left out");
    await copy.sql.unsafe(script).simple();
    const after = await project.json(["diff", copy.url, to]);
    expect(after.body.result.differences).toEqual([]);
  }

  // One of them loses a part of what it gave, and the option.
  await using less = await withDatabase();
  await less.sql
    .unsafe(
      `${grants} set role ${second}; revoke select on s.nn from ${third}; reset role;
       set role ${first}; revoke grant option for select on s.nn from ${second}; reset role;`,
    )
    .simple();
  const script = (await project.run(["diff", one.url, less.url, "--sql"])).stdout;
  await one.sql.unsafe(script).simple();
  expect((await project.json(["diff", one.url, less.url])).body.result.differences).toEqual([]);
});
