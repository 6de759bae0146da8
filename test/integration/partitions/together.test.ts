import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { connectTo as connectMany } from "../../support/fitnesshub.ts";
import { withPartitions } from "../../support/partition-project.ts";

describe("partitions maintain beside others", () => {
  it(
    "is run by ten processes at once during inserts, and all succeed",
    { timeout: 400_000 },
    async () => {
      await using project = await withPartitions(
        `create table users (id int primary key); insert into users values (1);
       create table t (at timestamptz not null, user_id int references users) partition by range (at);
       create table t_default partition of t default;`,
        "public.t: {by: range, column: at, every: day, horizon: 30d, default: true}\n",
      );
      const clients = connectMany(project.database, 3);
      const over = new AbortController();
      let written = 0;
      const insert = async () => {
        while (!over.signal.aborted) {
          await clients`insert into t values (now() + random() * interval '40 days', 1)`;
          written += 1;
          await sleep(5);
        }
      };
      const atWork = Promise.all([insert(), insert(), insert()]);
      const runs = await Promise.all(
        Array.from({ length: 10 }, () =>
          project.json(["partitions", "maintain", "--batch-size", "50"]),
        ),
      );
      over.abort();
      await atWork;
      await clients.end();
      expect(runs.map(({ code, stderr }) => (code === 0 ? "" : stderr))).toEqual(
        runs.map(() => ""),
      );
      const created = runs.flatMap(({ body }) => body.result.tables[0].created as string[]);
      // Each partition was made once, by one of them.
      expect(new Set(created).size).toBe(created.length);
      expect((await project.leaves("t")).length).toBe(created.length + 1);
      const [row] = await project.sql`
      select count(*)::int as count,
             (select count(*)::int from only t_default where at < now() + interval '30 days') as "left"
      from t`;
      expect(row).toEqual({ count: written, left: 0 });
    },
  );

  it("leaves a table on which somebody builds an index for the next time, names him, and goes on", async () => {
    await using project = await withPartitions(
      `create table a (id int, at date) partition by range (at);
       create table a_2030 partition of a for values from ('2030-01-01') to ('2031-01-01');
       create table b (at date) partition by range (at);`,
      `public.a: {by: range, column: at, every: year, horizon: 1d}
public.b: {by: range, column: at, every: year, horizon: 1d}
`,
    );
    const others = connectMany(project.database, 2);
    const holder = await others.reserve();
    const builder = await others.reserve();
    // The build waits for this writer, as a long one would be at work.
    await holder`begin`;
    await holder`insert into a values (1, '2030-05-05')`;
    const building = builder`create index concurrently a_2030_id on a_2030 (id)`.execute();
    for (;;) {
      const [row] = await project.sql`select pid from pg_stat_progress_create_index`;
      if (row) break;
      await sleep(20);
    }
    const { code, tables } = await project.maintain("--as-of", "2031-05-20");
    expect(code).toBe(4);
    expect(tables).toMatchObject([
      { table: "public.a", state: "postponed", created: [] },
      { table: "public.b", state: "done", created: ["public.b_2031"] },
    ]);
    expect(tables[0].reason).toMatch(
      /^pid \d+ \(role \w+\) has been building an index on public\.a_2030 for \d+ s$/,
    );
    const alone = await project.maintain("--as-of", "2031-05-20", "--table", "public.a");
    expect(alone.code).toBe(3);
    await holder`rollback`;
    await building;
    holder.release();
    builder.release();
    await others.end();
    const after = await project.maintain("--as-of", "2031-05-20");
    expect(after.code).toBe(0);
    expect(after.tables[0].created).toEqual(["public.a_2031"]);
  });

  it("gives a partition the index that a build in three steps is still to finish", async () => {
    await using project = await withPartitions(
      `create table a (id int, at date) partition by range (at);
       create table a_2030 partition of a for values from ('2030-01-01') to ('2031-01-01');
       create index a_id on only a (id);`,
      "public.a: {by: range, column: at, every: year, horizon: 1d}\n",
    );
    const { tables } = await project.maintainHere({ asOf: new Date("2031-05-20T12:00:00Z") });
    expect(tables[0]).toMatchObject({
      state: "done",
      created: ["public.a_2031"],
      findings: [{ rule: "partitions/index-missing", object: "public.a_2030" }],
    });
    await project.sql.unsafe(
      "create index a_2030_id on a_2030 (id); alter index a_id attach partition a_2030_id",
    );
    const [row] =
      await project.sql`select indisvalid from pg_index where indexrelid = 'a_id'::regclass`;
    expect(row).toEqual({ indisvalid: true });
  });
});
