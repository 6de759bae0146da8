/** What the generated triggers write into the log. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import { auditLogSql, install, plan } from "../../support/audit.ts";
import { connectTo } from "../../support/connection.ts";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";

let database: TestDatabase;
let session: Session;

const tables = `
create schema "Order Data";
create type "Order Data"."Mood" as enum ('sad', 'ok');
create type "Order Data".pair as (a int, b numeric);
create domain "Order Data".code as varchar(10) check (value <> '');
create table "Order Data"."user" (
  "Id" bigint generated always as identity primary key,
  "select" text not null,
  "it's a \\ name" text,
  password_hash text,
  note text,
  updated_at timestamptz default now());
create table "Order Data".parts (
  region text, "No" int, made timestamptz not null, what text,
  primary key (region, "No", made)) partition by list (region);
create table "Order Data".parts_eu partition of "Order Data".parts for values in ('eu') partition by range (made);
create table "Order Data".parts_eu_1 partition of "Order Data".parts_eu default;
create table "Order Data".parts_us partition of "Order Data".parts for values in ('us');
create table "Order Data".bag (what text, weight numeric, doc json);
create table "Order Data".traps (
  id uuid primary key default gen_random_uuid(),
  j json, b jsonb, x xml, p point, c char(5), n numeric, f float8, i interval, m "Order Data"."Mood",
  arr int[], docs jsonb[], comp "Order Data".pair, dom "Order Data".code, r numrange, y bytea, tz timestamptz, mo money,
  g int generated always as (1) stored);
create table "Order Data".${"long_".repeat(11)}a (id int primary key, v text);
create table "Order Data".${"long_".repeat(11)}b (id int primary key, v text);
create table "Order Data".nothing ();
`;

const long = "long_".repeat(11);

const yaml = `
log: shared.audit_log
defaults:
  bookkeeping: [updated_at]
tables:
  Order Data.user: { mask: [password_hash], exclude: [note] }
  Order Data.parts:
  Order Data.bag:
  Order Data.traps:
  Order Data.${long}a:
  Order Data.${long}b:
  Order Data.nothing:
`;

beforeAll(async () => {
  database = await withDatabase();
  session = await connectTo(database.url, { writes: true });
  await session.script(auditLogSql());
  await session.script(tables);
  await session.script(
    `insert into "Order Data".${long}a select i, 'v' from generate_series(1, 100000) i`,
  );
  await install(session, yaml);
});

afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

beforeEach(() => session.script("truncate shared.audit_log"));

/** What `sql` leaves in the log, in order. */
async function record(sql: string) {
  await session.script(sql);
  return session.query(
    `select table_name as "table", record_id as key, operation as op, old_values::text as old, new_values::text as new
     from shared.audit_log order by seq`,
  );
}

describe("recording", () => {
  it("is complete: a second plan is empty", async () => {
    expect(await plan(session, yaml)).toEqual({ steps: [], findings: [] });
  });

  it("keeps changed columns only, masks, leaves out, and sees no change in bookkeeping", async () => {
    const table = `"Order Data"."user"`;
    expect(
      await record(`
        insert into ${table} ("select", password_hash, updated_at) values ('a', 'secret', '2024-01-01Z');
        update ${table} set note = 'hidden';
        update ${table} set updated_at = '2024-01-02Z';
        update ${table} set "select" = "select";
        set timezone = 'UTC';
        update ${table} set password_hash = 'other', updated_at = '2024-01-03Z';
        update ${table} set password_hash = null, "it's a \\ name" = 'n';
        delete from ${table}`),
    ).toEqual([
      {
        table: "Order Data.user",
        key: "1",
        op: "INSERT",
        old: null,
        new: expect.stringMatching(
          /^\{"Id": 1, "select": "a", "updated_at": ".*", "it's a \\\\ name": null, "password_hash": "\*\*\*"\}$/,
        ),
      },
      {
        table: "Order Data.user",
        key: "1",
        op: "UPDATE",
        old: `{"updated_at": "2024-01-02T00:00:00+00:00", "password_hash": "***"}`,
        new: `{"updated_at": "2024-01-03T00:00:00+00:00", "password_hash": "***"}`,
      },
      {
        table: "Order Data.user",
        key: "1",
        op: "UPDATE",
        old: `{"it's a \\\\ name": null, "password_hash": "***"}`,
        new: `{"it's a \\\\ name": "n", "password_hash": null}`,
      },
      expect.objectContaining({ op: "DELETE", key: "1", new: null }),
    ]);
  });

  it("names the root and the whole key, whichever partition and time zone is meant", async () => {
    const rows = await record(`
      set timezone = 'Asia/Kolkata';
      insert into "Order Data".parts values ('eu', 1, '2024-01-01 12:00:00.5Z', 'a');
      update "Order Data".parts_eu_1 set what = 'b';
      set timezone = 'UTC';
      update "Order Data".parts set region = 'us';
      delete from "Order Data".parts_us`);
    const eu = `{"No": "1", "made": "2024-01-01T12:00:00.5+00:00", "region": "eu"}`;
    const us = eu.replace("eu", "us");
    expect(rows.map(({ table, key, op }) => [table, key, op])).toEqual([
      ["Order Data.parts", eu, "INSERT"],
      ["Order Data.parts", eu, "UPDATE"],
      ["Order Data.parts", eu, "DELETE"],
      ["Order Data.parts", us, "INSERT"],
      ["Order Data.parts", us, "DELETE"],
    ]);
  });

  it("records TRUNCATE of a table, of a root, and of a leaf by its name", async () => {
    const rows = await record(`
      truncate "Order Data".bag;
      truncate "Order Data".parts_eu_1;
      truncate "Order Data".parts`);
    // PostgreSQL truncates the partitions in an order of its own.
    const shown = rows.map(({ table, key, op, old }) => [table, key, op, old]);
    expect([
      ...shown.slice(0, 3),
      ...shown.slice(3).toSorted((one, other) => (String(one) < String(other) ? -1 : 1)),
    ]).toEqual([
      ["Order Data.bag", null, "TRUNCATE", null],
      ["Order Data.parts", null, "TRUNCATE", `{"partition": "Order Data.parts_eu_1"}`],
      ["Order Data.parts", null, "TRUNCATE", null],
      ["Order Data.parts", null, "TRUNCATE", `{"partition": "Order Data.parts_eu_1"}`],
      ["Order Data.parts", null, "TRUNCATE", `{"partition": "Order Data.parts_us"}`],
    ]);
  });

  it("keeps the whole row where no key names it", async () => {
    expect(
      await record(`
        insert into "Order Data".bag values ('a', 1.0, '{"a":  1}');
        update "Order Data".bag set weight = 1.0;
        update "Order Data".bag set weight = 1.00`),
    ).toMatchObject([
      { key: null, op: "INSERT", new: `{"doc": "{\\"a\\":  1}", "what": "a", "weight": 1.0}` },
      {
        op: "UPDATE",
        old: `{"doc": "{\\"a\\":  1}", "what": "a", "weight": 1.0}`,
        new: `{"doc": "{\\"a\\":  1}", "what": "a", "weight": 1.00}`,
      },
    ]);
    expect(await record(`insert into "Order Data".nothing default values`)).toHaveLength(3);
  });

  it("sees what = does not see, and fails on no type", async () => {
    const t = `"Order Data".traps`;
    await session.script(`
      insert into ${t} (j, b, x, p, c, n, f, i, m, arr, docs, comp, dom, r, y, tz, mo)
      values ('{"a":1}', '1.0', '<a/>', '(1,2)', 'ab', 1.0, 0, '1 day', 'ok', '[0:1]={1,2}',
        array['null'::jsonb], (1, 1.0), 'X', '[1,2)', '\\x00ff', 'infinity', 12.34)`);
    const changes = {
      j: `'{"a": 1}'`,
      b: "'1.00'",
      x: "'<b/>'",
      p: "'(1,2.5)'",
      n: "1.00",
      f: "'-0'",
      i: "'24 hours'",
      m: "'sad'",
      arr: "'{1,2}'",
      docs: "array[null::jsonb]",
      comp: "(1, 1.00)",
      dom: "'x'",
      r: "'[1.0,2)'",
      y: "'\\x00'",
      tz: "'-infinity'",
    };
    await session.script("truncate shared.audit_log");
    for (const [column, value] of Object.entries(changes)) {
      const [entry, ...rest] = await record(`update ${t} set ${column} = ${value}`);
      expect([column, rest.length, Object.keys(JSON.parse(String(entry?.["new"])))]).toEqual([
        column,
        0,
        [column],
      ]);
      expect(await record(`update ${t} set ${column} = ${value}`)).toHaveLength(1);
      await session.script("truncate shared.audit_log");
    }
    // A JSON text that jsonb refuses must not stop the write.
    expect(await record(`update ${t} set j = '"\\u0000"'`)).toHaveLength(1);
  });

  it("goes on without an identity, with an empty one and with one that is no uuid", async () => {
    const who = async (identity: string) => {
      await session.script(
        `set app.current_user_id = '${identity}'; insert into "Order Data".bag values ('x')`,
      );
      const { by } = await session.one<{ by: string | null }>(
        "select changed_by::text as by from shared.audit_log order by seq desc limit 1",
      );
      return by;
    };
    const id = "3f2b8c1e-0f6a-4f0e-9a51-0123456789AB";
    expect(await who(id)).toBe(id.toLowerCase());
    expect(await who("")).toBeNull();
    expect(await who("42")).toBeNull();
    expect(await who("'' or 1=1".replaceAll("'", "''"))).toBeNull();
    expect(await who(`${id}0`)).toBeNull();
  });

  it("records each of 100,000 updates", async () => {
    await session.script(`update "Order Data".${long}a set v = v || id`);
    const { count, right } = await session.one<{ count: number; right: number }>(
      `select count(*)::int as count,
              count(*) filter (where old_values = '{"v": "v"}' and new_values = jsonb_build_object('v', 'v' || record_id))::int as right
       from shared.audit_log`,
    );
    expect({ count, right }).toEqual({ count: 100_000, right: 100_000 });
    expect(await session.query("select distinct table_name as name from shared.audit_log")).toEqual(
      [{ name: `Order Data.${long}a` }],
    );
  });
});
