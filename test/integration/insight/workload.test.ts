/** Twenty queries on FitnessHub, five of them slow: the report names each reason, and its advice mends it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { adviseIndexes } from "../../../src/insight/advise.ts";
import { protect } from "../../../src/database/protection.ts";
import { explainQuery } from "../../../src/insight/explain.ts";
import { reportQueries, type QueryReport } from "../../../src/insight/report.ts";
import { connectTo } from "../../support/connection.ts";
import { statementsOf } from "../../support/doctor.ts";
import { withWorkload, type SlowName, type Workload } from "../../support/workload.ts";

let workload: Workload;

beforeAll(async () => {
  workload = await withWorkload();
}, 120_000);

afterAll(() => workload[Symbol.asyncDispose]());

async function report(): Promise<QueryReport> {
  const { database, role } = workload;
  await using session = await connectTo(database.url);
  return await reportQueries(session, {
    sort: "total",
    limit: 100,
    minCalls: 1,
    database: database.name,
    role,
  });
}

const reasons: Readonly<Record<SlowName, { matching: RegExp; rule: string }>> = {
  index: { matching: /exercise_sets where weight/, rule: "slow-queries/missing-index" },
  policy: { matching: /from notifications/, rule: "slow-queries/policy-per-row" },
  partitions: { matching: /date_trunc/, rule: "slow-queries/no-pruning" },
  pattern: { matching: /content like/, rule: "slow-queries/pattern" },
  oneByOne: { matching: /from workouts where id = \$/, rule: "slow-queries/one-by-one" },
};

test("each of the five is named with its reason, and nothing is said against the other fifteen", async () => {
  await workload.run();
  const { queries } = await report();
  const unplanned = queries.filter(
    ({ text, plan }) => plan === null && /^select(?! set_config)/.test(text),
  );
  expect(unplanned.map(({ text, noPlan }) => [text, noPlan])).toEqual([]);
  const said = queries.flatMap(({ text, problems }) =>
    problems.map(({ rule }) => {
      const [name] = Object.entries(reasons).find(([, { matching }]) => matching.test(text)) ?? [
        text,
      ];
      return `${name}: ${rule}`;
    }),
  );
  expect(said.toSorted()).toEqual(
    Object.entries(reasons)
      .map(([name, { rule }]) => `${name}: ${rule}`)
      .toSorted(),
  );
  expect(queries.length).toBeGreaterThanOrEqual(20);
});

test("indexes list asks for the two that are missing, each with its query", async () => {
  await using session = await connectTo(workload.database.url);
  const { indexes } = await adviseIndexes(session, 200);
  const asked = indexes.toSorted((a, b) => a.table.localeCompare(b.table));
  expect(asked.map(({ table, keys, method }) => [table, method, ...keys])).toEqual([
    ["ai_service.ai_messages", "gin", "content gin_trgm_ops"],
    ["workout_service.exercise_sets", "btree", "weight", "reps"],
  ]);
  for (const { queries, gain, bytes, writes } of indexes) {
    expect(queries).toHaveLength(1);
    expect(gain).toBeGreaterThan(5);
    expect(bytes).toBeGreaterThan(100_000);
    expect(writes).toBeGreaterThan(10_000);
  }
});

test("a query is explained as its role and identity, and run only when asked", async () => {
  const { database, role, user } = workload;
  await using session = await connectTo(database.url);
  const before = await database.sql`select count(*)::int as count from users`;
  const options = {
    analyze: false,
    role,
    identity: user,
    identitySetting: "app.current_user_id",
    parameters: [],
    timeLimitMs: 20_000,
  };
  const sql = "select count(*) from notification_service.notifications where message <> 'x'";
  const file = { kind: "sql", sql, file: "query.sql" } as const;
  const planned = await explainQuery(session, file, options);
  expect(planned).toMatchObject({ role, totalMs: null, id: null });
  expect(planned.plan.join("\n")).toContain("is_support()");
  expect(planned.findings.map(({ rule }) => rule)).toContain("slow-queries/policy-per-row");
  const run = await explainQuery(session, file, { ...options, analyze: true });
  expect(run.totalMs).toBeGreaterThan(0);
  expect(run.plan.join("\n")).toMatch(/really \d+ in/);

  const { queries } = await report();
  const wanted = queries.find(({ text }) => reasons.index.matching.test(text));
  const id = { kind: "id", id: wanted?.id.slice(0, 10) ?? "" } as const;
  const free = { ...options, role: undefined, identity: undefined };
  expect(await explainQuery(session, id, free)).toMatchObject({ role, id: wanted?.id });
  await expect(explainQuery(session, id, { ...free, analyze: true })).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("2 of its parameters have no value"),
  });
  const values = { ...free, analyze: true, parameters: ["4711", "5"] };
  const analyzed = await explainQuery(session, id, values);
  expect(analyzed.findings.map(({ rule }) => rule)).toEqual([
    "slow-queries/missing-index",
    "explain/discarded",
  ]);

  const removal = { ...file, sql: "delete from user_service.users" };
  const asOwner = { ...free, analyze: true };
  expect((await explainQuery(session, removal, asOwner)).totalMs).toBeGreaterThan(0);
  expect(await database.sql`select count(*)::int as count from users`).toEqual(before);
  for (const sql of [
    "with gone as (delete from user_service.users returning 1) select count(*) from gone",
    "select id from user_service.users for update",
  ]) {
    expect((await explainQuery(session, { ...file, sql }, asOwner)).totalMs).toBeGreaterThan(0);
  }
  expect(await database.sql`select count(*)::int as count from users`).toEqual(before);
  await expect(
    explainQuery(session, file, { ...asOwner, parameters: ["1"] }),
  ).rejects.toMatchObject({ code: "usage", message: expect.stringContaining("has no parameters") });

  await database.sql.unsafe(
    "create function public.remember() returns int language sql as 'insert into user_service.users default values returning 1'",
  );
  const hidden = { ...file, sql: "select public.remember()" };
  await expect(explainQuery(session, hidden, asOwner)).rejects.toMatchObject({
    details: { sqlstate: "25006", hint: expect.stringContaining("a function in it writes") },
  });
  await database.sql.unsafe("drop function public.remember");
  const endless = { ...file, sql: "select pg_sleep(20)" };
  await expect(
    explainQuery(session, endless, { ...asOwner, timeLimitMs: 200 }),
  ).rejects.toMatchObject({
    code: "sql-failed",
    message: "the query ran out of its time",
  });
  await expect(explainQuery(session, { ...file, sql: "vacuum" }, free)).rejects.toMatchObject({
    code: "usage",
  });
});

test("on a protected database a statement that writes is planned, and not run", async () => {
  await using session = await connectTo(workload.database.url);
  const options = {
    analyze: true,
    role: undefined,
    identity: undefined,
    identitySetting: "app.current_user_id",
    parameters: [],
    timeLimitMs: 20_000,
  };
  const file = (sql: string) => ({ kind: "sql", sql, file: "query.sql" }) as const;
  const writing = [
    "delete from user_service.users",
    "with gone as (delete from user_service.users returning 1) select count(*) from gone",
    "select id from user_service.users for update",
  ];
  const refused = { code: "database-protected" };
  const byEnvironment = explainQuery(session, file("delete from user_service.users"), {
    ...options,
    isProtected: true,
  });
  await expect(byEnvironment).rejects.toMatchObject(refused);
  await protect(session, "for this test");
  for (const sql of writing) {
    await expect(explainQuery(session, file(sql), options)).rejects.toMatchObject(refused);
    const planned = await explainQuery(session, file(sql), { ...options, analyze: false });
    expect(planned.totalMs).toBeNull();
  }
  const read = await explainQuery(
    session,
    file("select count(*) from user_service.users"),
    options,
  );
  expect(read.totalMs).toBeGreaterThan(0);
  await workload.database.sql`drop table pgwright.protection`;
});

test("its advice is followed, and the reasons are gone from the plans", async () => {
  const before = await report();
  for (const { problems } of before.queries) {
    for (const problem of problems) {
      for (const statement of statementsOf(problem)) await workload.database.sql.unsafe(statement);
    }
  }
  await workload.database.sql.unsafe("analyze");
  const after = await report();
  for (const name of ["index", "policy", "pattern"] as const) {
    const { matching } = reasons[name];
    const query = after.queries.find(({ text }) => matching.test(text));
    expect([name, query?.problems.map(({ rule }) => rule)]).toEqual([name, []]);
  }
});
