import { expect, it } from "vitest";
import { withPartitions } from "../../support/partition-project.ts";

it("lists what is declared and what is not, with coverage, holes, rows in default and bounds", async () => {
  await using project = await withPartitions(
    `create table a (id int, at timestamptz) partition by range (at);
     create table a_2031_01 partition of a for values from ('2031-01-01 00:00+00') to ('2031-02-01 00:00+00');
     create table a_2031_03 partition of a for values from ('2031-03-01 00:00+00') to ('2031-04-01 00:00+00');
     create table a_default partition of a default;
     insert into a select n, timestamptz '2031-02-01 00:00+00' + n * interval '1 day' from generate_series(1, 3) n;
     create table b (x int, y int) partition by range (x, y);
     create table b_1 partition of b for values from (1, 1) to (2, 2);
     analyze a;`,
    "public.a: {by: range, column: at, every: month, horizon: 30d, default: true}\n",
  );
  const list = await project.json(["partitions", "list", "--as-of", "2031-01-11"]);
  expect(list.code).toBe(0);
  expect(list.body.result.tables).toMatchObject([
    {
      table: "public.a",
      strategy: "range by month",
      isDeclared: true,
      count: 2,
      daysLeft: 20,
      daysWanted: 30,
      gaps: [{ from: "2031-02-01 00:00:00.000000+00", to: "2031-03-01 00:00:00.000000+00" }],
      rowsInDefault: 3,
      oldest: "2031-01-01 00:00:00.000000+00",
      newest: "2031-04-01 00:00:00.000000+00",
    },
    {
      table: "public.b",
      strategy: "range",
      isDeclared: false,
      count: 1,
      daysLeft: null,
      oldest: null,
    },
  ]);
  expect(list.body.findings).toMatchObject([
    { rule: "partitions/default-blocks", severity: "error" },
    { rule: "partitions/running-out", severity: "error" },
  ]);
  const text = await project.run(["partitions", "list", "--as-of", "2031-01-11"]);
  expect(text.code).toBe(0);
  const [title, a, b] = text.stdout.split("\n");
  expect(title?.trim().split(/ {2,}/)).toEqual([
    "table",
    "by",
    "parts",
    "left",
    "gaps",
    "in default",
    "size",
    "from",
    "to",
  ]);
  expect(a).toMatch(
    /^public\.a +range by month +2 +20 d ! +1 +3 +\d+\.?\d* kB +2031-01-01 +2031-04-01$/,
  );
  expect(b).toMatch(/^public\.b +range +1 /);
  const leaves = await project.run(["partitions", "list", "--leaves", "--table", "public.a"]);
  expect(leaves.stdout).toMatch(/public\.a_2031_01 +FROM \('2031-01-01 00:00:00\+00'\) TO .* +~0 /);
  expect(leaves.stdout).toMatch(/public\.a_default +DEFAULT +~3 /);
  expect(leaves.stdout).not.toContain("public.b");
  const wrong = await project.run(["partitions", "list", "--table", "a"]);
  expect(wrong.code).toBe(2);
});
