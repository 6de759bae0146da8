/** A table that several sessions read and one transaction writes. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyBetween } from "../../support/anonymize.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { load } from "../../support/dump.ts";

let source: TestDatabase;

beforeAll(async () => {
  source = await withDatabase();
  await load(
    source,
    `create table people (id int primary key, email text, note text);
     insert into people select i, 'p' || i || '@real.test', repeat('x', i % 200) from generate_series(1, 20000) i;
     -- Rows longer than what a session keeps to itself until their end has come.
     update people set note = repeat(chr(97 + id % 26), 3000000) where id % 5000 = 0;
     -- Without a binary form that means the same everywhere.
     create table paid as select id, email, note, 1.5::money as price from people;`,
  );
});

afterAll(() => source[Symbol.asyncDispose]());

const masks = {
  "public.people.email": "md5(t.email)",
  "public.paid.email": "md5(t.email)",
};
const options = { masks, jobs: 3, unitBytes: 2 ** 18 };

/** Slow at one row near the end of a part. */
const slowly = {
  ...options,
  masks: {
    ...masks,
    "public.people.note":
      "case when t.id = 15000 then pg_sleep(30)::text when t.id % 5000 = 0 then 'long' else t.note end",
  },
};

/** Breaks off the copy of `people` while it is read, by a statement about its sessions. */
async function whileRead(
  target: TestDatabase,
  sql: string,
  more: Parameters<typeof copyBetween>[2] = slowly,
): Promise<unknown> {
  const state = { isDone: false, isBroken: false };
  const running = copyBetween(source, target, more).catch((error: unknown) => error);
  void running.then(() => (state.isDone = true));
  while (!state.isDone) {
    const [row] = await source.sql<{ asleep: boolean }[]>`
      select count(*) > 0 as asleep from pg_stat_activity
      where query like 'COPY (SELECT%public.people t%' and datname = ${source.name}
        and wait_event = 'PgSleep'`;
    if (row?.asleep === true) {
      await source.sql.unsafe(sql);
      state.isBroken = true;
      break;
    }
  }
  const outcome = await running;
  // What the server cannot give to a test (a connection, say) is no answer to its question.
  if (!state.isBroken) throw new Error("it ended before it was broken off", { cause: outcome });
  return outcome;
}

const readers = `from pg_stat_activity where datname = current_database()
  and query like 'COPY (SELECT%public.people t%' and state = 'active'`;

test("its rows are all there, each once, and frozen", async () => {
  await using target = await withDatabase();
  const { tables } = await copyBetween(source, target, options);
  expect(tables.map(({ table, rows }) => [table, rows])).toEqual([
    ["public.paid", 20_000],
    ["public.people", 20_000],
  ]);
  for (const table of ["people", "paid"]) {
    const hash = (email: string) =>
      `select md5(string_agg(id || ${email} || md5(note), ',' order by id)) as hash from ${table}`;
    expect(await target.sql.unsafe(hash("email"))).toEqual(
      await source.sql.unsafe(hash("md5(email)")),
    );
  }
  const [{ frozen } = {}] = await target.sql`
    select relallvisible > 0.8 * relpages as frozen from pg_class where relname = 'people'`;
  expect(frozen).toBe(true);
  const { sql } = await copyBetween(source, target, {
    ...options,
    dryRun: true,
    replace: target.name,
  });
  const reads = sql.filter((one) => one.includes("public.people t") && one.includes("ctid"));
  expect(reads.length).toBeGreaterThan(2);
});

test("where one of the sessions is cancelled, all of it is read again", async () => {
  await using target = await withDatabase();
  const notices: string[] = [];
  const result = await whileRead(target, `select pg_cancel_backend(pid) ${readers}`, {
    ...slowly,
    masks: {
      ...masks,
      "public.people.note": "case when t.id = 15000 then pg_sleep(1.5)::text else t.id::text end",
    },
    events: (event) => event.type === "notice" && notices.push(event.message),
  });
  expect(result).toMatchObject({ rows: 40_000 });
  expect(notices).toEqual([
    expect.stringContaining("public.people: the source ended what was being read"),
  ]);
});

test("where one of the sessions is lost, the target stays empty and says so", async () => {
  await using target = await withDatabase();
  const failure = await whileRead(target, `select pg_terminate_backend(pid) ${readers}`);
  expect(failure).toMatchObject({
    code: "copy-failed",
    // Its last words, unless it could not say any as its rows were not taken fast enough.
    message: expect.stringMatching(
      /^the source failed while `public\.people` was copied: (?:terminating connection due to administrator command|the connection was lost \(.+\))$/,
    ),
  });
  expect(await target.sql`select count(*)::int from people`).toEqual([{ count: 0 }]);
  expect(await target.sql`select state from pgwright.anonymized_copy`).toEqual([
    { state: "incomplete" },
  ]);
});

test("where a further session is not to be had, it is a failure of the copy, which says so", async () => {
  const role = `reader_${source.name.slice(-6)}`;
  await source.sql.unsafe(
    `create role ${role} login password 'only for tests' connection limit 2;
     grant pg_read_all_data to ${role}`,
  );
  try {
    await using target = await withDatabase();
    const url = new URL(source.url);
    url.username = role;
    url.password = "only for tests";
    // The snapshot and one reader; the second reader is one too many.
    const failure = await copyBetween({ url: url.href }, target, {
      ...options,
      omitOwners: true,
    }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: "copy-failed",
      exit: 4,
      message: expect.stringMatching(
        /^the source failed while `public\.(?:people|paid)` was copied: cannot connect to .*: too many connections for role "reader_/,
      ),
      details: {
        sqlstate: "53300",
        notes: [
          `the target \`${target.name}\` is incomplete and marked so; the source was only read`,
        ],
        hint: expect.stringContaining("CONNECTION LIMIT"),
      },
    });
    expect(await target.sql`select state from pgwright.anonymized_copy`).toEqual([
      { state: "incomplete" },
    ]);
  } finally {
    await source.sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  }
});

test("where the target's session is lost, nothing goes on reading", async () => {
  await using target = await withDatabase();
  const failure = await whileRead(
    target,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = '${target.name}' and query like 'COPY public.people %'`,
  );
  expect(failure).toMatchObject({
    code: "copy-failed",
    message: expect.stringContaining("the target failed while `public.people` was copied"),
  });
  const reading = async () => source.sql.unsafe(`select 1 ${readers}`);
  while ((await reading()).length > 0);
});

test("an interrupt ends all sessions", async () => {
  await using target = await withDatabase();
  const controller = new AbortController();
  const failure = await copyBetween(source, target, {
    ...slowly,
    signal: controller.signal,
    events: (event) => {
      if (event.type === "step-progress" && event.title.includes("people")) controller.abort();
    },
  }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "interrupted" });
  const reading = async () => source.sql.unsafe(`select 1 ${readers}`);
  while ((await reading()).length > 0);
});

test("a value that the target refuses is told without the value", async () => {
  await using target = await withDatabase();
  const failure = await copyBetween(source, target, {
    ...options,
    masks: { ...masks, "public.people.id": "case when t.id = 19999 then null else t.id end" },
  }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: "copy-failed",
    message: expect.stringMatching(/target failed while `public[.]people` was copied: null value/),
  });
});
