/** Rules become SQL that masks alike what belongs together. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { maskedRows, otherKeyText, planWith } from "../../support/masking.ts";

let database: TestDatabase;
let session: Session;

beforeAll(async () => {
  database = await withDatabase();
  await database.sql.unsafe(`
    create schema "Shop";
    create table "Shop".people (id uuid primary key, email varchar(255) not null unique, first_name text, note text);
    create table "Shop".logins (email_key text primary key, person uuid references "Shop".people unique);
    create table "Shop"."Order" (id int primary key, person uuid references "Shop".people, "First Name" varchar(5))
      partition by hash (id);
    create table "Shop".order_0 partition of "Shop"."Order" for values with (modulus 2, remainder 0);
    create table "Shop".order_1 partition of "Shop"."Order" for values with (modulus 2, remainder 1);
    insert into "Shop".people select md5(n::text)::uuid, 'Ada.' || n || '@Mail.test', 'Ada', 'note ' || n
      from generate_series(1, 50) n;
    insert into "Shop".logins select lower(email), id from "Shop".people;
    insert into "Shop"."Order" select n, md5((n % 50 + 1)::text)::uuid, case when n % 7 > 0 then 'Grace' end
      from generate_series(1, 100) n;`);
  session = await connectTo(database.url);
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const rules = `
tables:
  Shop.people:
    columns:
      id: uuid
      email: {mask: email, domain: email}
      first_name: first_name
      note: {keep: true, reason: says nothing of anybody}
  Shop.logins:
    columns:
      email_key: {mask: email, domain: email}
  Shop.Order:
    columns:
      First Name: first_name
`.replace("First Name:", "'\"First Name\"':");

describe("a plan", () => {
  it("masks keys and what refers to them alike, and e-mail whatever its case", async () => {
    const plan = await planWith(session, rules);
    const people = await maskedRows(session, plan, "Shop.people");
    const logins = await maskedRows(session, plan, "Shop.logins");
    const orders = [
      ...(await maskedRows(session, plan, "Shop.order_0")),
      ...(await maskedRows(session, plan, "Shop.order_1")),
    ];
    const byId = new Map(people.map((row) => [row["id"], row]));
    expect(byId.size).toBe(50);
    expect(new Set(people.map(({ email }) => email)).size).toBe(50);
    for (const { email_key: key, person } of logins) expect(byId.get(person)?.["email"]).toBe(key);
    expect(orders).toHaveLength(100);
    for (const { person } of orders) expect(byId.has(person)).toBe(true);
    expect(JSON.stringify([people, logins, orders])).not.toMatch(/mail\.test|Ada\.|Grace/i);
    expect(people.map(({ note }) => note)).toContain("note 7");
    expect(orders.filter((row) => row["First Name"] === null)).toHaveLength(14);
    expect(new Set(orders.map((row) => row["First Name"])).size).toBeGreaterThan(20);
  });

  it("gives the same under the same key and nothing of it under another", async () => {
    const read = async (key?: string) =>
      await maskedRows(session, await planWith(session, rules, key), "Shop.people");
    const first = await read();
    expect(await read()).toEqual(first);
    const emails = new Set(first.map(({ email }) => email));
    const other = await read(otherKeyText);
    expect(
      other.filter(({ email, id }) => emails.has(email) || first.some((row) => row["id"] === id)),
    ).toEqual([]);
  });

  it("computes each digest once a row, in a read-only transaction", async () => {
    const plan = await planWith(session, rules);
    const table = plan.tables.find(({ name }) => name === "people");
    // Of the key and of the address; the row's own is made from the key's.
    expect(table?.from.match(/sha256\(\(select current_setting\('pgwright\.k\d+o'/g)).toHaveLength(
      2,
    );
    expect(table?.from.match(/sha256\(\(select substr\(/g)).toHaveLength(1);
    expect(plan.settings.map(({ value }) => value).join()).not.toContain("8f14e45f");
    await session.query("begin read only");
    expect(await maskedRows(session, plan, "Shop.people")).toHaveLength(50);
    await session.query("rollback");
  });
});
