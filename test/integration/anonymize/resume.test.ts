/** Copies that are broken off: what the target says, and what the next run does. */
import { afterAll, beforeAll, expect, test } from "vitest";
import postgres from "postgres";
import { copyBetween, opener } from "../../support/anonymize.ts";
import { type Cluster, startCluster } from "../../support/cluster.ts";
import { load } from "../../support/dump.ts";

// A source that nothing moves: no autovacuum, no other tests.
let source: Cluster;
let target: Cluster;
let sql: postgres.Sql;

const tables = ["a", "b", "c"];

beforeAll(async () => {
  [source, target] = await Promise.all([
    startCluster({ settings: { autovacuum: "off" } }),
    startCluster(),
  ]);
  sql = postgres(target.url, { max: 1, onnotice: () => {} });
  await load(
    source as never,
    tables
      .map(
        (name) => `create table ${name} (id int primary key, email text, next int);
          insert into ${name} select i, 'p' || i || '@real.test', i % 100 from generate_series(1, 20000) i;`,
      )
      .join("\n"),
  );
});

afterAll(async () => {
  await sql.end();
  await source[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
});

let count = 0;

/** An empty database on the target's server. */
async function withTarget(): Promise<{ url: string; name: string; sql: postgres.Sql }> {
  count += 1;
  const name = `copy_${count}`;
  await sql.unsafe(`create database ${name}`);
  return {
    name,
    url: target.url.replace(/postgres$/, name),
    sql: postgres(target.url, { database: name, max: 1, onnotice: () => {}, idle_timeout: 1 }),
  };
}

// Slow enough to be hit in the middle of `b`, which is neither the first nor the last unit.
const masks = {
  ...Object.fromEntries(tables.map((name) => [`public.${name}.email`, "md5(t.email)"])),
  "public.b.next": "t.next + case when t.id % 1000 = 0 then length(pg_sleep(0.1)::text) else 0 end",
};

async function bytesOf(database: { sql: postgres.Sql }): Promise<unknown> {
  const hashes = tables.map((name) =>
    database.sql.unsafe(`select md5(string_agg(t::text, ',' order by id)) as hash from ${name} t`),
  );
  return (await Promise.all(hashes)).flat().map((row) => row["hash"] as unknown);
}

/** Breaks a copy off once it has copied a unit and is in `b`. */
async function breakOff(
  database: Awaited<ReturnType<typeof withTarget>>,
  how: (controller: AbortController) => Promise<unknown>,
): Promise<unknown> {
  const controller = new AbortController();
  const state = { isDone: false };
  const running = copyBetween(source, database, {
    masks,
    jobs: 1,
    unitBytes: 2 ** 17,
    signal: controller.signal,
  }).then(
    () => "finished",
    (error: unknown) => error,
  );
  void running.then(() => (state.isDone = true));
  while (!state.isDone) {
    const [row] = await database.sql
      .unsafe(
        `select count(*)::int as parts from pgwright.anonymized_part where (select count(*) from pg_class where relname = 'b') = 1`,
      )
      .catch(() => []);
    const isIn =
      await sql`select 1 from pg_stat_activity where datname = ${database.name} and query like 'COPY public.b%' and state = 'active'`;
    if (Number(row?.["parts"] ?? 0) > 0 && isIn.length > 0) {
      await how(controller);
      break;
    }
  }
  return running;
}

test("an interrupt cancels everything, and the next run goes on to the same bytes", async () => {
  const whole = await withTarget();
  await copyBetween(source, whole, { masks });
  const database = await withTarget();
  const failure = await breakOff(database, async (controller) => controller.abort());
  expect(failure).toMatchObject({
    code: "interrupted",
    details: {
      notes: [
        `the target \`${database.name}\` is incomplete and marked so; the source was only read`,
      ],
    },
  });
  const left = async () =>
    sql`select 1 from pg_stat_activity where datname = ${database.name} and query like 'COPY%' and state = 'active'`;
  while ((await left()).length > 0);
  const [mark] = await database.sql`select state, phase from pgwright.anonymized_copy`;
  expect(mark).toEqual({ state: "incomplete", phase: "rows" });
  const result = await copyBetween(source, database, { masks, jobs: 1, unitBytes: 2 ** 17 });
  expect(result).toMatchObject({ beginning: "resume", rows: 60_000 });
  expect(await bytesOf(database)).toEqual(await bytesOf(whole));
});

test.each(["empty", "unfinished", "outdated"])(
  "a run that another one overtakes after its look at an %s target writes nothing",
  async (state) => {
    const database = await withTarget();
    const options = { masks, jobs: 1, unitBytes: 2 ** 17 };
    if (state !== "empty") {
      await breakOff(database, async (controller) => controller.abort());
    }
    let opened = 0;
    const overtaken = copyBetween(source, database, {
      ...options,
      // With other masks, what is there would be dropped.
      ...(state === "outdated" && { masks: {} }),
      openTarget: async (need) => {
        opened += 1;
        // The first is for the look, the second for the work.
        if (opened === 2) await copyBetween(source, database, options);
        return await opener(database.url)(need);
      },
    });
    await expect(overtaken).rejects.toMatchObject({
      code: "copy-refused",
      message: "another run has written to this target meanwhile",
    });
    const counted = await database.sql.unsafe("select count(*)::int from a");
    expect(counted).toEqual([{ count: 20_000 }]);
  },
);

test("a lost target connection leaves it incomplete; other masks start it again", async () => {
  const database = await withTarget();
  const failure = await breakOff(
    database,
    () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${database.name} and query like 'COPY%'`,
  );
  expect(failure).toMatchObject({
    code: "copy-failed",
    message: expect.stringContaining("the target failed while `public.b` was copied"),
  });
  await database.sql.end();
  const result = await copyBetween(source, database, { jobs: 1, unitBytes: 2 ** 17 });
  expect(result).toMatchObject({ beginning: "replace", rows: 60_000 });
});

test("a source that was written to meanwhile is copied from the beginning", async () => {
  const database = await withTarget();
  await breakOff(database, async (controller) => controller.abort());
  await database.sql.end();
  await load(source as never, "delete from a where id = 1");
  const messages: string[] = [];
  const result = await copyBetween(source, database, {
    masks,
    jobs: 1,
    unitBytes: 2 ** 17,
    events: (event) => event.type === "notice" && messages.push(event.message),
  });
  expect(result).toMatchObject({ beginning: "replace", rows: 59_999 });
  expect(messages).toEqual([
    `the earlier copy in \`${database.name}\` is dropped: the source's server has been written to since`,
  ]);
});

test("a query that the source cancels is run again, as after a conflict on a standby", async () => {
  const database = await withTarget();
  const admin = postgres(source.url, { max: 1 });
  const notices: string[] = [];
  let isCancelled = false;
  const running = copyBetween(source, database, {
    masks,
    jobs: 1,
    unitBytes: 2 ** 17,
    events: (event) => event.type === "notice" && notices.push(event.message),
  }).finally(() => (isCancelled = true));
  while (!isCancelled) {
    const rows = await admin`select pg_cancel_backend(pid) from pg_stat_activity
      where query like 'COPY (SELECT%public.b t%' and state = 'active'`;
    isCancelled = rows.length > 0;
  }
  await admin.end();
  expect(await running).toMatchObject({ rows: 59_999 });
  expect(notices).toEqual([
    "public.b: the source ended what was being read (canceling statement due to user request); once more",
  ]);
});

test("roles that the target's server lacks are listed with what they are for", async () => {
  await load(source as never, "create database roles");
  for (const role of [`"Odd Owner"`, "reader", "judged"]) {
    await load(source as never, `create role ${role}`);
  }
  const url = source.url.replace(/postgres$/, "roles");
  await load(
    { url } as never,
    `create table t (id int); alter table t owner to "Odd Owner"; grant select on t to reader;
     create policy p on t to judged using (true)`,
  );
  const database = await withTarget();
  await expect(copyBetween({ url }, database)).rejects.toMatchObject({
    code: "copy-refused",
    details: {
      notes: [
        `role "Odd Owner": owns objects`,
        "role judged: is in a policy",
        "role reader: has rights",
      ],
    },
  });
  await expect(
    copyBetween({ url }, database, { omitOwners: true, omitGrants: true }),
  ).rejects.toMatchObject({ details: { notes: ["role judged: is in a policy"] } });
  await load({ url } as never, "drop policy p on t");
  const result = await copyBetween({ url }, database, { omitOwners: true, omitGrants: true });
  expect(result.beginning).toBe("fresh");
});
