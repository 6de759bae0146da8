/** A draft of the rules is one that can be run: `check` finds no fault with what `init` wrote. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkMasking } from "../../../src/anonymize/check.ts";
import { draftRules } from "../../../src/anonymize/draft.ts";
import type { Session } from "../../../src/db/session.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { parseRules } from "../../../src/anonymize/rules/read.ts";
import { findingsOf, maskedRows, planWith } from "../../support/masking.ts";

let database: TestDatabase;
let session: Session;

beforeAll(async () => {
  database = await withDatabase();
  await database.sql.unsafe(`
    create type pair as (a text, b int);
    create domain doc as jsonb;
    create table odd (
      id int generated always as identity primary key, code varchar(8) not null unique, address cidr unique,
      contacts jsonb[], mixed jsonb, profile doc, pairs pair[] not null, "say ""hi""" text
    );
    insert into odd (code, address, contacts, mixed, profile, pairs, "say ""hi""")
    select 'C' || n, ('10.0.' || n || '.0/24')::cidr,
      array[jsonb_build_object('email', 'own' || n || '@marked.test', 'kind', 'Markedkind'), to_jsonb('bare' || n || '@marked.test')],
      jsonb_build_object('list', jsonb_build_array('loose' || n || '@marked.test', jsonb_build_object('email', 'in' || n || '@marked.test'))),
      jsonb_build_object('name', 'Markedname' || n), array[row('Markedpair' || n, n)::pair], 'Markedtext'
    from generate_series(1, 100) n;
    analyze`);
  session = await connectTo(database.url);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const ledger = { schema: "public", table: "schema_migrations" };

/** A draft for a database of its own, and what `check` and a run find wrong with rules. */
async function withSchema(sql: string) {
  const own = await withDatabase();
  await own.sql.unsafe(sql).simple();
  const reader = await connectTo(own.url);
  return {
    sql: own.sql,
    draft: async () => {
      const shown = { path: "masking.yaml", shownPath: "masking.yaml", dryRun: true };
      return (await draftRules(reader, { ledger, ...shown, ignored: [], events: () => {} })).text;
    },
    check: async (yaml: string) => {
      const rules = parseRules(yaml, "policies/masking.yaml");
      const { findings } = await checkMasking(reader, { rules, ledger, isScratch: false });
      return findings.map(({ rule, message }) => `${rule}: ${message}`);
    },
    run: (yaml: string) => findingsOf(reader, yaml),
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}

it("suits an empty table with domains over types of extensions, and over types that take no NULL", async () => {
  await using own = await withSchema(`create extension citext; create schema hr;
    create domain hr.mail as citext check (value ~ '@');
    create type hr.mood as enum ('ok', 'fine'); create domain hr.moody as hr.mood not null;
    create domain hr.code as text not null check (value <> '');
    create table hr.emp (id int primary key, vorname text, mail hr.mail, other citext, mood hr.moody, code hr.code, n int not null);`);
  const text = await own.draft();
  expect(text).toContain("vorname: first_name");
  expect(await own.check(text)).toEqual([]);
  await own.sql`insert into hr.emp values (1, 'Arthur', 'a@marked.test', 'b', 'ok', 'x', 1)`;
  expect(await own.check(text)).toEqual([]);
});

it("keeps with a reason what a name says and the rows do not, since a run asks the name alone", async () => {
  await using own =
    await withSchema(`create table cust (id int primary key, name text, email text, pin int);
    insert into cust select n, 'Arthur Dent' || n, 'a' || n || '@marked.test', n from generate_series(1, 40) n;`);
  const text = await own.draft();
  expect(text).toContain(
    "pin: { keep: true, reason: 'by a sample of its rows not a payment card''s code, expiry or PIN' }",
  );
  expect(await own.check(text)).toEqual([]);
  expect(await own.run(text)).toEqual([]);
  const without = text.replace(/^ *pin: .*\n/m, "");
  expect(await own.run(without)).toEqual([
    expect.stringMatching(/^masking\/personal-column: public\.cust\.pin looks like /),
  ]);
  expect(await own.check(without)).toEqual([
    expect.stringMatching(
      /^masking\/personal-column: public\.cust\.pin looks like .*, a sample of its rows does not, and it has no rule$/,
    ),
  ]);
  // Where such columns are masked without being asked, both mask it.
  expect(await own.check(without.replace("unclassified: fail", "unclassified: mask"))).toEqual([]);
});

it("has a rule that suits the type and the keys of each column", async () => {
  const { text } = await draftRules(session, {
    ledger: { schema: "public", table: "schema_migrations" },
    path: "masking.yaml",
    shownPath: "masking.yaml",
    dryRun: true,
    ignored: [],
    events: () => {},
  });
  const rules = text.split("\n").flatMap((line) => /^ {6}(.*) # /.exec(line)?.[1] ?? []);
  expect(rules).toEqual([
    "code: shuffle",
    "address: shuffle",
    "'contacts[*].email': { mask: email, domain: email }",
    "'contacts.**': scramble",
    "'mixed.list[*].email': { mask: email, domain: email }",
    "'mixed.**': scramble",
    "'profile.**': scramble",
    "pairs: { mask: fixed, value: '{}' }",
    `'"say ""hi"""': scramble`,
  ]);
  expect(await findingsOf(session, text)).toEqual([]);
  const rows = await maskedRows(session, await planWith(session, text), "public.odd", "t.id");
  expect(JSON.stringify(rows)).not.toMatch(/marked/i);
  expect(rows[0]?.["contacts"]).toEqual([
    {
      email: expect.stringMatching(/@example\.com$/),
      kind: expect.stringMatching(/^[A-Z][a-z]+$/),
    },
    expect.stringMatching(/^[a-z0-9]+@[a-z]+\.[a-z]+$/),
  ]);
});
