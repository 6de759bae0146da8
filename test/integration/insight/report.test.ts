/** `slow-queries`: what it reads of pg_stat_statements, of every version, and what it says where it cannot. */
import { expect, test } from "vitest";
import { reportQueries, type QueryReport } from "../../../src/insight/report.ts";
import type { Choice } from "../../../src/insight/statistics.ts";
import { startCluster } from "../../support/cluster.ts";
import { connectTo } from "../../support/connection.ts";
import { withDatabase, type TestDatabase } from "../../support/database.ts";
import { clientOf, statementsOf, urlFor, withRole } from "../../support/doctor.ts";

async function report(
  { url, name }: Pick<TestDatabase, "url" | "name">,
  choice: Partial<Choice> = {},
): Promise<QueryReport> {
  await using session = await connectTo(url);
  return await reportQueries(session, {
    sort: "total",
    limit: 1000,
    minCalls: 1,
    database: name,
    ...choice,
  });
}

async function withStatistics(version?: string): Promise<TestDatabase> {
  const database = await withDatabase();
  const clause = version === undefined ? "" : ` version '${version}'`;
  await database.sql.unsafe(`create extension pg_stat_statements${clause}`);
  return database;
}

test("calls, rows and times are those of the server, by any order and choice", async () => {
  await using database = await withStatistics();
  const { sql } = database;
  await sql`create table notes (id int primary key, body text)`;
  await sql`insert into notes select n, repeat('x', 100) from generate_series(1, 500) n`;
  for (let n = 1; n <= 7; n += 1) await sql.unsafe(`select * from notes where id < ${n * 10}`);
  const { queries, statistics } = await report(database, { matching: "FROM NOTES" });
  expect(queries).toHaveLength(1);
  expect(queries[0]).toMatchObject({
    text: "select * from notes where id < $1",
    calls: 7,
    rows: 9 + 19 + 29 + 39 + 49 + 59 + 69,
    isTopLevel: true,
    role: "postgres",
    database: database.name,
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  expect(queries[0]?.share).toBeLessThan(1);
  expect(statistics.totals.hidden).toBe(0);
  const byCalls = await report(database, { sort: "calls" });
  const calls = byCalls.queries.map((query) => query.calls);
  expect(calls).toEqual(calls.toSorted((a, b) => b - a));
  expect((await report(database, { minCalls: 7, matching: "notes" })).queries).toHaveLength(1);
  // Other tests of the run may have given cause for findings about the server.
  const including = (finding: object) =>
    expect.arrayContaining([
      expect.objectContaining({ rule: "slow-queries/unknown-name", ...finding }),
    ]);
  expect(await report(database, { role: "nobody" })).toMatchObject({
    queries: [],
    findings: including({ message: "there is no role `nobody`" }),
  });
  expect(await report(database, { database: "nowhere" })).toMatchObject({
    findings: including({ message: "there is no database `nowhere` on this server" }),
  });
  expect((await report(database, { limit: 2 })).queries).toHaveLength(2);
});

test("every version of the extension is read by its own columns", async () => {
  for (const version of ["1.8", "1.9", "1.10"]) {
    await using database = await withStatistics(version);
    await database.sql`select 'seen', 42`;
    for (const sort of ["total", "io", "temp", "wal", "planning", "variation"] as const) {
      const { queries, findings, statistics } = await report(database, {
        sort,
        matching: "select $1, $2",
      });
      expect(queries.map(({ calls }) => calls)).toEqual([1]);
      expect(statistics.extensionVersion).toBe(version);
      expect(statistics.since === null).toBe(version === "1.8");
      const old = findings.find(({ rule }) => rule === "slow-queries/extension-old");
      for (const statement of statementsOf(old)) {
        expect(statement).toBe("ALTER EXTENSION pg_stat_statements UPDATE;");
      }
    }
  }
});

test("a view of that name in front of the extension's is not asked", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(
    `create schema "My Statistics"; create extension pg_stat_statements schema "My Statistics";
     create view pg_stat_statements as select 1 as planted, 2 as calls`,
  );
  await database.sql`select 'seen', 42`;
  expect((await report(database, { matching: "select $1, $2" })).queries).toHaveLength(1);
});

test("passwords and other strings of utility statements are masked", async () => {
  await using database = await withStatistics();
  const { sql } = database;
  await using role = await withRole();
  await sql.unsafe(`alter role ${role.name} password 'top secret'`);
  await sql.unsafe(`alter role ${role.name} set search_path = 'hidden place'`);
  await sql.unsafe(`comment on schema public is $tag$also secret$tag$`);
  const { queries } = await report(database);
  const texts = queries.map(({ text }) => text).join("\n");
  expect(texts).toContain(`alter role ${role.name} password '***'`);
  expect(texts).toContain("comment on schema public is '***'");
  expect(texts).not.toMatch(/secret|hidden place/);
});

test("without the extension, the lines to run are named, and they work", async () => {
  await using database = await withDatabase();
  const error = await report(database).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "statistics-missing", exit: 4 });
  expect(error).toHaveProperty("details.hint", expect.stringContaining("as a superuser"));
  await database.sql.unsafe("CREATE EXTENSION pg_stat_statements;");
  expect((await report(database)).queries.length).toBeGreaterThan(0);
});

test("created but not preloaded: the statement for the setting", async () => {
  await using cluster = await startCluster({ settings: { shared_preload_libraries: "" } });
  const sql = clientOf(cluster);
  await sql`create extension pg_stat_statements`;
  const error = await report({ url: cluster.url, name: "postgres" }).catch((thrown) => thrown);
  expect(error).toMatchObject({
    code: "statistics-missing",
    details: {
      hint: "`ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements';` and restart the server",
    },
  });
  await sql.unsafe("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'");
  await sql.end();
  await cluster.stop();
  await cluster.start();
  expect((await report({ url: cluster.url, name: "postgres" })).findings).toEqual([]);
});

test("without rights: what is hidden is counted, and what is missing is named", async () => {
  await using role = await withRole();
  await using database = await withStatistics();
  const mine = { ...database, url: urlFor(database.url, role) };
  await database.sql`select 'of the superuser', 42`;
  const { findings, statistics, queries } = await report(mine);
  expect(statistics.totals.hidden).toBeGreaterThan(0);
  expect(queries.map(({ text }) => text).join()).not.toContain("insufficient privilege");
  const finding = findings.find(({ rule }) => rule === "slow-queries/rights");
  expect(finding).toMatchObject({ severity: "warning" });
  for (const statement of statementsOf(finding)) await database.sql.unsafe(statement);
  // Other tests fill the view of the server meanwhile: that some entries went is not said here.
  const rules = (await report(mine)).findings.map(({ rule }) => rule);
  expect(rules).not.toContain("slow-queries/rights");

  await database.sql`revoke select on pg_stat_statements from public`;
  await expect(report(mine)).rejects.toMatchObject({
    code: "statistics-missing",
    details: {
      hint: expect.stringContaining(`GRANT SELECT ON public.pg_stat_statements`),
    },
  });
});
