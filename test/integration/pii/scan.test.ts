/** What the scan reads, and how, on a real server. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classify } from "../../../src/pii/classify.ts";
import type { PiiFinding, PiiReport } from "../../../src/pii/report.ts";
import { scan, type ScanOptions } from "../../../src/pii/scan.ts";
import { startCluster } from "../../support/cluster.ts";
import { connectTo } from "../../support/connection.ts";
import { serverUrl, withDatabase, type TestDatabase } from "../../support/database.ts";

let database: TestDatabase;
const suffix = Math.random().toString(36).slice(2, 8);
const role = `pii_reader_${suffix}`;

const mail = (n: string) => `'person' || ${n} || '@example.com'`;

const schemaSql = `
create schema shop; create schema "Odd Schema";
create domain shop.mail as text; create domain shop.contact as shop.mail;
create type shop.place as (street text, zip text, note text);
create type shop.channel as enum ('web', 'store');
create type shop.odd;
create function shop.odd_in(cstring) returns shop.odd language internal immutable strict as 'textin';
create function shop.odd_out(shop.odd) returns cstring language internal immutable strict as 'textout';
create type shop.odd (input = shop.odd_in, output = shop.odd_out, like = text, category = 'X');

create table shop.kinds (
  id int generated always as identity primary key,
  a shop.contact, b text[], c jsonb, d shop.place, e bytea, f inet, g macaddr, h xml,
  i tsvector, j shop.odd, k varchar(60)[], l json, m shop.channel, n int4range, o interval, p boolean, phones text[], ips inet[]);
insert into shop.kinds (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, phones, ips)
select ${mail("n")}, array[${mail("n")}, 'x' || n],
  jsonb_build_object('owner', jsonb_build_object('phones', jsonb_build_array('+44 20 7946 ' || lpad(n::text, 4, '0'))), 'n', n,
    'by', jsonb_build_object(${mail("n")}, 'ok')),
  row(n || ' Main Street', lpad(n::text, 5, '0'), 'none')::shop.place,
  convert_to(${mail("n")}, 'UTF8'), ('192.0.2.' || n % 250)::inet, '08:00:2b:01:02:03', xmlparse(content '<a>' || ${mail("n")} || '</a>'),
  to_tsvector('simple', ${mail("n")}), (${mail("n")})::shop.odd, array[${mail("n")}],
  json_build_array(json_build_object('to', ${mail("n")})), 'web', int4range(n, n + 5), interval '1 day', true,
  array['+44 20 7946 ' || lpad(n::text, 4, '0'), null], array[('192.0.2.' || n % 250)::inet]
from generate_series(1, 200) n;

create table shop.people (email text primary key, note text);
insert into shop.people select ${mail("n")}, case when n % 20 = 0 then 'call +44 20 7946 0' || 100 + n else 'nothing, really' end from generate_series(1, 300) n;
create table shop.ratings (x text references shop.people, stars int);
insert into shop.ratings select email, 3 from shop.people;

create table shop.events (at date, who text) partition by range (at);
create table shop.events_a partition of shop.events for values from ('2024-01-01') to ('2025-01-01');
create table shop.events_b partition of shop.events for values from ('2025-01-01') to ('2026-01-01');
insert into shop.events select '2024-03-01', 'nobody' || n from generate_series(1, 3000) n;
insert into shop.events select '2025-03-01', ${mail("n")} from generate_series(1, 3000) n;

create materialized view shop.copies as select note, email as addr from shop.people;
create table "Odd Schema"."Odd ""Table" ("E-Mail" text, "select" text);
insert into "Odd Schema"."Odd ""Table" select ${mail("n")}, 'x' from generate_series(1, 50) n;

-- A column that is nearly always NULL, in a table too large to be read whole; one row in a hundred is personal.
create table shop.big as
  select n, repeat('filler ', 20) as filler, case when n % 500 = 0 then ${mail("n")} end as rare,
    case when n between 30000 and 30800 then ${mail("n")} else 'item' || n end as lumped
  from generate_series(1, 80000) n;

-- Check digits that pass by chance: milliseconds, numbers of goods.
create table shop.chance as select 1700000000000 + n * 7919 as a, (4000000000000000 + n * 104729)::text as b,
  '4' || lpad((n * 7919 % 1000000000000)::text, 12, '0') as c from generate_series(1, 5000) n;
create table shop.empty_people (first_name text, phone text, c3 text);
analyze`;

beforeAll(async () => {
  database = await withDatabase();
  await database.sql.unsafe(schemaSql);
}, 120_000);

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  await admin.unsafe(`drop role if exists ${role}`);
  await admin.end();
});

async function report(options: Partial<ScanOptions> = {}, url = database.url): Promise<PiiReport> {
  await using session = await connectTo(url);
  return await scan(session, { level: "sample", ...options });
}

const brief = (findings: readonly PiiFinding[]) =>
  findings.map(({ table, column, path, entity }) => `${table}.${path ?? column} ${entity}`);

describe("all kinds of types", () => {
  const expected = [
    "kinds.a email",
    "kinds.b email",
    "kinds.c.by.* email",
    "kinds.c.owner.phones[*] phone",
    "kinds.d.street address",
    "kinds.d.zip postal_code",
    "kinds.e email",
    "kinds.f ip_address",
    "kinds.g mac_address",
    "kinds.h email",
    "kinds.i email",
    "kinds.j email",
    "kinds.k email",
    "kinds.l[*].to email",
    // Once, whatever its name, its type and its members say.
    "kinds.phones phone",
    "kinds.ips ip_address",
  ];

  test.each(["sample", "full"] as const)("%s", async (level) => {
    const { findings, unread, rows } = await report({ level, schemas: ["shop"] });
    const own = findings.filter(({ table }) => table === "kinds");
    expect(brief(own).toSorted()).toEqual(expected.toSorted());
    expect(unread).toEqual([
      {
        object: "shop.kinds.j",
        why: "the type shop.odd is not known to the scan: only its text form was looked at",
        isBlind: false,
      },
    ]);
    expect(rows).toBeGreaterThan(level === "full" ? 90_000 : 3000);
  });
});

test("values are never shown, at any level", async () => {
  for (const level of ["fast", "sample", "full"] as const) {
    const { findings } = await report({ level });
    const text = JSON.stringify(findings);
    expect(findings.length).toBeGreaterThan(10);
    expect(text).not.toMatch(/person\d|example\.com|7946|192\.0/);
  }
});

test("a sample meets what LIMIT and block samples miss: rare values, and 1% that lie together", async () => {
  const { findings } = await report();
  const big = findings.filter(({ table }) => table === "big");
  expect(brief(big)).toEqual(expect.arrayContaining(["big.rare email", "big.lumped email"]));
  expect(big.find(({ column }) => column === "lumped")?.evidence.join()).toContain(
    "values hold an e-mail address",
  );
});

test("check digits that are passed by chance prove nothing", async () => {
  expect((await report()).findings.filter(({ table }) => table === "chance")).toEqual([]);
});

test("partitions are sampled in proportion, and reported as their parent", async () => {
  for (const level of ["fast", "sample", "full"] as const) {
    const { findings } = await report({ level });
    expect(
      findings
        .filter(({ table }) => table.startsWith("events"))
        .map(({ table, column, entity }) => [table, column, entity]),
    ).toEqual([["events", "who", "email"]]);
  }
});

test("a foreign key tells what it leads to, a materialized view is a copy, odd names are names", async () => {
  const { findings } = await report({ level: "fast" });
  expect(brief(findings)).toEqual(
    expect.arrayContaining([
      "people.email email",
      "ratings.x email",
      "copies.addr email",
      'Odd "Table.E-Mail email',
    ]),
  );
  const key = findings.find(({ table, column }) => table === "ratings" && column === "x");
  expect(key?.evidence).toContain("it references shop.people.email");
});

test("several kinds in one text are all told", async () => {
  const { findings } = await report();
  const notes = findings.filter(({ table, column }) => table === "people" && column === "note");
  expect(notes.map(({ entity }) => entity).toSorted()).toEqual(["free_text", "phone"]);
});

test("names and types suffice for tables without rows", async () => {
  await using session = await connectTo(database.url);
  const found = await classify(session, { schemas: ["shop"] });
  expect(brief(found).filter((one) => one.startsWith("empty_people"))).toEqual([
    "empty_people.first_name person_name",
    "empty_people.phone phone",
  ]);
  // Nothing was read: what only values could tell is not there.
  expect(brief(found).filter((one) => one.startsWith("big"))).toEqual([]);
});

test("a table that is locked is told, and nobody is waited for", async () => {
  await using locker = await lock("shop.people");
  const { unread, findings } = await report({ schemas: ["shop"] });
  expect(unread).toContainEqual({
    object: "shop.people",
    why: "it is locked exclusively",
    hint: "run the same command again when that is over",
    isBlind: true,
  });
  // Its names are judged all the same.
  expect(brief(findings)).toContain("people.email email");
  await locker.release();
});

async function lock(table: string) {
  const sql = postgres(serverUrl(), { database: database.name, max: 1, onnotice: () => {} });
  await sql.unsafe(`begin; lock table ${table} in access exclusive mode`);
  const release = async () => {
    await sql.unsafe("rollback");
    await sql.end();
  };
  return { release, [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) };
}

describe("a role with few rights", () => {
  beforeAll(async () => {
    await database.sql.unsafe(`
      create role ${role} login password 'only for tests';
      grant usage on schema shop to ${role};
      grant select on shop.people, shop.big to ${role};
      grant select (at) on shop.events to ${role}; grant select (at) on shop.events_a, shop.events_b to ${role};
      alter table shop.people enable row level security;
      create policy own on shop.people to ${role} using (false)`);
  });

  afterAll(async () => {
    await database.sql.unsafe(
      `drop policy own on shop.people; alter table shop.people disable row level security; drop owned by ${role}`,
    );
  });

  test.each(["fast", "sample", "full"] as const)(
    "%s: what it could not see is told, with the right that is missing",
    async (level) => {
      const url = new URL(database.url);
      url.username = role;
      url.password = "only for tests";
      const { unread, findings } = await report({ level, schemas: ["shop"] }, url.href);
      const blind = new Map(
        unread
          .filter(({ isBlind }) => isBlind)
          .map(({ object, why, hint }) => [object, `${why}: ${hint}`]),
      );
      expect(blind.get("shop.people")).toMatch(
        level === "fast"
          ? /no statistics that the role may see.*BYPASSRLS/
          : /row level security would hide rows.*ALTER ROLE .* BYPASSRLS/,
      );
      expect(blind.get("shop.kinds")).toMatch(/may not read it: GRANT SELECT ON shop\.kinds/);
      expect(blind.get("shop.events")).toMatch(
        /may not read who: GRANT SELECT \(who\) ON shop\.events/,
      );
      expect(blind.has("shop.big")).toBe(false);
      // Names are judged all the same.
      expect(brief(findings)).toEqual(
        expect.arrayContaining(["people.email email", "big.rare email"]),
      );
    },
  );
});

test("a statement that takes too long ends that table alone", async () => {
  await database.sql.unsafe(`
    create schema slow;
    create function slow.wait(int) returns text language plpgsql as $$ begin perform pg_sleep(5); return 'x'; end $$;
    create domain slow.text as text; create table slow.t (a int, email text); insert into slow.t values (1, 'a@b.example');
    create table slow.u as select * from slow.t`);
  // An index expression is not read; a view is not scanned: the table is made slow by its lock instead.
  await using locker = await lock("slow.t");
  const { unread, rows } = await report({
    level: "full",
    schemas: ["slow"],
    statementTimeoutMs: 300,
  });
  expect(unread.map(({ object, why }) => [object, why])).toEqual([
    ["slow.t", "reading it took longer than the statement timeout"],
  ]);
  expect(rows).toBe(1);
  await locker.release();
});

test("a standby is scanned like its primary", async () => {
  await using cluster = await startCluster();
  const sql = postgres(cluster.url, { max: 1, onnotice: () => {} });
  await sql.unsafe(
    `create table people as select ${mail("n")} as email from generate_series(1, 100) n;
     create unlogged table scratch as select * from people; analyze people`,
  );
  await sql.end();
  await cluster.stop();
  // Copied, so that it belongs to the server's account too.
  const signal = join(cluster.dataDirectory, "standby.signal");
  await promisify(execFile)("cp", ["-a", join(cluster.dataDirectory, "PG_VERSION"), signal]);
  await cluster.start();
  for (const level of ["fast", "sample", "full"] as const) {
    const { findings, unread } = await report({ level }, cluster.url);
    expect(brief(findings)).toEqual(["people.email email", "scratch.email email"]);
    expect(unread.map(({ object }) => object)).toEqual(level === "fast" ? [] : ["public.scratch"]);
  }
});

test("an unknown schema is refused", async () => {
  await expect(report({ schemas: ["shoop"] })).rejects.toMatchObject({ code: "relation-unknown" });
});
