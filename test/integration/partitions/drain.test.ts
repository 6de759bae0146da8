import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { connectTo } from "../../support/connection.ts";
import { connectTo as connectMany } from "../../support/fitnesshub.ts";
import { withPartitions } from "../../support/partition-project.ts";

const asOf = new Date("2031-05-20T12:00:00Z");

const everyRow = (table: string) =>
  `select count(*)::int as count, coalesce(sum(id), 0)::float8 as sum from ${table}`;

describe("draining a default partition", () => {
  it("never hides, loses or doubles a row from readers and writers at work", async () => {
    await using project = await withPartitions(
      `create table t (id bigint generated always as identity, at timestamptz not null, note text,
         primary key (id, at)) partition by range (at);
       create table t_2031_04 partition of t for values from ('2031-04-01 00:00+00') to ('2031-05-01 00:00+00');
       create table t_default partition of t default;
       insert into t (at) select timestamptz '2031-05-01 00:00+00' + n * interval '1 minute'
       from generate_series(0, 29999) n;`,
      "public.t: {by: range, column: at, every: month, horizon: 15d, default: true}\n",
    );
    const clients = connectMany(project.database, 4);
    const over = new AbortController();
    let written = 0;
    const problems: string[] = [];
    const write = async () => {
      while (!over.signal.aborted) {
        const [row] = await clients`
          insert into t (at) values (timestamptz '2031-05-01 00:00+00' + random() * interval '28 days')
          returning id, at::text`;
        written += 1;
        const changed =
          await clients`update t set note = 'x' where id = ${row?.["id"]} and at = ${row?.["at"]}::text::timestamptz`;
        if (changed.count !== 1) problems.push(`update of a row hit ${changed.count}`);
        await sleep(2);
      }
    };
    // Of the rows that were there at the beginning each is seen at every moment, once.
    const read = async () => {
      let looks = 0;
      while (!over.signal.aborted) {
        const [row] = await clients<{ count: number; distinct: number }[]>`
          select count(*)::int as count, count(distinct id)::int as distinct from t where id <= 30000`;
        if (row?.count !== 30_000 || row.distinct !== 30_000) {
          problems.push(`saw ${row?.count} rows, ${row?.distinct} of them different`);
        }
        looks += 1;
      }
      return looks;
    };
    const atWork = Promise.all([write(), read(), read()]);
    const result = await project.maintainHere({ asOf, batchRows: 4000 });
    over.abort();
    const [, looks] = await atWork;
    await clients.end();
    expect(problems).toEqual([]);
    expect(looks).toBeGreaterThan(0);
    expect(result.tables[0]?.reason).toBeUndefined();
    expect(result.tables[0]).toMatchObject({
      state: "done",
      created: expect.arrayContaining(["public.t_2031_05"]),
    });
    expect(result.tables[0]?.moved).toBeGreaterThanOrEqual(30_000);
    const [all] = await project.sql`
      select count(*)::int as count, (select count(*)::int from only t_default) as rest from t`;
    expect(all).toEqual({ count: 30_000 + written, rest: 0 });
    expect((await project.leaves("t")).find(({ name }) => name === "t_2031_05")?.bound).toBe(
      "FOR VALUES FROM ('2031-05-01 00:00:00+00') TO ('2031-06-01 00:00:00+00')",
    );
  });

  it("lets no reader plan without the partition and then read without its rows", async () => {
    await using project = await withPartitions(
      `create table users (id int primary key); insert into users values (1);
       create table t (id int, at timestamptz not null, user_id int references users) partition by range (at);
       create table t_2031_04 partition of t for values from ('2031-04-01 00:00+00') to ('2031-05-01 00:00+00');
       create table t_default partition of t default;
       insert into t select n, '2031-05-03', 1 from generate_series(1, 10) n;`,
      "public.t: {by: range, column: at, every: month, horizon: 1d, default: true}\n",
    );
    const clients = connectMany(project.database, 2);
    const holder = await clients.reserve();
    const reader = await clients.reserve();
    const waiting = async (mode: string) => {
      for (;;) {
        const rows = await project.sql`
          select from pg_locks where not granted and mode = ${mode}
            and database = (select oid from pg_database where datname = current_database())`;
        if (rows.count > 0) return;
        await sleep(2);
      }
    };
    // The attach locks the referenced table last: there it stands with the rows moved, uncommitted.
    await holder`begin`;
    await holder`lock table users in row exclusive mode`;
    const draining = project.maintainHere({ asOf });
    await waiting("ShareRowExclusiveLock");
    const reading = reader<{ count: number }[]>`select count(*)::int as count from t`.execute();
    await waiting("AccessShareLock");
    await holder`rollback`;
    const [row] = await reading;
    const { tables } = await draining;
    holder.release();
    reader.release();
    await clients.end();
    expect(row).toEqual({ count: 10 });
    expect(tables[0]).toMatchObject({ state: "done", moved: 10 });
  });

  it("goes on where an interrupted run has stopped", async () => {
    await using project = await withPartitions(
      `create table t (id int, at timestamptz not null) partition by range (at);
       create table t_default partition of t default;
       insert into t select n, timestamptz '2031-05-01 00:00+00' + n / 10 * interval '1 minute'
       from generate_series(0, 999) n;`,
      "public.t: {by: range, column: at, every: month, horizon: 1d, default: true}\n",
    );
    const [before] = await project.sql.unsafe(everyRow("t"));
    const controller = new AbortController();
    let batches = 0;
    const interrupted = project.maintainHere({
      asOf,
      batchRows: 100,
      signal: controller.signal,
      // As many of them as ten rows of equal time allow, then Ctrl-C.
      events: (event) => {
        if (event.type === "step-finished" && (batches += 1) === 3) controller.abort();
      },
      open: (need) =>
        connectTo(project.database.url, { writes: need.writes, signal: controller.signal }),
    });
    await expect(interrupted).rejects.toMatchObject({ code: "interrupted" });
    const [half] = await project.leaves("t");
    expect(half).toEqual({
      name: "t_2031_05",
      bound: "FOR VALUES FROM ('2031-05-01 00:00:00+00') TO ('2031-05-01 00:30:00+00')",
    });
    const [between] = await project.sql.unsafe(everyRow("t"));
    expect(between).toEqual(before);
    const { tables } = await project.maintainHere({ asOf, batchRows: 100 });
    expect(tables[0]).toMatchObject({ state: "done", moved: 700, created: ["public.t_2031_05"] });
    const [after] = await project.sql.unsafe(everyRow("t"));
    expect(after).toEqual(before);
    expect((await project.leaves("t"))[0]?.bound).toContain("TO ('2031-06-01 00:00:00+00')");
  });

  it("moves more rows of one moment than a batch holds", async () => {
    await using project = await withPartitions(
      `create table t (id int, at date) partition by range (at);
       create table t_default partition of t default;
       insert into t select n, '2031-05-01' from generate_series(1, 50) n;
       insert into t select n, '2031-05-09' from generate_series(1, 50) n;
       insert into t values (0, null);`,
      "public.t: {by: range, column: at, every: month, horizon: 1d, default: true}\n",
    );
    const { tables } = await project.maintainHere({ asOf, batchRows: 10 });
    expect(tables[0]).toMatchObject({ state: "done", moved: 100 });
    expect(tables[0]?.findings).toMatchObject([{ rule: "partitions/default-rows" }]);
  });

  it("records no change in triggers, keeps what refers to the rows, and deletes nothing by cascade", async () => {
    await using project = await withPartitions(
      `create table users (id int primary key);
       create table t (id int, at timestamptz, user_id int references users, primary key (id, at)) partition by range (at);
       create table t_default partition of t default;
       create table likes (id int, at timestamptz, foreign key (id, at) references t on delete cascade);
       create table log (what text);
       create function note() returns trigger language plpgsql as
         $$begin insert into log values (tg_op); return null; end$$;
       create trigger noted after insert or update or delete on t for each row execute function note();
       create trigger always after insert or delete on t for each row execute function note();
       alter table t enable always trigger always;
       insert into users values (1);
       insert into t select n, timestamptz '2031-05-01 00:00+00' + n * interval '1 hour', 1 from generate_series(1, 100) n;
       insert into likes select id, at from t;
       truncate log;`,
      "public.t: {by: range, column: at, every: month, horizon: 1d, default: true}\n",
    );
    const { tables } = await project.maintainHere({ asOf, batchRows: 10 });
    expect(tables[0]).toMatchObject({ state: "done", moved: 100 });
    const [row] = await project.sql`
      select (select count(*)::int from likes) as likes, (select count(*)::int from log) as log,
             (select count(*)::int from only t_2031_05) as posts`;
    expect(row).toEqual({ likes: 100, log: 0, posts: 100 });
    const states = await project.sql`
      select tgrelid::regclass::text as t, tgname, tgenabled from pg_trigger
      where not tgisinternal order by 1, 2`;
    expect(states.map(({ t, tgname, tgenabled }) => `${t} ${tgname} ${tgenabled}`)).toEqual([
      "t always A",
      "t noted O",
      "t_2031_05 always A",
      "t_2031_05 noted O",
      "t_default always A",
      "t_default noted O",
    ]);
    // The foreign keys work as before.
    await expect(project.sql`insert into likes values (1, '2031-05-02')`).rejects.toThrow(
      "foreign key",
    );
    await project.sql`delete from t where id = 7`;
    expect((await project.sql`select from likes`).count).toBe(99);
  });

  it("works for an owner without special rights, and names the right that a referenced table or a forced one needs", async () => {
    const owner = `own_${Math.random().toString(36).slice(2, 8)}`;
    await using project = await withPartitions(
      `create role ${owner} login password 'x';
       grant all on schema public to ${owner};
       do $$ begin execute format('grant create on database %I to ${owner}', current_database()); end $$;
       set role ${owner};
       create table a (id int, at timestamptz, primary key (id, at)) partition by range (at);
       create table a_default partition of a default;
       create table log (what text);
       create function note() returns trigger language plpgsql as
         $$begin insert into log values (tg_op); return null; end$$;
       create trigger noted after insert or delete on a for each row execute function note();
       create table b (id int, at timestamptz, primary key (id, at)) partition by range (at);
       create table b_default partition of b default;
       create table refers (id int, at timestamptz, constraint refers_b foreign key (id, at) references b);
       insert into a values (1, '2031-05-03'), (2, '2031-05-04');
       insert into b values (1, '2031-05-03');
       insert into refers values (1, '2031-05-03');
       create table c (id int, at timestamptz) partition by range (at);
       create table c_default partition of c default;
       insert into c values (1, '2031-05-03');
       alter table c enable row level security;
       alter table c_default enable row level security;
       alter table c_default force row level security;
       truncate log;
       reset role`,
      `public.a: {by: range, column: at, every: month, horizon: 1d, default: true}
public.b: {by: range, column: at, every: month, horizon: 1d, default: true}
public.c: {by: range, column: at, every: month, horizon: 1d, default: true}
`,
    );
    try {
      const url = new URL(project.database.url);
      url.username = owner;
      url.password = "x";
      const open = (need: { writes: boolean }) => connectTo(url.href, { writes: need.writes });
      const { tables } = await project.maintainHere({ asOf, batchRows: 1, open });
      expect(tables[0]).toMatchObject({ state: "done", moved: 2 });
      expect(tables[1]).toMatchObject({
        state: "failed",
        code: "partitions-refused",
        reason:
          "the rows in public.b_default cannot be moved: the foreign key `refers_b` of public.refers refers to them",
        hint: `have a superuser run: grant set on parameter session_replication_role to ${owner};`,
      });
      expect(tables[2]).toMatchObject({
        state: "failed",
        code: "partitions-refused",
        hint: `have a superuser run: alter role ${owner} bypassrls;`,
      });
      expect((await project.sql`select from log`).count).toBe(0);
      await project.sql.unsafe(`alter role ${owner} bypassrls`);
      await project.sql.unsafe(`grant set on parameter session_replication_role to ${owner}`);
      const again = await project.maintainHere({ asOf, open });
      expect(again.tables[1]).toMatchObject({ state: "done", moved: 1 });
      expect(again.tables[2]).toMatchObject({ state: "done", moved: 1 });
    } finally {
      await project.sql.unsafe(
        `revoke all on parameter session_replication_role from ${owner}; drop owned by ${owner} cascade; drop role ${owner}`,
      );
    }
  });
});
