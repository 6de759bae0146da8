import postgres from "postgres";
import { expect, it } from "vitest";
import { serverUrl } from "../../support/database.ts";
import { withPartitions } from "../../support/partition-project.ts";

it("a big default partition is not scanned under its lock when partitions of the future are attached", async () => {
  await using project = await withPartitions(
    `create table t (at timestamptz, note text) partition by range (at);
     create table t_default partition of t default;
     insert into t select '2020-01-01', repeat('x', 1000) from generate_series(1, 70000);`,
    "public.t: {by: range, column: at, every: month, horizon: 60d, default: true}\n",
  );
  const run = await project.run(["partitions", "maintain", "--dry-run"]);
  expect(run.stdout).toContain("validate constraint pgwright_no_rows_yet");
  // Run by hand, the server says what it does.
  const said: string[] = [];
  const client = postgres(serverUrl(), {
    database: project.database.name,
    max: 1,
    onnotice: ({ message }) => said.push(message ?? ""),
    connection: { client_min_messages: "debug1" },
  });
  await client.unsafe(run.stdout).simple();
  await client.end();
  const implied = said.filter((message) =>
    message.includes('updated partition constraint for default partition "t_default" is implied'),
  );
  const leaves = await project.leaves("t");
  // All but the month that has begun already: its rows may be on their way at this moment.
  expect(implied.length).toBe(leaves.length - 2);
  expect(implied.length).toBeGreaterThan(0);
  const { tables } = await project.maintainHere();
  expect(tables[0]).toMatchObject({ state: "done", created: [], changed: [] });
  const [guard] =
    await project.sql`select count(*)::int as count from pg_constraint where conname = 'pgwright_no_rows_yet'`;
  expect(guard).toEqual({ count: 0 });
  // One that a cut-off run has left is taken away.
  await project.sql`alter table t_default add constraint pgwright_no_rows_yet check (at < '2100-01-01') not valid`;
  const again = await project.maintainHere();
  expect(again.tables[0]?.changed).toEqual([
    "alter table public.t_default drop constraint pgwright_no_rows_yet",
  ]);
});
