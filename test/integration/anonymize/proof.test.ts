/** What would break a constraint, or let personal data through, is refused before anything runs. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { findingsOf, maskedRows, planWith } from "../../support/masking.ts";

let database: TestDatabase;
let session: Session;

beforeAll(async () => {
  database = await withDatabase();
  session = await connectTo(database.url, { writes: true });
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** Findings about `public.p` made as told, under rules for its columns. */
async function check(schema: string, rules: string, more = ""): Promise<string[]> {
  await session.query("reset search_path");
  await session.script(`drop schema if exists public cascade; create schema public; ${schema}`);
  return await findingsOf(session, `${more}\ntables: {public.p: {columns: {${rules}}}}`);
}

describe("unique keys", () => {
  it.each([
    [
      "a mask of its own for each row",
      "create table p (id int primary key, a text unique, b text)",
      "a: email, b: first_name",
      [],
    ],
    ["a permutation", "create table p (id int primary key, a int unique)", "a: integer", []],
    [
      "lower() of a mask without capitals",
      "create table p (id int primary key, a text); create unique index on p (lower(a))",
      "a: {mask: email, domain: x}",
      [],
    ],
    [
      "NULL in a unique key",
      "create table p (id int primary key, a text unique)",
      "a: {mask: null}",
      [],
    ],
    [
      "a key that holds another, which is kept",
      "create table p (id int primary key, a text, unique (id, a))",
      "a: city",
      [],
    ],
  ] as const)("are kept: %s", async (_title, schema, rules, expected) => {
    expect(await check(schema, rules)).toEqual(expected);
  });

  it.each([
    [
      "names repeat",
      "create table p (id int primary key, a text unique)",
      "a: first_name",
      /a is part of p_a_key, and `first_name` makes different values the same/,
    ],
    [
      "NULLs that are not distinct",
      "create table p (id int primary key, a text unique nulls not distinct)",
      "a: {mask: null}",
      /p_a_key/,
    ],
    [
      "no row has anything of its own",
      "create table p (a text unique, b text)",
      "a: email, b: city",
      /p_a_key/,
    ],
    [
      "an expression nobody can see through",
      "create table p (id int primary key, a text); create unique index u on p (left(a, 3))",
      "a: email",
      /is part of u/,
    ],
    [
      "a pair of which one repeats",
      "create table p (id int primary key, a text, b int, unique (a, b))",
      "a: city",
      /p_a_b_key/,
    ],
    [
      "too short for distinct values",
      "create table p (id int primary key, a varchar(20) unique)",
      "a: email",
      /no room for unique addresses/,
    ],
  ] as const)("are refused: %s", async (_title, schema, rules, message) => {
    expect(await check(schema, rules)).toEqual([expect.stringMatching(message)]);
  });

  it("are kept by a domain that knows no case, unless rows differ in case alone", async () => {
    const schema =
      "create table p (id int primary key, a text unique); insert into p values (1, 'Ada@x.test'), (2, 'bob@x.test');";
    const rules = "a: {mask: email, domain: mail}";
    expect(await check(schema, rules)).toEqual([]);
    expect(await check(`${schema} insert into p values (3, 'ADA@x.test')`, rules)).toEqual([
      expect.stringMatching(/^masking\/unique-case: .*1 value/),
    ]);
  });
});

describe("other constraints", () => {
  it.each([
    [
      "a check",
      "create table p (id int primary key, a text check (a like '%.test'))",
      "a: email",
      /^masking\/check: .*50 of 50 made-up rows break p_a_check/,
    ],
    [
      "a check, on rows",
      "create table p (id int primary key, a text check (length(a) < 8)); insert into p values (1, 'short')",
      "a: email",
      /1 of 1 rows break p_a_check/,
    ],
    [
      "a domain",
      "create domain d as text check (value ~ 'x'); create table p (id int primary key, a d)",
      "a: {mask: fixed, value: 7}",
      /the mask of public.p.a fails: value for domain/,
    ],
    [
      "NOT NULL",
      "create table p (id int primary key, a text not null)",
      "a: {mask: null}",
      /the column is NOT NULL/,
    ],
    [
      "NOT NULL by an expression",
      "create table p (id int primary key, a text not null); insert into p values (1, 'x')",
      "a: {mask: sql, sql: \"nullif(t.a, 'x')\"}",
      /is NOT NULL, and 1 of 1 rows become NULL/,
    ],
    [
      "a length",
      "create table p (id int primary key, a varchar(10))",
      "a: phone",
      /no room for a number/,
    ],
    [
      "an enum",
      "create type e as enum ('x'); create table p (id int primary key, a e)",
      "a: {mask: choice, values: [y]}",
      /has no label `y`/,
    ],
    [
      "an exclusion",
      "create table p (id int primary key, a daterange, b date, exclude using gist (daterange(b, b, '[]') with &&))",
      "b: date_shift, a: {keep: true, reason: r}",
      /part of the exclusion p_daterange_excl/,
    ],
    [
      "a generated column",
      "create table p (id int primary key, a int, b int generated always as (a + 1) stored)",
      "b: integer",
      /is generated and cannot be masked/,
    ],
  ] as const)("are refused: %s", async (_title, schema, rules, message) => {
    expect(await check(schema, rules)).toEqual([expect.stringMatching(message)]);
  });
});

describe("expressions", () => {
  it("are one, and nothing beyond it", async () => {
    const of = (sql: string) =>
      check("create table p (id int primary key, a text)", `a: {mask: sql, sql: "${sql}"}`);
    expect(await of("upper(t.a)")).toEqual([]);
    expect(await of("t.a) from pg_authid; --")).toEqual([
      expect.stringMatching(/^masking\/expression: .*is no SQL/),
    ]);
    expect(await of("t.a, t.id")).toEqual([expect.stringMatching(/is not one expression/)]);
    expect(await of("nothing(t.a)")).toEqual([
      expect.stringMatching(/function nothing\(text\) does not exist/),
    ]);
  });

  it("leave the rows outside `where` alone", async () => {
    await session.query("reset search_path");
    await session.script(
      "drop schema if exists public cascade; create schema public; create table p (id int primary key, staff boolean, a text); insert into p values (1, true, 'Ada'), (2, false, 'Bob'), (3, null, 'Eve')",
    );
    const plan = await planWith(
      session,
      "tables: {public.p: {where: not t.staff, keep_reason: they agreed, columns: {a: last_name}}}",
    );
    const rows = await maskedRows(session, plan, "public.p", "t.id");
    expect(rows[0]).toMatchObject({ a: "Ada" });
    expect(rows.slice(1).map(({ a }) => a)).not.toEqual(expect.arrayContaining(["Bob"]));
    expect(rows[2]?.["a"]).not.toBe("Eve");
  });
});

describe("a composite value with a NULL in it", () => {
  const schema =
    "create type addr as (street text, zip text); create table p (id int primary key, a addr, b addr not null)";
  const data =
    "insert into p values (1, row('Elm', null), row(null, null)), (2, null, row('Oak', null))";

  it("is masked like any value, and is none that NOT NULL refuses", async () => {
    const rules = "a: {mask: fixed, value: '(x,)'}, b: {mask: fixed, value: '(,)'}";
    expect(await check(`${schema}; ${data}`, rules)).toEqual([]);
    const plan = await planWith(session, `tables: {public.p: {columns: {${rules}}}}`);
    expect(await maskedRows(session, plan, "public.p", "t.id")).toMatchObject([
      { a: { street: "x", zip: null }, b: { street: null } },
      { a: null, b: { street: null } },
    ]);
  });
});

describe("columns without a rule", () => {
  const schema = `create table p (id int primary key, email text, birth_date date, n int, note text, meta jsonb,
    role text check (role in ('user', 'admin')), tags text[], at timestamptz, search tsvector, ip inet)`;
  it("are named, where they are personal or can hold anything", async () => {
    expect(
      (await check(schema, "")).map((one) => one.replace(/.*public\.p\.(\w+).*/, "$1")),
    ).toEqual(["email", "birth_date", "note", "meta", "tags", "search", "ip"]);
  });

  it("are masked or kept, where the file says so", async () => {
    expect(
      await check(
        `${schema}; insert into p values (1, 'a@x.test', '2000-01-01', 5, 'Ada', '{"a": "Ada"}', 'user', '{Ada}', now(), 'Ada', '192.0.2.1')`,
        "",
        "defaults: {unclassified: mask}",
      ),
    ).toEqual([]);
    const [row] = await maskedRows(
      session,
      await planWith(session, "defaults: {unclassified: mask}"),
      "public.p",
    );
    expect(row).toMatchObject({ id: 1, n: 5, role: "user", search: null });
    expect(JSON.stringify(row)).not.toMatch(/Ada|x\.test|2000-01-01|192\.0/);
    expect(await check(schema, "", "defaults: {unclassified: keep}")).toHaveLength(7);
  });
});

describe("stale rules", () => {
  it("name what the column is likely called now", async () => {
    await session.query("reset search_path");
    await session.script(
      "drop schema if exists public cascade; create schema public; create table p (id int primary key, mobile_phone text)",
    );
    const yaml =
      "tables: {public.p: {columns: {phone: phone, mobile_phon: phone}}, public.pp: {columns: {a: email}}}";
    await expect(planWith(session, yaml)).rejects.toThrow(
      /masking-refused.*public\.p has no column phone \(it is called mobile_phone now/,
    );
    expect(await findingsOf(session, yaml)).toContain(
      "masking/stale-rule: there is no table public.pp",
    );
  });
});
