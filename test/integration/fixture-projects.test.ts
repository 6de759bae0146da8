import { expect, test } from "vitest";
import { readMigrations } from "../../src/migrate/file.ts";
import { withDatabase } from "../support/database.ts";
import { connectTo } from "../support/fitnesshub.ts";

/** Up and down sections of a fixture project, by version. */
async function readProject(name: string) {
  const directory = new URL(`../fixtures/projects/${name}/migrations`, import.meta.url).pathname;
  const { migrations, findings } = await readMigrations(directory);
  expect(findings).toEqual([]);
  return migrations.map((migration) => {
    if (migration.kind !== "sql" || !migration.sections.down) throw new Error(migration.name);
    return { up: migration.sections.up.text, down: migration.sections.down.text };
  });
}

const columns = `
  select attname || ' ' || format_type(atttypid, atttypmod) as column from pg_attribute
  where attrelid = 'users'::regclass and attnum > 0 and not attisdropped order by attnum`;

test("middle_name: the column comes last and goes without a trace", async () => {
  await using database = await withDatabase();
  const sql = connectTo(database, 1);
  const [create, add] = await readProject("middle_name");
  await sql.unsafe(create?.up ?? "");
  const before = await sql.unsafe(columns);
  await sql`insert into users (first_name, last_name) values ('Ann', 'Example')`;
  await sql.unsafe(add?.up ?? "");
  expect((await sql.unsafe(columns)).at(-1)).toEqual({
    column: "middle_name character varying(100)",
  });
  await sql.unsafe(add?.down ?? "");
  expect(await sql.unsafe(columns)).toEqual(before);
  expect(await sql`select first_name, last_name from users`).toEqual([
    { first_name: "Ann", last_name: "Example" },
  ]);
  await sql.end();
});

test("full_name: split into two and back keeps every character of every name", async () => {
  await using database = await withDatabase();
  const sql = connectTo(database, 1);
  const [create, split] = await readProject("full_name");
  await sql.unsafe(create?.up ?? "");
  const before = await sql.unsafe(columns);
  const long = "x".repeat(101);
  const names: [name: string | null, first: string | null, last: string | null][] = [
    ["Ann Example", "Ann", "Example"],
    ["Anna Maria van der Berg", "Anna Maria van der", "Berg"],
    ["Prince", "Prince", null],
    ["Two  blanks", "Two ", "blanks"],
    ["Blank after ", "Blank after", ""],
    [" Before", "", "Before"],
    [" ", "", ""],
    ["", "", null],
    [null, null, null],
    ["Zoë 山田", "Zoë", "山田"],
    [`A ${long}`, `A ${long}`, null],
    ["Line\nbreak Name", "Line\nbreak", "Name"],
  ];
  for (const [name] of names) await sql`insert into users (full_name) values (${name})`;

  await sql.unsafe(split?.up ?? "");
  const halves = await sql`select first_name, last_name from users order by id`;
  expect(halves.map((row) => [row["first_name"], row["last_name"]])).toEqual(
    names.map(([, first, last]) => [first, last]),
  );

  // Rows written after the split have no old form, but lose nothing either.
  await sql`insert into users (first_name, last_name) values ('New', 'Person'), (null, 'Only')`;
  await sql.unsafe(split?.down ?? "");
  expect(await sql.unsafe(columns)).toEqual(before);
  const back = await sql`select full_name from users order by id`;
  expect(back.map((row) => row["full_name"])).toEqual([
    ...names.map(([name]) => name),
    "New Person",
    "Only",
  ]);
  await sql.end();
});
