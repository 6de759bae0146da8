import { describe, expect, it } from "vitest";
import { join } from "node:path";
import { readPartitions } from "../../../src/policies/partitions/declared.ts";
import { listPartitions } from "../../../src/policies/partitions/list.ts";
import { connectTo } from "../../support/connection.ts";
import { connectTo as connectOnce } from "../../support/fitnesshub.ts";
import { withPartitions } from "../../support/partition-project.ts";

describe("a year of maintenance", () => {
  it(
    "leaves neither a hole nor a day without a partition, by month and by day across both changes of the clock",
    { timeout: 400_000 },
    async () => {
      await using project = await withPartitions(
        `create table monthly (at timestamptz not null) partition by range (at);
       create table daily (at timestamptz not null) partition by range (at);
       create table daily_default partition of daily default;`,
        `public.monthly: {by: range, column: at, every: month, horizon: 90d}
public.daily: {by: range, column: at, every: day, time_zone: Europe/Berlin, horizon: 45d, default: true}
`,
      );
      for (let month = 0; month < 13; month += 1) {
        const asOf = new Date(Date.UTC(2031, month, 15, 12));
        const { tables } = await project.maintainHere({ asOf });
        expect(tables.map(({ state }) => state)).toEqual(["done", "done"]);
        const { declared } = await readPartitions(join(project.path, "policies"));
        await using session = await connectTo(project.database.url);
        const list = await listPartitions(session, declared, { asOf, isWanted: () => true });
        expect(list.findings).toEqual([]);
        for (const { daysLeft, daysWanted, gaps } of list.tables) {
          expect(daysLeft ?? -1).toBeGreaterThanOrEqual(daysWanted ?? 0);
          expect(gaps).toEqual([]);
        }
      }
      const bounds = async (table: string) =>
        project.sql<{ name: string; from: number; to: number; local: string }[]>`
        select c.relname as name,
               (extract(epoch from f::timestamptz) * 1000)::float8 as from,
               (extract(epoch from t::timestamptz) * 1000)::float8 as to,
               to_char(f::timestamptz at time zone 'Europe/Berlin', 'YYYY_MM_DD HH24:MI') as local
        from pg_inherits i join pg_class c on c.oid = i.inhrelid,
        lateral (select (regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \\('(.*)'\\) TO \\('(.*)'\\)$$))[1] as f,
                        (regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \\('(.*)'\\) TO \\('(.*)'\\)$$))[2] as t) b
        where i.inhparent = ${table}::regclass and f is not null order by 2`;
      const daily = await bounds("daily");
      // 15 January 2031 to 15 January 2032 and 45 days, both ends included.
      expect(daily).toHaveLength(365 + 45 + 1);
      for (const [i, leaf] of daily.entries()) {
        expect(`daily_${leaf.local}`).toBe(`${leaf.name} 00:00`);
        expect(leaf.to).toBe(daily[i + 1]?.from ?? leaf.to);
      }
      const hours = daily.map(({ from, to }) => (to - from) / 3_600_000);
      expect(hours.filter((length) => length !== 24).toSorted((one, other) => one - other)).toEqual(
        [23, 25],
      );
      const monthly = await bounds("monthly");
      expect(monthly).toHaveLength(12 + 1 + 3);
      expect(monthly.at(-1)).toMatchObject({ name: "monthly_2032_04", to: Date.UTC(2032, 4, 1) });
    },
  );

  it("goes by the wall clock for date and timestamp, and by the time inside a UUIDv7", async () => {
    await using project = await withPartitions(
      `create table by_date (d date) partition by range (d);
       create table by_wall (t timestamp) partition by range (t);
       create table by_uuid (id uuid primary key) partition by range (id);`,
      `public.by_date: {by: range, column: d, every: week, horizon: 7d, time_zone: Asia/Tokyo}
public.by_wall: {by: range, column: t, every: year, horizon: 1y, time_zone: America/New_York}
public.by_uuid: {by: range, column: id, every: month, horizon: 31d}
`,
    );
    const first = await project.maintain("--as-of", "2031-01-01");
    expect(first.code, JSON.stringify(first.body)).toBe(0);
    expect(await project.leaves("by_date")).toEqual([
      { name: "by_date_2031_w01", bound: "FOR VALUES FROM ('2030-12-30') TO ('2031-01-06')" },
      { name: "by_date_2031_w02", bound: "FOR VALUES FROM ('2031-01-06') TO ('2031-01-13')" },
    ]);
    expect((await project.leaves("by_wall")).map(({ bound }) => bound)).toEqual([
      "FOR VALUES FROM ('2031-01-01 00:00:00') TO ('2032-01-01 00:00:00')",
      "FOR VALUES FROM ('2032-01-01 00:00:00') TO ('2033-01-01 00:00:00')",
    ]);
    const hex = (ms: number) => ms.toString(16).padStart(12, "0");
    const floor = (ms: number) =>
      `${hex(ms).slice(0, 8)}-${hex(ms).slice(8)}-0000-0000-000000000000`;
    expect((await project.leaves("by_uuid"))[0]?.bound).toBe(
      `FOR VALUES FROM ('${floor(Date.UTC(2031, 0, 1))}') TO ('${floor(Date.UTC(2031, 1, 1))}')`,
    );
    const again = await project.maintain("--as-of", "2031-01-01");
    expect(again.tables.map(({ created }) => created)).toEqual([[], [], []]);
    expect(again.body.findings).toEqual([]);
  });

  it("fills holes from the start on, and beside partitions with other bounds", async () => {
    await using project = await withPartitions(
      `create table t (at timestamptz) partition by range (at);
       create table t_2031_02 partition of t for values from ('2031-02-01 00:00+00') to ('2031-03-01 00:00+00');
       create table t_2031_05 partition of t for values from ('2031-05-01 00:00+02') to ('2031-06-01 00:00+02');`,
      "public.t: {by: range, column: at, every: month, horizon: 1d, start: 2031-01-01}\n",
    );
    const { code, body } = await project.maintain("--as-of", "2031-05-20");
    expect(code, JSON.stringify(body)).toBe(0);
    expect(await project.leaves("t")).toEqual(
      [
        ["t_2031_01", "2031-01-01 00:00:00+00", "2031-02-01 00:00:00+00"],
        ["t_2031_02", "2031-02-01 00:00:00+00", "2031-03-01 00:00:00+00"],
        ["t_2031_03", "2031-03-01 00:00:00+00", "2031-04-01 00:00:00+00"],
        // The partition made by hand begins and ends two hours early, in another time zone.
        ["t_2031_04", "2031-04-01 00:00:00+00", "2031-04-30 22:00:00+00"],
        ["t_2031_05", "2031-04-30 22:00:00+00", "2031-05-31 22:00:00+00"],
        ["t_2031_05_2", "2031-05-31 22:00:00+00", "2031-06-01 00:00:00+00"],
      ].map(([name, from, to]) => ({ name, bound: `FOR VALUES FROM ('${from}') TO ('${to}')` })),
    );
    expect(body.findings.map(({ object }: { object: string }) => object)).toEqual([
      "public.t_2031_04",
      "public.t_2031_05",
      "public.t_2031_05_2",
    ]);
    const again = await project.maintain("--as-of", "2031-05-20");
    expect(again.tables[0].created).toEqual([]);
  });

  it("says when nothing can be added after a partition without an end", async () => {
    await using project = await withPartitions(
      `create table t (at timestamptz) partition by range (at);
       create table t_rest partition of t for values from ('2031-01-01 00:00+00') to (maxvalue);`,
      "public.t: {by: range, column: at, every: month}\n",
    );
    const { code, body } = await project.maintain("--as-of", "2031-05-20");
    expect(code).toBe(0);
    expect(body.findings).toMatchObject([{ rule: "partitions/endless", object: "public.t_rest" }]);
  });

  it("prints what it would do, and does nothing", async () => {
    await using project = await withPartitions(
      "create table t (at timestamptz) partition by range (at);",
      "public.t: {by: range, column: at, every: year, horizon: 1d}\n",
    );
    const run = await project.run(["partitions", "maintain", "--dry-run", "--as-of", "2031-05-20"]);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain(
      "alter table public.t attach partition public.t_2031 for values from ('2031-01-01 00:00:00+00:00') to ('2032-01-01 00:00:00+00:00');",
    );
    expect(await project.leaves("t")).toEqual([]);
    // It is SQL that psql can run.
    const one = connectOnce(project.database, 1);
    await one.unsafe(run.stdout).simple();
    await one.end();
    expect((await project.maintain("--as-of", "2031-05-20")).tables[0].created).toEqual([]);
    expect((await project.leaves("t")).length).toBe(1);
  });
});
