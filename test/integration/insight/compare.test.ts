/** Two snapshots: what lies between them is right to the call, whatever happened to the counters. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compare, type ChangedQuery, type Comparison } from "../../../src/insight/compare.ts";
import { findSnapshot } from "../../../src/insight/find-snapshot.ts";
import { writeSnapshot } from "../../../src/insight/snapshot-file.ts";
import { takeSnapshot, type Snapshot } from "../../../src/insight/snapshot.ts";
import { startCluster } from "../../support/cluster.ts";
import { connectTo } from "../../support/connection.ts";
import { withDatabase, type TestDatabase } from "../../support/database.ts";
import { clientOf } from "../../support/doctor.ts";
import { withFolder } from "../../support/folder.ts";

async function snapshot({ url }: Pick<TestDatabase, "url">): Promise<Snapshot> {
  await using session = await connectTo(url);
  return await takeSnapshot(session);
}

async function call({ sql }: Pick<TestDatabase, "sql">, text: string, times: number) {
  for (let n = 0; n < times; n += 1) await sql.unsafe(text);
}

function find({ queries }: Comparison, text: string): ChangedQuery | undefined {
  const found = queries.filter((query) => query.text.includes(text));
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0];
}

async function withNotes(): Promise<TestDatabase> {
  const database = await withDatabase();
  await database.sql.unsafe(`create extension pg_stat_statements;
    create table notes (id int, body text); insert into notes select n, 'x' from generate_series(1, 10) n`);
  return database;
}

test("what is new, what goes on and what is gone, to the call", async () => {
  await using database = await withNotes();
  await call(database, "select body from notes where id = 1", 6);
  await call(database, "select 'old', id from notes", 3);
  const before = await snapshot(database);
  await call(database, "select body from notes where id = 2", 4);
  await call(database, "select count(*), 'new' from notes", 2);
  const result = compare(before, await snapshot(database));
  expect(find(result, "select body")).toMatchObject({ change: "same", calls: 4, rows: 4 });
  expect(find(result, "count(*)")).toMatchObject({ change: "new", calls: 2, meanBeforeMs: null });
  expect(find(result, "select $1, id")).toMatchObject({ change: "gone", calls: 3, rows: 0 });
  expect(result.notes).toEqual([]);
});

test("a reset of one query in between: its calls since, and the others' differences", async () => {
  await using database = await withNotes();
  await call(database, "select body from notes where id = 1", 9);
  await call(database, "select id from notes", 5);
  const before = await snapshot(database);
  await database.sql`select count(pg_stat_statements_reset(userid, dbid, queryid))
    from pg_stat_statements s join pg_database d on d.oid = s.dbid
    where d.datname = current_database() and query like 'select body from notes%'`;
  await call(database, "select body from notes where id = 1", 4);
  await call(database, "select id from notes", 2);
  const result = compare(before, await snapshot(database));
  expect(find(result, "select body")).toMatchObject({ calls: 4, resets: 1 });
  expect(find(result, "select id")).toMatchObject({ calls: 2, resets: 0 });
});

test("a reset of everything, by a server of its own: said, and counted since", async () => {
  await using cluster = await startCluster();
  const sql = clientOf(cluster);
  await sql.unsafe("create extension pg_stat_statements; create table notes (id int)");
  await call({ sql }, "select id from notes", 3);
  const before = await snapshot(cluster);
  await sql`select pg_stat_statements_reset()`;
  // More calls than before: only the time of the reset tells.
  await call({ sql }, "select id from notes", 8);
  const after = await snapshot(cluster);
  const result = compare(before, after);
  expect(find(result, "select id")).toMatchObject({ calls: 8, change: "same" });
  expect(result.notes).toEqual([expect.stringContaining("the statistics were reset at")]);

  // Nothing waits for the disk in a test server.
  await sql`checkpoint`;
  await sql.end();
  await cluster.kill();
  await cluster.start();
  const again = clientOf(cluster);
  await call({ sql: again }, "select id from notes", 9);
  const late = compare(after, await snapshot(cluster));
  expect(find(late, "select id")).toMatchObject({ calls: 9 });
  expect(late.notes).toEqual([
    expect.stringContaining("the statistics were reset at"),
    expect.stringContaining("the server was restarted at"),
  ]);
  await again.end();
});

test("a table that was dropped and made again is the same query, also after its old entry", async () => {
  await using database = await withNotes();
  await call(database, "select body from notes where id = 1", 6);
  const before = await snapshot(database);
  await call(database, "select body from notes where id = 1", 2);
  await database.sql.unsafe("drop table notes; create table notes (id int, body text)");
  await call(database, "select body from notes where id = 1", 3);
  const result = compare(before, await snapshot(database));
  expect(find(result, "select body")).toMatchObject({ change: "same", calls: 5 });
});

test("lists of any length are one query, and so is a snapshot of another major version", async () => {
  await using database = await withNotes();
  await call(database, "select id from notes where id in (1, 2, 3)", 6);
  const before = await snapshot(database);
  await call(database, "select id from notes where id in (1, 2)", 2);
  await call(database, "select id from notes where id in (4, 5, 6)", 1);
  const after = await snapshot(database);
  expect(find(compare(before, after), "id in (")).toMatchObject({ change: "same", calls: 3 });
  const older = {
    ...before,
    majorVersion: before.majorVersion - 1,
    statements: before.statements.map((entry) => ({
      ...entry,
      queryId: String(BigInt(entry.queryId) ^ 12345n),
      text: entry.text.replace(/\(\$1 \/\*, ... \*\/\)/, "($1, $2, $3)"),
    })),
  };
  const upgraded = compare(older, after);
  expect(find(upgraded, "id in (")).toMatchObject({
    change: expect.stringMatching(/same|faster|slower/),
    calls: 9,
  });
  expect(upgraded.notes).toEqual([expect.stringContaining("PostgreSQL went from")]);
});

test("slower and faster only where it is more than chance", async () => {
  await using database = await withNotes();
  const slow = (ms: number) => `select id, pg_sleep(${ms / 1000}) from notes where id = 1`;
  await call(database, slow(1), 8);
  await call(database, "select id from notes", 8);
  const before = await snapshot(database);
  await call(database, slow(15), 8);
  await call(database, "select id from notes", 8);
  const result = compare(before, await snapshot(database));
  expect(find(result, "pg_sleep")).toMatchObject({ change: "slower", calls: 8 });
  expect(find(result, "pg_sleep")?.ratio).toBeGreaterThan(3);
  expect(find(result, "select id from notes")).toMatchObject({ change: "same" });
});

test("a snapshot's file comes back as it was, and a damaged one is refused with its reason", async () => {
  await using database = await withNotes();
  await using folder = await withFolder();
  const place = { directory: folder.path, workingDirectory: folder.path };
  await using session = await connectTo(database.url);
  const taken = await snapshot(database);
  const path = await writeSnapshot(taken, { directory: folder.path, output: undefined });
  expect(await findSnapshot(session, "last", place, new Date())).toEqual(taken);
  await expect(findSnapshot(session, "2h", place, new Date())).rejects.toMatchObject({
    code: "snapshot-unusable",
    message: expect.stringContaining("none of the 1 snapshots is as old as 2h"),
  });
  const text = await readFile(path, "utf8");
  const cut = join(folder.path, "cut.jsonl");
  await writeFile(cut, text.split("\n").slice(0, -3).join("\n"));
  await expect(findSnapshot(session, "cut.jsonl", place, new Date())).rejects.toThrow(
    /it is cut off/,
  );
  await writeFile(cut, text.slice(0, -20));
  await expect(findSnapshot(session, cut, place, new Date())).rejects.toThrow(/it is damaged/);
  await writeFile(cut, "{}\n");
  await expect(findSnapshot(session, cut, place, new Date())).rejects.toThrow(/was not written by/);
  await expect(findSnapshot(session, "none", place, new Date())).rejects.toThrow(/no such file/);
});
