/** The same key masks the same rows alike, whatever the server's version: the digests below hold on all of them. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { maskedRows, otherKeyText, planWith } from "../../support/masking.ts";

let database: TestDatabase;
let session: Session;

// Every masker, and the types whose text is the server's: floats, numbers, times, addresses, documents.
const columns: Record<string, { type: string; value: string; rule: string }> = {
  email: {
    type: "text",
    value: "'Ada' || n || '@mail.test'",
    rule: "{mask: email, domain: email}",
  },
  username: { type: "text", value: "'ada' || n", rule: "username" },
  first_name: { type: "text", value: "'Ada'", rule: "first_name" },
  last_name: { type: "text", value: "'Lovelace' || n", rule: "last_name" },
  full_name: { type: "varchar(40)", value: "'Ada Lovelace ' || n", rule: "full_name" },
  company: { type: "text", value: "'Engines ' || n", rule: "company" },
  street: { type: "text", value: "'Main Street ' || n", rule: "street" },
  city: { type: "text", value: "'London'", rule: "city" },
  postcode: { type: "text", value: "'SW' || n || ' 4ÄB'", rule: "postcode" },
  country: { type: "text", value: "'England'", rule: "country" },
  phone: { type: "text", value: "'+49 171 ' || 1000000 + n", rule: "phone" },
  address: { type: "inet", value: "'192.0.2.0'::inet + n", rule: "ip" },
  mac: { type: "macaddr", value: "'08:00:2b:01:02:03'", rule: "mac" },
  link: { type: "text", value: "'https://mail.test/' || n || '.png'", rule: "url" },
  token: { type: "uuid", value: "md5(n::text)::uuid", rule: "uuid" },
  number: { type: "int4", value: "n * 7919", rule: "integer" },
  badge: { type: "text", value: "'AB-' || 4711 + n", rule: "digits" },
  card: { type: "text", value: "'4111111111111111'", rule: "card" },
  iban: { type: "text", value: "'DE89370400440532013000'", rule: "iban" },
  secret: { type: "text", value: "'s3cret' || n", rule: "hash" },
  bytes: { type: "bytea", value: "decode(md5(n::text), 'hex')", rule: "hash" },
  start: { type: "text", value: "'Lovelace' || n", rule: "{mask: partial, first: 2}" },
  network: { type: "inet", value: "'192.0.2.0'::inet + n", rule: "{mask: prefix, first: 24}" },
  scrambled: { type: "text", value: "'Größe ' || n || ' 👋 Ω'", rule: "scramble" },
  code: { type: "text", value: "'AB-' || n || repeat(' Some words', n)", rule: "scramble" },
  bio: { type: "text", value: "repeat('some words ', n % 7)", rule: "lorem" },
  born: { type: "date", value: "date '1980-02-29' + n", rule: "{mask: date_shift, max_days: 90}" },
  seen: {
    type: "timestamptz",
    value: "'2024-03-31 01:30Z'::timestamptz + n * interval '1h'",
    rule: "date_trunc",
  },
  weight: { type: "numeric(8,3)", value: "60 + n / 7.0", rule: "{mask: noise, percent: 10}" },
  speed: { type: "float8", value: "n / 3.0::float8", rule: "{mask: noise, percent: 5}" },
  ratio: { type: "float4", value: "n / 9.0::float4", rule: "{mask: noise, percent: 5}" },
  age: { type: "int2", value: "n % 90", rule: "{mask: range, width: 10}" },
  grade: { type: "text", value: "(n % 5)::text", rule: "{mask: choice, values: [a, b, c]}" },
  tags: { type: "text[]", value: "array['tag ' || n, null, 'x']", rule: "scramble" },
  note: { type: "text", value: "'write to ada' || n || '@mail.test'", rule: "redact" },
  meta: {
    type: "jsonb",
    value:
      "jsonb_build_object('email', 'ada' || n || '@mail.test', 'n', n / 3.0, 'list', jsonb_build_array(n, 'Ada', true))",
    rule: "",
  },
};

const rules = `tables:
  public.person:
    columns:
${Object.entries(columns)
  .filter(([, { rule }]) => rule !== "")
  .map(([name, { rule }]) => `      ${name}: ${rule}`)
  .join("\n")}
      meta.email: {mask: email, domain: email}
      "meta.**": scramble
  public.visitor:
    columns:
      id: {mask: uuid, domain: visitor}
      name: full_name
      born: {mask: date_shift, by: id}
  public.guest:
    columns:
      id: {keep: true, reason: a number}
      email: email
      born: {mask: date_shift, by: id}
  public.host:
    columns:
      email: email
      born: {mask: date_shift, by: guest}
  public.stay:
    columns:
      about.guest: GUEST
`;

beforeAll(async () => {
  database = await withDatabase();
  const names = Object.keys(columns);
  await database.sql.unsafe(`
    create table person (id int primary key, ${names.map((name) => `${name} ${columns[name]?.type}`).join(", ")});
    insert into person select n, ${names.map((name) => columns[name]?.value).join(", ")} from generate_series(1, 200) n;
    create table visitor (id uuid primary key, name text, born date);
    insert into visitor select md5(n::text)::uuid, 'Ada Lovelace', date '1980-02-29' + n from generate_series(1, 200) n;
    create table guest (id int primary key, email text, born date);
    insert into guest select n, 'ada@mail.test', date '1980-02-29' + n from generate_series(1, 200) n;
    create table host (guest int primary key references guest, email text, born date);
    insert into host select * from guest;
    create table stay (about jsonb);
    insert into stay select jsonb_build_object('guest', n::text) from generate_series(1, 200) n`);
  session = await connectTo(database.url);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const noDomain = "{keep: true, reason: a number}";

const read = async (key?: string, table = "public.person", order = "t.id", guest = noDomain) => {
  const plan = await planWith(session, rules.replace("GUEST", guest), key);
  return maskedRows(session, plan, table, order);
};

/** By column, of all rows in the order of their keys. */
function digestsOf(rows: readonly Record<string, unknown>[]): Record<string, string> {
  return Object.fromEntries(
    Object.keys(rows[0] ?? {}).map((name) => {
      const text = JSON.stringify(rows.map((row) => row[name]));
      return [name, createHash("sha256").update(text).digest("hex").slice(0, 12)];
    }),
  );
}

// Run on one version with `-u` after a deliberate change of a masker, then on the others without.
test("a version's server gives what every other gave", async () => {
  expect(digestsOf(await read())).toMatchInlineSnapshot(`
    {
      "address": "a57c7d4e8766",
      "age": "b046540809bd",
      "badge": "927790d818fe",
      "bio": "0d311f52b61d",
      "born": "0bfbd4d2e926",
      "bytes": "98acdb032a57",
      "card": "4c7a083abc09",
      "city": "3a1a8663f284",
      "code": "c92bcec7688a",
      "company": "457f53ee7f2f",
      "country": "d77128327b84",
      "email": "9fec3ee3b19b",
      "first_name": "757b1f862dd2",
      "full_name": "2b7e540b283a",
      "grade": "5ea94c774c2b",
      "iban": "8896e6bd2a64",
      "id": "5b59ed79f311",
      "last_name": "ad3f1f9450b1",
      "link": "a2c39253fafa",
      "mac": "884adb77d1e8",
      "meta": "d380ef463727",
      "network": "b754dfcf2b48",
      "note": "914d2c12f3ea",
      "number": "70dd6b4448a8",
      "phone": "bb9815ff1d37",
      "postcode": "416b59c3c69e",
      "ratio": "502f8773b3f4",
      "scrambled": "3f901fd21005",
      "secret": "cb838c6418f7",
      "seen": "178215ddb2d0",
      "speed": "dd932572a22a",
      "start": "9383ff397363",
      "street": "3b5e29b7e139",
      "tags": "fe78f8a74852",
      "token": "c856b373e73c",
      "username": "e5ce942d4183",
      "weight": "16fac6605c2e",
    }
  `);
});

test("the same where digests of rows are made from those of their keys", async () => {
  expect(digestsOf(await read(undefined, "public.visitor"))).toMatchInlineSnapshot(`
    {
      "born": "12e49678ba01",
      "id": "1b4815ed95c5",
      "name": "d4051cd0b335",
    }
  `);
});

/** What tells an address from all others: hex digits, the first bytes that are drawn for a row. */
const drawnFor = ({ email }: Record<string, unknown>) =>
  /[0-9a-f]{20}(?=@)/.exec(String(email))?.[0];

describe("a row whose key nothing masks draws from the key's digest", () => {
  test("and gives what it gives everywhere", async () => {
    expect(digestsOf(await read(undefined, "public.guest"))).toMatchInlineSnapshot(`
      {
        "born": "58f3a222f0a8",
        "email": "0641532e90a9",
        "id": "5b59ed79f311",
      }
    `);
  });

  test("but not where the key is that of another table too: dates move alike, masks differ", async () => {
    const guests = await read(undefined, "public.guest");
    const hosts = await read(undefined, "public.host", "t.guest");
    expect(hosts.map(({ born }) => born)).toEqual(guests.map(({ born }) => born));
    const known = new Set(guests.map(drawnFor));
    expect(known.size).toBe(200);
    expect(hosts.filter((row) => known.has(drawnFor(row)))).toEqual([]);
  });

  test("nor where a path masks it: the path's mask must not show the row's bytes", async () => {
    const rule = "{mask: hash, domain: public.guest.id}";
    const guests = await read(undefined, "public.guest", "t.id", rule);
    const stays = await read(undefined, "public.stay", "t.ctid", rule);
    const hashes = stays.map(({ about }) => (about as { guest: string }).guest);
    expect(hashes.every((hash) => /^[0-9a-f]{32}$/.test(hash))).toBe(true);
    const shown = new Set(hashes.map((hash) => hash.slice(0, 20)));
    expect(guests.filter((row) => shown.has(drawnFor(row) ?? ""))).toEqual([]);
    const born = (rows: readonly Record<string, unknown>[]) => rows.map((row) => row["born"]);
    expect(born(guests)).toEqual(born(await read(undefined, "public.guest")));
  });
});

// Those with room enough that two keys never meet by chance; lists of words and numbers kept free for fiction have less.
const wide = [
  "email",
  "username",
  "address",
  "mac",
  "link",
  "token",
  "card",
  "iban",
  "secret",
  "bytes",
];

test("another key gives nothing of it", async () => {
  const [one, other] = [await read(), await read(otherKeyText)];
  for (const name of wide) {
    const known = new Set(one.map((row) => JSON.stringify(row[name])));
    const again = other.filter((row) => known.has(JSON.stringify(row[name])));
    expect({ name, again: again.length }).toEqual({ name, again: 0 });
  }
});
