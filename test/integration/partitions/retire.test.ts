import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { readRetired } from "../../../src/policies/partitions/retired.ts";
import { connectTo } from "../../support/connection.ts";
import { connectTo as connectMany } from "../../support/fitnesshub.ts";
import { withPartitions } from "../../support/partition-project.ts";

const asOf = new Date("2021-05-20T12:00:00Z");

const threeMonths = (table: string, key = "") => `
  create table ${table} (id int, at timestamptz${key}) partition by range (at);
  create table ${table}_2021_01 partition of ${table} for values from ('2021-01-01 00:00+00') to ('2021-02-01 00:00+00');
  create table ${table}_2021_02 partition of ${table} for values from ('2021-02-01 00:00+00') to ('2021-03-01 00:00+00');
  create table ${table}_2021_05 partition of ${table} for values from ('2021-05-01 00:00+00') to ('2021-06-01 00:00+00');
  insert into ${table} select n, timestamptz '2021-01-20 00:00+00' + n * interval '1 day' from generate_series(1, 30) n;`;

describe("retention", () => {
  it("is counted from the server's clock, whatever --as-of lets it create ahead", async () => {
    const month = new Date().getUTCMonth();
    const edge = (ahead: number) =>
      new Date(Date.UTC(new Date().getUTCFullYear(), month + ahead, 1)).toISOString().slice(0, 10);
    await using project = await withPartitions(
      `create table t (at date) partition by range (at);
       create table t_now partition of t for values from ('${edge(0)}') to ('${edge(1)}');`,
      "public.t: {by: range, column: at, every: month, horizon: 1d, retention: {keep: 3mo}}\n",
    );
    const inTwoYears = edge(24);
    const { tables } = await project.maintain("--as-of", inTwoYears);
    expect(tables).toMatchObject([{ state: "done", detached: [] }]);
    // From next month to the one in two years, without a hole.
    expect(tables[0].created).toHaveLength(24);
    expect((await project.leaves("t")).map(({ name }) => name)).toContain("t_now");
    const shown = await project.run(["partitions", "maintain", "--dry-run", "--as-of", inTwoYears]);
    expect(shown.stdout).toContain("detach partition public.t_now concurrently;");
    expect((await project.leaves("t")).map(({ name }) => name)).toContain("t_now");
  });

  it("marks what it keeps, beside the comment that is there, and never drops that later", async () => {
    const declare = (drop: boolean) =>
      `public.t: {by: range, column: at, every: month, horizon: 1d, retention: {keep: 3mo, drop: ${drop}}}\n`;
    await using project = await withPartitions(threeMonths("t"), declare(false));
    await project.sql`comment on table t_2021_01 is 'a mild winter'`;
    expect((await project.maintainHere({ asOf })).tables[0]?.detached).toEqual([
      "public.t_2021_01",
    ]);
    const [kept] = await project.sql`
      select obj_description('t_2021_01'::regclass, 'pg_class') as comment`;
    expect(kept?.["comment"]).toBe("pgwright: retired from public.t, kept\na mild winter");
    await using session = await connectTo(project.database.url);
    expect([...(await readRetired(session))]).toEqual(["public.t_2021_01"]);
    await project.declare(declare(true));
    const later = await project.maintainHere({
      asOf: new Date("2021-06-20T12:00:00Z"),
      allowDataLoss: true,
    });
    expect(later.tables[0]?.dropped).toEqual([{ table: "public.t_2021_02", rows: 19 }]);
    const [row] = await project.sql`select count(*)::int as count from t_2021_01`;
    expect(row).toEqual({ count: 11 });
  });

  it("detaches what is too old, beside readers where it can, and keeps it as a table", async () => {
    await using project = await withPartitions(
      `${threeMonths("a")} ${threeMonths("b")} create table b_default partition of b default;
       create schema archive;`,
      `public.a: {by: range, column: at, every: month, horizon: 1d, retention: {keep: 3mo, schema: archive}}
public.b: {by: range, column: at, every: month, horizon: 1d, retention: {keep: 3mo}, default: true}
`,
    );
    const { tables } = await project.maintainHere({ asOf });
    // The horizon is reached and the hole is closed as well, but nothing older than what is kept.
    expect(tables).toMatchObject([
      {
        state: "done",
        created: ["public.a_2021_03", "public.a_2021_04"],
        detached: ["archive.a_2021_01"],
        dropped: [],
      },
      { state: "done", detached: ["public.b_2021_01"] },
    ]);
    expect((await project.leaves("a")).map(({ name }) => name)).toEqual([
      "a_2021_02",
      "a_2021_03",
      "a_2021_04",
      "a_2021_05",
    ]);
    const [kept] = await project.sql`
      select (select count(*)::int from archive.a_2021_01) as a, (select count(*)::int from b_2021_01) as b`;
    expect(kept).toEqual({ a: 11, b: 11 });
    const again = await project.maintainHere({ asOf });
    expect(again.tables).toMatchObject([
      { state: "done", created: [], detached: [] },
      { state: "done", created: [], detached: [] },
    ]);
  });

  it("drops only with consent, given once and after the number of rows was told", async () => {
    await using project = await withPartitions(
      threeMonths("t"),
      "public.t: {by: range, column: at, every: month, horizon: 1d, retention: {keep: 3mo, drop: true}}\n",
    );
    const refused = await project.maintain("--as-of", "2021-05-20");
    expect(refused.code).toBe(4);
    expect(refused.tables[0]).toMatchObject({
      state: "failed",
      code: "data-loss",
      reason: "public.t_2021_01 would be dropped with 11 rows",
      detached: [],
      hint: expect.stringContaining("--allow-data-loss"),
    });
    await project.sql`alter default privileges grant all on tables to public`;
    const allowed = await project.maintain("--as-of", "2021-05-20", "--allow-data-loss");
    expect(allowed.code, JSON.stringify(allowed.body)).toBe(0);
    // What lets rows be dropped is nobody else's to write.
    const [acl] = await project.sql`
      select count(*)::int as others from pg_class c, aclexplode(c.relacl) a
      where c.oid = 'pgwright.partition_drops'::regclass and a.grantee <> c.relowner`;
    expect(acl).toEqual({ others: 0 });
    expect(allowed.tables[0].dropped).toEqual([{ table: "public.t_2021_01", rows: 11 }]);
    const later = await project.maintainHere({ asOf: new Date("2021-06-20T12:00:00Z") });
    expect(later.tables[0]?.dropped).toEqual([{ table: "public.t_2021_02", rows: 19 }]);
    const [row] =
      await project.sql`select to_regclass('t_2021_01') as one, to_regclass('t_2021_02') as two`;
    expect(row).toEqual({ one: null, two: null });
  });

  it("refuses what is referenced by name and number, and says so every time", async () => {
    await using project = await withPartitions(
      `${threeMonths("t", ", primary key (id, at)")}
       create table likes (id int, at timestamptz, constraint likes_t foreign key (id, at) references t on delete cascade);
       insert into likes select id, at from t where id <= 3;`,
      "public.t: {by: range, column: at, every: month, horizon: 1d, retention: {keep: 3mo, drop: true}}\n",
    );
    for (let run = 0; run < 2; run += 1) {
      const { tables } = await project.maintainHere({ asOf, allowDataLoss: true });
      expect(tables[0]).toMatchObject({
        state: "failed",
        code: "partitions-refused",
        detached: [],
        dropped: [],
        reason:
          "public.t_2021_01 is too old to keep but cannot be detached: 3 rows of public.likes refer to it by the foreign key `likes_t`",
      });
    }
    await project.sql`delete from likes`;
    const { tables } = await project.maintainHere({ asOf });
    expect(tables[0]).toMatchObject({ state: "done", dropped: [{ rows: 11 }] });
    const [key] =
      await project.sql`select convalidated from pg_constraint where conname = 'likes_t'`;
    expect(key).toEqual({ convalidated: true });
  });

  it("ends what an interrupted DETACH CONCURRENTLY has left, and drops what a run left detached", async () => {
    await using project = await withPartitions(
      threeMonths("t"),
      "public.t: {by: range, column: at, every: month, horizon: 1d, retention: {keep: 3mo, drop: true}}\n",
    );
    const others = connectMany(project.database, 2);
    const reader = await others.reserve();
    const detacher = await others.reserve();
    await reader`begin`;
    await reader`select count(*) from t`;
    const [{ pid } = { pid: 0 }] = await detacher`select pg_backend_pid() as pid`;
    await project.sql`comment on table t_2021_01 is 'pgwright: retired from public.t'`;
    const detaching = detacher`alter table t detach partition t_2021_01 concurrently`.execute();
    const ended = detaching.then(
      () => "done",
      (error: Error) => error.message,
    );
    for (;;) {
      const [row] = await project.sql`select from pg_inherits where inhdetachpending`;
      if (row) break;
      await sleep(20);
    }
    await project.sql`select pg_cancel_backend(${pid})`;
    expect(await ended).toContain("canceling");
    await reader`rollback`;
    reader.release();
    detacher.release();
    await others.end();
    const { tables } = await project.maintainHere({ asOf, allowDataLoss: true });
    expect(tables[0]).toMatchObject({
      state: "done",
      detached: ["public.t_2021_01"],
      dropped: [{ table: "public.t_2021_01", rows: 11 }],
    });
  });
});
