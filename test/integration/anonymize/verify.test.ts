/** A copy is held against its source: a clean one is clean, and an original is found wherever it is put. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { copyMasked, verifyWith } from "../../support/verify.ts";

const rules = `
defaults: {unclassified: keep}
tables:
  public.person:
    columns:
      email: email
      '"First Name"': first_name
      tags: scramble
      home: "null"
      "meta.contacts[*].email": email
      "meta.notes.**": {mask: scramble, keep: [kind]}
      joined: {mask: date_shift, by: id}
  public.history:
    mirror: {table: table_name, values: [old_values], key: record_id}
`;

let source: TestDatabase;
let target: TestDatabase;

beforeAll(async () => {
  source = await withDatabase();
  target = await withDatabase();
  await source.sql.unsafe(`
    create type address as (street text, code varchar(10));
    create table person (
      id int8 primary key, email text unique, "First Name" varchar(30), tags text[], meta jsonb,
      joined timestamptz, bio text, kind text default 'regular', home address
    );
    insert into person
    select n, 'orig' || n || '@marked.test', 'Markedname' || n, array['tagged-' || n, 'common'],
      jsonb_build_object(
        'contacts', jsonb_build_array(jsonb_build_object('email', 'second' || n || '@marked.test', 'kind', 'private')),
        'notes', jsonb_build_object('kind', 'regular visitor', 'text', jsonb_build_array('Secretword' || n))),
      '2020-01-01 12:00:00.123456Z'::timestamptz + n * interval '1 minute', 'Runs and swims', 'regular',
      row('Marked Lane ' || n, 'MK-' || 1000 + n)::address
    from generate_series(1, 500) n;
    create table history (id int primary key, table_name text, record_id text, old_values jsonb);
    insert into history select n, 'public.person', n::text,
      jsonb_build_object('email', 'past' || n || '@marked.test', 'bio', 'Runs') from generate_series(1, 100) n;
    create table elder (id int8); create table heir () inherits (elder);
    insert into elder values (1); insert into heir values (2), (3);
    create materialized view people as select id, email from person;
    analyze`);
  await copyMasked(source, target, rules);
});

afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
});

const found = async () => {
  const { survival } = await verifyWith(source, target, rules);
  return survival.survivors.map(({ from, in: place, paths, values }) => ({
    from,
    place,
    paths,
    values,
  }));
};

describe("verifying a copy", () => {
  it("finds a clean copy clean, and says how much was looked for", async () => {
    const result = await verifyWith(source, target, rules);
    expect(result.findings).toEqual([]);
    expect(result.isClean).toBe(true);
    expect(
      Object.fromEntries(result.survival.columns.map(({ column, sought }) => [column, sought])),
    ).toEqual({
      email: 500,
      "First Name": 500,
      tags: 1000,
      meta: 1000,
      joined: 500,
      home: 1000,
      old_values: 100,
    });
    expect(result.integrity).toMatchObject({ rows: 603, tables: 4 });
  });

  const leaks: [what: string, sql: string, undo: string, expected: object][] = [
    [
      "in a kept column, in other letters and within a sentence",
      "update person set bio = 'Write to ORIG7@marked.test, please' where id = 3",
      "update person set bio = 'Runs' where id = 3",
      { from: ["public.person.email"], place: "public.person.bio", paths: [], values: 1 },
    ],
    [
      "in a leaf of a document",
      `update person set meta = jsonb_set(meta, '{contacts,0,kind}', '"Markedname12"') where id = 9`,
      `update person set meta = jsonb_set(meta, '{contacts,0,kind}', '"private"') where id = 9`,
      {
        from: ["public.person.First Name"],
        place: "public.person.meta",
        paths: ["$.contacts[*].kind"],
        values: 1,
      },
    ],
    [
      "as a key of a document",
      `update person set meta = meta || '{"past3@marked.test": 1}' where id = 9`,
      `update person set meta = meta - 'past3@marked.test' where id = 9`,
      {
        from: ["public.history.old_values"],
        place: "public.person.meta",
        paths: ["$ (a key)"],
        values: 1,
      },
    ],
    [
      "in a materialized view that is older than the masks",
      "create table before as select 'orig1@marked.test' as email; create materialized view stale as select * from before; delete from before",
      "drop table before cascade",
      { from: ["public.person.email"], place: "public.stale.email", paths: [], values: 1 },
    ],
    [
      "in a comment",
      "comment on column person.bio is 'as Markedname5 has it'",
      "comment on column person.bio is null",
      {
        from: ["public.person.First Name"],
        place: "the catalog (comment)",
        paths: ["column bio of table public.person"],
        values: 1,
      },
    ],
    [
      "of a composite value as a text of its own",
      "update person set bio = 'Marked Lane 77' where id = 3",
      "update person set bio = 'Runs' where id = 3",
      { from: ["public.person.home"], place: "public.person.bio", paths: [], values: 1 },
    ],
    [
      "in an enum's label",
      "create type vip as enum ('orig44@marked.test')",
      "drop type vip",
      {
        from: ["public.person.email"],
        place: "the catalog (enum label)",
        paths: ["public.vip"],
        values: 1,
      },
    ],
    [
      "in a view",
      "create view vips as select * from person where email = 'orig45@marked.test'",
      "drop view vips",
      {
        from: ["public.person.email"],
        place: "the catalog (view)",
        paths: ["public.vips"],
        values: 1,
      },
    ],
    [
      "in bytes",
      "create table file (content bytea); insert into file values ('To: orig46@marked.test')",
      "drop table file",
      { from: ["public.person.email"], place: "public.file.content", paths: [], values: 1 },
    ],
  ];

  it.each(leaks)("finds an original %s", async (_what, sql, undo, expected) => {
    await target.sql.unsafe(sql);
    try {
      expect(await found()).toEqual([expected]);
    } finally {
      await target.sql.unsafe(undo);
    }
  });

  it("finds one of several words within a comment", async () => {
    await target.sql.unsafe("comment on column person.bio is 'they live in Marked Lane 77 now'");
    try {
      const { survival, isClean } = await verifyWith(source, target, rules);
      expect(isClean).toBe(false);
      // With "Marked Lane 7", which is the beginning of it.
      expect(survival.searched.found).toMatchObject([
        { from: ["public.person.home"], in: "the catalog (comment)", values: 2 },
      ]);
    } finally {
      await target.sql.unsafe("comment on column person.bio is null");
    }
  });

  it("finds them in the planner's statistics", async () => {
    await target.sql.unsafe(`
      create table gone (email text) with (autovacuum_enabled = off);
      insert into gone select 'orig' || n || '@marked.test' from generate_series(1, 50) n;
      analyze gone; truncate gone`);
    expect(await found()).toEqual([
      {
        from: ["public.person.email"],
        place: "the catalog (statistics)",
        paths: ["public.gone.email"],
        values: 50,
      },
    ]);
    await target.sql.unsafe("drop table gone");
  });

  it("shows what it found only masked", async () => {
    await target.sql.unsafe("update person set bio = 'orig7@marked.test' where id = 3");
    const text = JSON.stringify(await verifyWith(source, target, rules));
    await target.sql.unsafe("update person set bio = 'Runs' where id = 3");
    expect(text).toContain("o***");
    expect(text).not.toContain("marked");
  });

  it("finds rows that are missing and references to nothing", async () => {
    await target.sql.unsafe(`
      delete from history where id = 7;
      create table parent (id int primary key);
      create table child (id int primary key, parent int references parent);
      set session_replication_role = replica; insert into child values (1, 5); reset session_replication_role`);
    const { findings } = await verifyWith(source, target, rules);
    expect(findings.map(({ rule, object }) => [rule, object])).toEqual([
      ["verify/row-count", "public.history"],
      ["verify/foreign-key", "public.child"],
    ]);
    await target.sql.unsafe(`
      drop table child, parent;
      insert into history select 7, table_name, 'gone', '{}' from history where id = 8`);
  });

  it("measures how many rows are alike, and says what would make it more", async () => {
    const declared = `${rules}
privacy: {k: 5, quasi_identifiers: {public.person: [kind, joined]}}
`;
    const { anonymity, findings } = await verifyWith(source, target, declared);
    expect(anonymity).toMatchObject([
      { table: "public.person", k: 1, below: 500, rows: 500, wanted: 5 },
    ]);
    expect(anonymity[0]?.steps.at(-1)?.k).toBeGreaterThanOrEqual(5);
    expect(findings).toMatchObject([
      { rule: "verify/k-anonymity", severity: "error", at: { line: 16 } },
    ]);
  });

  it("tells with the key what a mask drew for another row from what it carried over", async () => {
    await using few = await withDatabase();
    await using copy = await withDatabase();
    await few.sql.unsafe(`
      create table card (id int primary key, number text);
      insert into card select n, 'number-' || n from generate_series(1, 200) n; analyze`);
    // Each mask is the next row's original, but for one row, which keeps its own.
    const drawn = `
tables:
  public.card:
    columns:
      number: {mask: sql, sql: "case t.id when 77 then t.number else 'number-' || (t.id + 1) end"}
`;
    await copyMasked(few, copy, drawn);
    const { survival } = await verifyWith(few, copy, drawn);
    const places = survival.survivors.map((one) => [one.in, one.values, one.times]);
    expect(places).toEqual([
      ["public.card.number", 1, 2],
      ["the catalog (statistics)", 1, 1],
    ]);
    const allowed = survival.allowed.filter((one) => one.in === "public.card.number");
    expect(allowed).toMatchObject([{ reason: "drawn", values: 197 }]);
    const unknown = await verifyWith(few, copy, drawn, { hasKey: false });
    expect(unknown.survival.survivors[0]?.values).toBeGreaterThan(190);
    expect(unknown.keyFingerprint).toBeUndefined();
    expect(unknown.notCovered.join()).toContain("key of the copy was not given");
  });
});
