/** What runs out: keys, sequences, transaction ids, connections, locks. */
import { expect, test } from "vitest";
import { withDatabase } from "../support/database.ts";
import { find, follow, sessionOn, statementsOf } from "../support/doctor.ts";

test("integer keys and sequences that run out", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table "User" (id serial primary key);
    create table posts (id bigint generated always as identity primary key, author int references "User");
    create table likes (id int generated always as identity, post int references posts);
    create sequence tickets as smallint; create table t (n bigint default nextval('tickets'));
    create sequence down increment by -1 minvalue -100; create sequence round maxvalue 10 cycle`);
  const rules = async (prefix = "doctor/") =>
    (await find(database, prefix))
      .filter(({ rule }) => rule.endsWith("-running-out"))
      .map(({ rule, severity, object }) => [rule, severity, object]);
  expect(await rules("doctor/key-")).toEqual([]);
  expect(await rules("doctor/sequence-")).toEqual([]);

  await sql.unsafe(`select setval('"User_id_seq"', 2000000000), setval('posts_id_seq', 1800000000),
    setval('tickets', 32700), setval('down', -80), setval('round', 10)`);
  const keys = await find(database, "doctor/key-");
  expect(keys.map(({ severity, object, message }) => [severity, object, message])).toEqual([
    [
      "error",
      'public."User".id',
      'public."User".id (integer) is filled from public."User_id_seq", which stands at 2,000,000,000 of 2,147,483,647: 93.1 % used, 147,483,647 left before inserts fail',
    ],
    [
      "error",
      "public.posts.author",
      'public.posts.author (integer) refers to values of public."User_id_seq", which stands at 2,000,000,000 of 2,147,483,647: 93.1 % used, 147,483,647 left before inserts fail',
    ],
    [
      "warning",
      "public.likes.post",
      "public.likes.post (integer) refers to values of public.posts_id_seq, which stands at 1,800,000,000 of 2,147,483,647: 83.8 % used, 347,483,647 left before inserts fail",
    ],
  ]);
  const sequences = await find(database, "doctor/sequence-");
  expect(sequences.map(({ severity, object, message }) => [severity, object, message])).toEqual([
    [
      "error",
      "public.tickets",
      "sequence public.tickets stands at 32,700 of 32,767: 99.7 % used, 67 left before inserts fail",
    ],
    [
      "warning",
      "public.down",
      "sequence public.down stands at -80 of -100: 79.7 % used, 20 left before inserts fail",
    ],
  ]);
  // Columns that refer to a key are widened before it: a foreign key needs not be of the same type.
  for (const finding of keys.toReversed()) await follow(sql, finding);
  for (const finding of sequences) await follow(sql, finding);
  expect(await find(database, "doctor/key-")).toEqual([]);
  expect(await find(database, "doctor/sequence-")).toEqual([]);
  expect(await sql`insert into "User" default values returning id`).toEqual([{ id: "2000000001" }]);
});

test("the age of transaction ids, with the tables to freeze", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe("create table t (a int)");
  const look = async (limits: { xidAge?: number; xidAgeCritical?: number } = {}) =>
    (await find(database, "doctor/wraparound", { limits })).filter(
      ({ object }) => object === `"${database.name}"`,
    );
  expect(await look()).toEqual([]);
  const [warning] = await look({ xidAge: 1 });
  expect(warning?.message).toMatch(
    /^database "Test \w+" has used 0\.0 % of its transaction ids: after 2,144,\d{3},\d{3} more the server refuses all writes$/,
  );
  expect(warning?.severity).toBe("warning");
  expect(statementsOf(warning)[0]).toMatch(/^VACUUM \(FREEZE, VERBOSE\) pg_catalog\.\w+;$/);
  await sql.unsafe(statementsOf(warning)[0] ?? "");
  expect(await look({ xidAge: 1, xidAgeCritical: 1 })).toMatchObject([{ severity: "error" }]);
});

test("connections that are nearly used up", async () => {
  await using database = await withDatabase();
  expect(await find(database, "doctor/connections")).toEqual([]);
  const [finding] = await find(database, "doctor/connections", { limits: { connectionsUsed: 0 } });
  expect(finding?.message).toMatch(
    /^\d+ of \d+ connections for ordinary roles are taken \([\d.]+ %\)/,
  );
  await database.sql.unsafe(statementsOf(finding)[0] ?? "");
});

test("a partitioned table that needs much of the lock table", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table p (a int primary key) partition by range (a)`);
  for (let i = 0; i < 5; i += 1) {
    await sql.unsafe(`create table p_${i} partition of p for values from (${i}) to (${i + 1})`);
  }
  expect(await find(database, "doctor/locks-scarce")).toEqual([]);
  const [finding] = await find(database, "doctor/locks-scarce", {
    limits: { lockTableShare: 0.0001 },
  });
  expect(finding?.message).toMatch(
    /^a query on public\.p that names no partition key locks 10 relations \(5 partitions and their indexes\), and the server has room for about [\d,]+ locks in all/,
  );
  // What the finding counts is what PostgreSQL locks.
  const session = sessionOn(database);
  await session.unsafe("begin; select * from p");
  const [locks] = await session<{ count: number }[]>`
    select count(*)::int as count from pg_locks
    where pid = pg_backend_pid() and relation::regclass::text ~ '^p_[0-9]'`;
  expect(locks?.count).toBe(10);
  await session.end();
});
