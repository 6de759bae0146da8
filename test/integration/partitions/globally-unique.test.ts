/** `globally_unique:`: the guard of a key across partitions, on real tables. */
import { describe, expect, test } from "vitest";
import { withLocks } from "../../../src/policies/cost.ts";
import { parsePartitions } from "../../../src/policies/partitions/declared.ts";
import { partitionsPart } from "../../../src/policies/partitions/part.ts";
import type { UniqueKey } from "../../../src/policies/partitions/unique/guard.ts";
import {
  planGloballyUnique,
  type UniquePlan,
} from "../../../src/policies/partitions/unique/plan-unique.ts";
import { connectTo } from "../../support/connection.ts";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";
import { connectTo as connectMany } from "../../support/fitnesshub.ts";

const members = `create schema app;
  create table app.members (id uuid default gen_random_uuid() primary key, email text, tenant int, slug text)
    partition by hash (id);
  create table app.members_0 partition of app.members for values with (modulus 2, remainder 0);
  create table app.members_1 partition of app.members for values with (modulus 2, remainder 1);`;

const email: UniqueKey = { columns: ["email"], key: "exact" };
const lower: UniqueKey = { columns: ["email"], key: "lower" };

async function plan(
  database: TestDatabase,
  keys: readonly UniqueKey[],
  [schema, table] = ["app", "members"],
): Promise<UniquePlan> {
  await using session = await connectTo(database.url);
  return await planGloballyUnique(session, { schema, table, keys });
}

/** As the frame does: units as transactions, each step as its role. */
async function apply(database: TestDatabase, { steps }: UniquePlan): Promise<void> {
  await database.sql.begin(async (tx) => {
    for (const { sql, role } of steps) {
      await tx.unsafe(`set local role "${(role ?? "").replaceAll('"', '""')}"`);
      await tx.unsafe(sql);
    }
  });
}

async function make(database: TestDatabase, keys: readonly UniqueKey[]): Promise<void> {
  const made = await plan(database, keys);
  expect(made.findings).toEqual([]);
  await apply(database, made);
  expect(await plan(database, keys)).toEqual({ steps: [], findings: [] });
}

/** SQLSTATE and constraint of a refusal, or "accepted". */
async function verdict(database: TestDatabase, sql: string): Promise<string> {
  try {
    await database.sql.unsafe(sql);
    return "accepted";
  } catch (error) {
    const { code, constraint_name: name } = error as { code: string; constraint_name: string };
    return `${code} ${name}`;
  }
}

describe("a guard", () => {
  test("is planned as one transaction that copies the rows and says its lock", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(
      `${members} insert into app.members (email) values ('a'), ('b'), (null)`,
    );
    const { steps } = await plan(database, [email]);
    expect(new Set(steps.map(({ unit }) => unit)).size).toBe(1);
    await using session = await connectTo(database.url);
    const [first] = await withLocks(session, steps);
    expect(first?.locks).toMatchObject([{ table: "app.members", lock: "SHARE ROW EXCLUSIVE" }]);
    await make(database, [email]);
    expect(await database.sql`select email_key from app.members_email_guard order by 1`).toEqual([
      { email_key: "a" },
      { email_key: "b" },
    ]);
  });

  test("refuses a second value in any partition, as a unique constraint would", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(members);
    await make(database, [email]);
    const insert = (value: string) => `insert into app.members (email) values (${value})`;
    for (let i = 0; i < 8; i += 1) await database.sql.unsafe(insert(`'m${i}'`));
    for (let i = 0; i < 8; i += 1) {
      expect(await verdict(database, insert(`'m${i}'`))).toBe("23505 members_email_key");
    }
    expect(await verdict(database, insert("null"))).toBe("accepted");
    expect(await verdict(database, insert("null"))).toBe("accepted");
    expect(await verdict(database, "update app.members set email = 'm1' where email = 'm0'")).toBe(
      "23505 members_email_key",
    );
    // Freed by UPDATE to another value or null, by DELETE, and kept when the row changes its partition.
    await database.sql`update app.members set email = null where email = 'm0'`;
    await database.sql`update app.members set email = 'x1' where email = 'm1'`;
    await database.sql`delete from app.members where email = 'm2'`;
    await database.sql`update app.members set id = gen_random_uuid() where email in ('m3', 'm4', 'm5')`;
    for (const free of ["m0", "m1", "m2"]) {
      expect(await verdict(database, insert(`'${free}'`))).toBe("accepted");
    }
    for (const taken of ["m3", "m4", "m5", "x1"]) {
      expect(await verdict(database, insert(`'${taken}'`))).toBe("23505 members_email_key");
    }
    const [{ differing }] = (await database.sql`
      select count(*)::int as differing from (select email, id from app.members where email is not null) m
      full join app.members_email_guard g on g.id = m.id and g.email_key = m.email
      where g.id is null or m.id is null`) as unknown as [{ differing: number }];
    expect(differing).toBe(0);
  });

  test("holds while forty sessions want the same value", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(members);
    await make(database, [email]);
    const many = connectMany(database, 20);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () => many`insert into app.members (email) values ('one')`),
    );
    await many.end();
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await database.sql`select from app.members`).toHaveLength(1);
  });

  test("is made while others write, and misses none of their rows", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(members);
    const many = connectMany(database, 4);
    const load = { isOver: false, written: 0 };
    const writers = [1, 2, 3, 4].map(async (writer) => {
      for (let i = 0; !load.isOver; i += 1) {
        await many`insert into app.members (email) values (${`${writer}-${i}`})`;
        load.written += 1;
      }
    });
    while (load.written < 50) await many`select pg_sleep(0.01)`;
    await make(database, [email]);
    const enough = load.written + 50;
    while (load.written < enough) await many`select pg_sleep(0.01)`;
    load.isOver = true;
    await Promise.all(writers);
    await many.end();
    const [row] = await database.sql`select (select count(*) from app.members)::int as rows,
      (select count(*) from app.members_email_guard)::int as guarded`;
    expect(row).toEqual({ rows: load.written, guarded: load.written });
  });

  test("compares in lower case, and several columns together", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(members);
    const pair: UniqueKey = { columns: ["tenant", "slug"], key: "lower" };
    await make(database, [lower, pair]);
    const insert = (values: string) =>
      verdict(database, `insert into app.members (email, tenant, slug) values (${values})`);
    expect(await insert("'Ann@x', 1, 'A'")).toBe("accepted");
    expect(await insert("'ann@X', 2, 'A'")).toBe("23505 members_email_key");
    expect(await insert("'b', 1, 'a'")).toBe("23505 members_tenant_slug_key");
    expect(await insert("'b', 2, 'a'")).toBe("accepted");
    expect(await insert("'c', null, 'a'")).toBe("accepted");
    expect(await insert("'d', null, 'a'")).toBe("accepted");
  });

  test("works for a role with row level security and no right on the guard", async () => {
    await using database = await withDatabase();
    const role = `Guard ${database.name}`;
    const { sql } = database;
    await sql.unsafe(`create role "${role}"`);
    try {
      await sql.unsafe(`${members}
        alter default privileges in schema app grant all on tables to "${role}";
        alter table app.members enable row level security; alter table app.members force row level security;
        create policy own on app.members using (slug = 'mine');
        grant usage on schema app to "${role}"; grant select, insert on app.members to "${role}"`);
      await make(database, [email]);
      await sql`insert into app.members (email, slug) values ('theirs', 'theirs')`;
      const as = (text: string) =>
        sql
          .begin(async (tx) => {
            await tx.unsafe(`set local role "${role}"`);
            await tx.unsafe(text);
          })
          .then(
            () => "accepted",
            (error: { code: string; constraint_name: string }) =>
              `${error.code} ${error.constraint_name}`,
          );
      expect(await as("insert into app.members (email, slug) values ('x', 'mine')")).toBe(
        "accepted",
      );
      expect(await as("insert into app.members (email, slug) values ('theirs', 'mine')")).toBe(
        "23505 members_email_key",
      );
      expect(await as("select from app.members_email_guard")).toMatch(/^42501/);
      const [right] = await sql`
        select has_function_privilege(${role}, 'app.members_email_guard()', 'execute') as may`;
      expect(right).toEqual({ may: false });
    } finally {
      await sql.unsafe(`drop owned by "${role}"; drop role "${role}"`);
    }
  });

  test("with names that want quotes, a key of two columns, and types of an own collation", async () => {
    await using database = await withDatabase();
    const { sql } = database;
    await sql.unsafe(`create schema "My Schema"; create collation "My Schema".ci
        (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create table "My Schema"."Order" ("Id" int, "At" timestamptz default now(), "user"
        varchar(20) collate "My Schema".ci, primary key ("Id", "At")) partition by range ("At");
      create table "My Schema"."Order_a" partition of "My Schema"."Order" default;`);
    const name = ["My Schema", "Order"] as const;
    const key: UniqueKey = { columns: ["user"], key: "exact" };
    await apply(database, await plan(database, [key], [...name]));
    expect((await plan(database, [key], [...name])).steps).toEqual([]);
    const insert = (value: string) =>
      verdict(
        database,
        `insert into "My Schema"."Order" values (1, clock_timestamp(), '${value}')`,
      );
    expect(await insert("Ann")).toBe("accepted");
    expect(await insert("ANN")).toBe("23505 Order_user_key");
  });
});

describe("values as they are stored", () => {
  const value =
    "create schema app; create type app.place as (x int, y int); create domain app.spot as app.place;";
  const places = (type: string) => `${value}
    create table app.members (id int primary key, place ${type}) partition by hash (id);
    create table app.members_0 partition of app.members for values with (modulus 2, remainder 0);
    create table app.members_1 partition of app.members for values with (modulus 2, remainder 1);`;
  const place: UniqueKey = { columns: ["place"], key: "exact" };

  test.each(["app.place", "app.spot"])(
    "%s with NULLs in it is a value, as to UNIQUE",
    async (type) => {
      await using database = await withDatabase();
      await database.sql.unsafe(`${places(type)}
      create table app.plain (place ${type} unique);
      insert into app.members values (1, row(1, null)), (2, null)`);
      await make(database, [place]);
      await database.sql`insert into app.plain values (row(1, null)), (null)`;
      for (const [id, one] of Object.entries([
        "row(1, null)",
        "row(null, null)",
        "row(null, null)",
        "null",
      ])) {
        const plain = await verdict(database, `insert into app.plain values (${one})`);
        expect(await verdict(database, `insert into app.members values (1${id}, ${one})`)).toBe(
          plain.replace("plain_place_key", "members_place_key"),
        );
      }
      expect(
        await database.sql`select place_key::text as place, id from app.members_place_guard order by id`,
      ).toEqual([
        { place: "(1,)", id: 1 },
        { place: "(,)", id: 11 },
      ]);
    },
  );

  test("a guard that left such values out is made anew, and duplicates among them are found", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(places("app.place"));
    await make(database, [place]);
    const [{ body }] = (await database.sql`
      select pg_get_functiondef('app.members_place_guard()'::regprocedure) as body`) as unknown as [
      { body: string },
    ];
    await database.sql.unsafe(body.replace("is distinct from null", "is not null"));
    await database.sql`insert into app.members values (1, row(1, null)), (2, row(1, null))`;
    expect((await plan(database, [place])).findings.map(({ message }) => message)).toEqual([
      "(place) of app.members is not unique: 1 value occurs in 2 rows",
    ]);
    await database.sql`delete from app.members where id = 2`;
    await make(database, [place]);
    expect(await verdict(database, "insert into app.members values (3, row(1, null))")).toBe(
      "23505 members_place_key",
    );
  });

  test("lower case is compared by the collation of the column's domain", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(`create schema app;
      create collation app.plain (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
      create domain app.name as text collate app.plain;
      create table app.members (id int primary key, email app.name) partition by hash (id);
      create table app.members_0 partition of app.members for values with (modulus 1, remainder 0)`);
    await make(database, [lower]);
    expect(await verdict(database, "insert into app.members values (1, 'Zoé')")).toBe("accepted");
    expect(await verdict(database, "insert into app.members values (2, 'zoe')")).toBe(
      "23505 members_email_key",
    );
  });
});

describe("what is amiss", () => {
  test("values that occur twice are counted, not shown, and nothing is made", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(`${members} insert into app.members (email)
      values ('secret'), ('secret'), ('Secret'), ('other'), ('other')`);
    const { steps, findings } = await plan(database, [lower]);
    expect(steps).toEqual([]);
    expect(findings).toMatchObject([
      {
        rule: "partitions/duplicate-values",
        severity: "error",
        message: "lower (email) of app.members is not unique: 2 values occur in 5 rows",
      },
    ]);
    expect(JSON.stringify(findings)).not.toContain("secret");
    expect(
      await database.sql.unsafe(findings[0]?.hint?.replace(/ lists them$/, "") ?? ""),
    ).toHaveLength(2);
  });

  test("an unknown column, a table without key, a key of numbers", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(`${members} create table app.bare (email text)`);
    const messages = async (keys: readonly UniqueKey[], table = "members") =>
      (await plan(database, keys, ["app", table])).findings.map(({ message }) => message);
    expect(await messages([{ columns: ["e-mail"], key: "exact" }])).toEqual([
      '("e-mail") of app.members cannot be kept unique: it has no column "e-mail"',
    ]);
    expect(await messages([email], "bare")).toEqual([
      "(email) of app.bare cannot be kept unique: it has no primary key that a guard could refer to",
    ]);
    expect(await messages([{ columns: ["tenant"], key: "lower" }])).toEqual([
      "lower (tenant) of app.members cannot be kept unique: `key: lower` needs a column of text",
    ]);
    expect(await plan(database, [email], ["app", "nowhere"])).toEqual({ steps: [], findings: [] });
  });

  test.each([
    ["the trigger is gone", "drop trigger members_email_guard on app.members"],
    ["the trigger is disabled", "alter table app.members disable trigger members_email_guard"],
    ["its table is gone", "drop table app.members_email_guard"],
    ["its key is gone", "alter table app.members_email_guard drop constraint members_email_key"],
    [
      "its function is another one",
      "create or replace function app.members_email_guard() returns trigger language plpgsql as 'begin return null; end'",
    ],
    ["everybody may call it", "grant execute on function app.members_email_guard() to public"],
    ["everybody may read it", "grant select on app.members_email_guard to public"],
  ])("%s: found and mended", async (_name, damage) => {
    await using database = await withDatabase();
    await database.sql.unsafe(members);
    await make(database, [email]);
    await database.sql.unsafe(`insert into app.members (email) values ('kept')`);
    await database.sql.unsafe(damage);
    const mending = await plan(database, [email]);
    expect(mending.steps.length).toBeGreaterThan(0);
    await apply(database, mending);
    expect((await plan(database, [email])).steps).toEqual([]);
    expect(await verdict(database, "insert into app.members (email) values ('kept')")).toBe(
      "23505 members_email_key",
    );
  });

  test("a guard that is declared no more is an extra", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(members);
    await make(database, [email, lower].slice(0, 1));
    const extra = await plan(database, []);
    expect(extra.steps.map(({ extra: kind }) => kind)).toEqual(["other", "other", "other"]);
    await apply(database, extra);
    expect(await database.sql`select to_regclass('app.members_email_guard') as guard`).toEqual([
      { guard: null },
    ]);
    expect(await plan(database, [])).toEqual({ steps: [], findings: [] });
  });

  test("a table of somebody else's under the guard's name", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(`${members} create table app.members_email_guard (x int)`);
    const { steps, findings } = await plan(database, [email]);
    expect(steps).toEqual([]);
    expect(findings.map(({ rule }) => rule)).toEqual(["partitions/guard-name-taken"]);
  });
});

test("as declared in partitions.yaml, as a part of policies/", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(members);
  const { declared, findings } = parsePartitions(
    `app.members:
  by: hash
  modulus: 2
  globally_unique:
    - slug
    - {columns: [tenant, email], key: lower}
`,
    "partitions.yaml",
  );
  expect(findings).toEqual([]);
  if (!declared) throw new Error("no declaration");
  await using session = await connectTo(database.url);
  const context = {
    session,
    ownerRole: undefined,
    ledger: { schema: "public", table: "schema_migrations" },
  };
  const made = await partitionsPart.plan(declared, context);
  expect(new Set(made.steps.map(({ object }) => object))).toEqual(
    new Set(["app.members (slug)", "app.members lower (tenant, email)"]),
  );
  expect(made.steps[0]?.at).toMatchObject({ file: "partitions.yaml", line: 4 });
  await apply(database, made);
  expect(await partitionsPart.plan(declared, context)).toEqual({
    steps: [],
    findings: [],
    coming: [],
  });
  const wrong = parsePartitions(
    "app.members:\n  by: hash\n  modulus: 2\n  globally_unique:\n    - {columns: []}\n",
    "partitions.yaml",
  );
  expect(wrong.findings.map(({ severity, at }) => [severity, at?.line])).toEqual([["error", 5]]);
});
