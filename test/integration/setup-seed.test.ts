/** The rows that `setup` brings: where, when, and after an interrupt. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { migration, type MigrationProject, withMigrations } from "../support/migration-project.ts";

const schema = migration(
  `create table people (id int primary key, name text not null);
create table notes (id int primary key, person_id int not null references people, text text);
create materialized view totals as select count(*)::int as people from people;
create materialized view doubled as select 2 * people as people from totals with no data;
alter table people enable row level security;
alter table people force row level security;`,
  "drop materialized view doubled, totals; drop table notes, people;",
);

async function withSeeds(
  files: Readonly<Record<string, string>>,
  migrations: Readonly<Record<string, string>> = { "001_people.sql": schema },
  yaml = "migrations: {}\n",
): Promise<MigrationProject> {
  const project = await withMigrations(migrations, { yaml });
  await mkdir(join(project.path, "seeds"));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(project.path, "seeds", name), text);
  }
  return project;
}

const people = "tables:\n  public.people: { rows: 10 }\n  public.notes: { rows: 20 }\n";

test("--with-seed fills empty tables and then the views; a second run changes nothing", async () => {
  await using project = await withSeeds(
    { "people.yaml": people },
    undefined,
    "setup: { seed_scale: 0.5 }\n",
  );
  const first = await project.run(["setup", "--with-seed"]);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/filled 2 tables with 15 rows, and refreshed 2 materialized views/);
  expect(first.stdout).toMatch(/^public +2 +0 +2 +2 +15$/m);
  const rows = () => project.sql`
    select (select count(*)::int from people) as people, (select people from totals) as totals,
           (select people from doubled) as doubled, (select count(*)::int from notes) as notes`;
  expect(await rows()).toEqual([{ people: 5, totals: 5, doubled: 10, notes: 10 }]);
  const second = await project.json(["setup", "--with-seed"]);
  expect(second.body.result).toMatchObject({
    hasChanged: false,
    seeds: { state: "present", tables: [] },
    refreshed: [],
  });
  expect(await rows()).toEqual([{ people: 5, totals: 5, doubled: 10, notes: 10 }]);
});

test("elsewhere than on the embedded server nothing is filled unasked, and it is said", async () => {
  await using project = await withSeeds({ "people.yaml": people });
  const first = await project.run(["setup"]);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).toContain("`--with-seed` fills the tables");
  expect(first.stdout).toContain("refreshed 1 materialized view");
  expect(await project.sql`select from people`).toEqual([]);
  const second = await project.run(["setup"]);
  expect(second.stdout).toContain("nothing was changed");
  expect(second.stderr).not.toContain("--with-seed");
});

test("a dry run says that rows would follow, and does nothing", async () => {
  await using project = await withSeeds({ "people.yaml": people });
  const cold = await project.run(["setup", "--with-seed", "--dry-run"]);
  expect(cold.stdout).toMatch(/create table people.*-- then the rows of seeds\//s);
  await project.mustRun(["migrate"]);
  const warm = await project.run(["setup", "--with-seed", "--dry-run"]);
  expect(warm.stdout).toContain("-- then the rows of seeds/");
  expect(warm.stdout).toContain("REFRESH MATERIALIZED VIEW public.doubled;");
  expect(await project.sql`select from people`).toEqual([]);
});

test("a table with rows of its own keeps seeds away, unless they leave it out", async () => {
  await using project = await withSeeds(
    { "people.yaml": people },
    {
      "001_people.sql": schema,
      "002_countries.sql": migration(
        "create table countries (code text primary key); insert into countries values ('AT');",
        "drop table countries;",
      ),
    },
  );
  const kept = await project.json(["setup", "--with-seed"]);
  expect(kept.code, kept.stderr).toBe(0);
  expect(kept.stderr).toContain("there are rows in public.countries");
  expect(kept.body.result.seeds).toEqual({ state: "blocked", tables: [] });
  expect(await project.sql`select from people`).toEqual([]);
  await writeFile(
    join(project.path, "seeds", "people.yaml"),
    `${people}  public.countries: { rows: 0 }\n`,
  );
  const filled = await project.json(["setup", "--with-seed"]);
  expect(filled.body.result.seeds.state).toBe("filled");
  expect(await project.sql`select count(*)::int from people`).toEqual([{ count: 10 }]);
});

test("rows that are there already are kept as they are", async () => {
  await using project = await withSeeds({ "people.yaml": people });
  await project.mustRun(["migrate"]);
  await project.sql`insert into people values (1, 'Ann')`;
  const { body } = await project.json(["setup", "--with-seed"]);
  expect(body.result.seeds.state).toBe("present");
  expect(await project.sql`select name from people`).toEqual([{ name: "Ann" }]);
});

test("a mistake in a seed file is told before anything is changed", async () => {
  await using project = await withSeeds({
    "people.yaml": "tables: { public.people: { row: 1 } }\n",
  });
  const outcome = await project.run(["setup", "--with-seed"]);
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain("seeds/people.yaml:1:");
  expect(await project.sql`select from pg_class where relname = 'people'`).toEqual([]);
});

test("protected databases: refused when asked, left alone otherwise", async () => {
  await using project = await withSeeds(
    { "people.yaml": people },
    undefined,
    "environments:\n  live: { url: '${LIVE_URL}', protected: true }\n",
  );
  const live = { env: { LIVE_URL: project.database.url }, url: project.database.url };
  const byFile = await project.run(["setup", "--with-seed", "--env", "live"], live);
  expect(byFile.code).toBe(4);
  expect(byFile.stderr).toContain("says `protected: true`; nothing was changed");
  await project.mustRun(["db", "protect"]);
  const byMark = await project.run(["setup", "--with-seed"]);
  expect(byMark.code).toBe(4);
  expect(byMark.stderr).toMatch(/refusing to seed .* is protected/);
  expect(await project.sql`select from pg_class where relname = 'people'`).toEqual([]);
  const quiet = await project.json(["setup"]);
  expect(quiet.code, quiet.stderr).toBe(0);
  expect(quiet.body.result.seeds.state).toBe("not-asked");
});

test.for(["SIGINT", "SIGKILL"] as const)(
  "after %s among the rows, the next run goes on",
  async (signal) => {
    await using project = await withSeeds({
      "people.yaml": "tables:\n  public.people: { rows: 10 }\n  public.notes: { rows: 3000000 }\n",
    });
    const running = project.start(["setup", "--with-seed"]);
    await eventually(() => running.output.stderr.includes("✓ public.people"), "the first table");
    running.child.kill(signal);
    expect((await running.done).code).toBe(signal === "SIGINT" ? 130 : null);
    await writeFile(join(project.path, "seeds", "people.yaml"), people);
    const next = await project.json(["setup", "--with-seed"]);
    expect(next.code, next.stderr).toBe(0);
    expect(next.body.result.seeds.state).toBe("filled");
    expect(await project.sql`select people from totals`).toEqual([{ people: 10 }]);
    expect(await project.sql`select people from doubled`).toEqual([{ people: 20 }]);
  },
);

test("two at once fill the tables once", async () => {
  await using project = await withSeeds({ "people.yaml": people });
  await project.mustRun(["migrate"]);
  const outcomes = await Promise.all([1, 2].map(() => project.json(["setup", "--with-seed"])));
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
  const states: string[] = outcomes.map(({ body }) => body.result.seeds.state);
  expect(new Set(states)).toEqual(new Set(["filled", "present"]));
  expect(await project.sql`select count(*)::int from people`).toEqual([{ count: 10 }]);
});
