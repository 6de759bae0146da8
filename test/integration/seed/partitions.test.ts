/** Rows find a partition: within the bounds of those that are there, or in those that are declared. */
import { expect, it } from "vitest";
import { readPartitions } from "../../../src/policies/partitions/declared.ts";
import { withDatabase } from "../../support/database.ts";
import { withPartitions } from "../../support/partition-project.ts";
import { runSeed } from "../../support/seed.ts";

it("keeps rows within ranges of several columns", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`
    create table a (id int, year int not null, month int not null) partition by range (year, month);
    create table a_1 partition of a for values from (2024, 3) to (2024, 7);
    create table b (id int, year int not null, month int not null) partition by range (year, month);
    create table b_1 partition of b for values from (2024, 7) to (2025, 1);
    create table c (id int, day date not null, number int not null) partition by range (day, number);
    create table c_1 partition of c for values from ('2025-01-01', minvalue) to ('2025-02-01', 5);
    create table c_2 partition of c for values from ('2025-02-01', 5) to ('2025-03-01', maxvalue);
    create table d ("Year" int not null, at timestamptz not null) partition by range ("Year", at);
    create table d_1 partition of d for values from (1, '2025-01-01') to (1, '2025-02-01');
    create table d_2 partition of d for values from (5, '2025-01-01') to (9, '2025-02-01');`);
  await runSeed(database);
  const [counts] = await database.sql`
    select (select count(*)::int from a) as a, (select count(*)::int from b) as b,
      (select count(*)::int from c) as c, (select count(*)::int from d_2) as d,
      (select count(*)::int from a where year = 2024 and month between 3 and 6) as in_a`;
  expect(counts).toEqual({ a: 100, b: 100, c: 100, d: 100, in_a: 100 });
});

it.for([
  [
    "create table t (id int) partition by range (id)",
    "create table public.t_default partition of public.t default;",
  ],
  [
    "create table t (id int) partition by hash (id); create table t_0 partition of t for values with (modulus 3, remainder 0); create table t_1 partition of t for values with (modulus 3, remainder 1)",
    "create table public.t_2 partition of public.t for values with (modulus 3, remainder 2);",
  ],
  [
    "create table t (id int, kind int) partition by range (id); create table t_1 partition of t for values from (0) to (1000) partition by list (kind)",
    "create table public.t_1_default partition of public.t_1 default;",
  ],
] as const)("refuses a table without place for a row: %s", async ([ddl, statement]) => {
  await using database = await withDatabase();
  await database.sql.unsafe(ddl);
  await expect(runSeed(database)).rejects.toThrow(statement);
  // What is to be typed next helps.
  await database.sql.unsafe(statement);
  expect((await runSeed(database)).loaded).toMatchObject([{ rows: 100 }]);
});

it("makes the declared partitions that the data needs", async () => {
  await using project = await withPartitions(
    `create table posts (id uuid not null default gen_random_uuid(), created_at timestamptz not null, body text, primary key (id, created_at)) partition by range (created_at);
     create table kept (id int primary key) partition by hash (id);`,
    `public.posts:\n  by: range\n  column: created_at\n  every: month\n  horizon: 30d\npublic.kept:\n  by: hash\n  modulus: 2\n`,
  );
  const dry = await project.json(["seed", "--dry-run"]);
  expect(dry.code).toBe(0);
  expect(dry.body.result.partitions).toHaveLength(27);
  expect(await project.leaves("posts")).toEqual([]);
  const { code, body, stderr } = await project.json(["seed"]);
  expect(code, stderr).toBe(0);
  expect(body.result.partitions).toEqual(dry.body.result.partitions);
  const leaves = await project.leaves("posts");
  expect(leaves.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["posts_2024_01", "posts_2025_12", "posts_2026_01"]),
  );
  const [row] = await project.sql`select count(*)::int as n from posts`;
  expect(row).toEqual({ n: 100 });
});

it("says which rows keep a partition from being made", async () => {
  await using project = await withPartitions(
    `create table posts (id int primary key generated always as identity, body text);
     create table events (id int not null, created_at timestamptz not null) partition by range (created_at);
     create table events_default partition of events default;
     insert into events values (1000, '2025-06-06');`,
    `public.events:\n  by: range\n  column: created_at\n  every: month\n  horizon: 30d\n  default: true\n`,
  );
  const { declared } = await readPartitions(`${project.path}/policies`);
  const messages: string[] = [];
  const result = await runSeed(project.database, {
    partitions: declared,
    append: true,
    events: (event) => {
      if (event.type === "notice") messages.push(event.message);
    },
  });
  expect(result.partitions.map(({ partition }) => partition)).not.toContain(
    "public.events_2025_06",
  );
  expect(messages).toMatchObject([expect.stringContaining("keep events_2025_06 from being made")]);
});
