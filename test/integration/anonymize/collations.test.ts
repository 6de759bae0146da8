/** Columns under a non-deterministic collation: masked by every masker, and equal values alike. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { findingsOf, maskedRows, planWith } from "../../support/masking.ts";
import { copyMasked, verifyWith } from "../../support/verify.ts";

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
beforeEach(async () => {
  await session.query("reset search_path");
  await session.script(`drop schema if exists public cascade; create schema public;
    create collation public.plain (provider = icu, locale = 'und-u-ks-level1', deterministic = false)`);
});

/** The masks of one column, by the rules of all tables. */
async function masksOf(rules: string, table: string, column: string): Promise<string[]> {
  const plan = await planWith(session, `tables: {${rules}}`);
  const rows = await maskedRows(session, plan, table);
  await session.query("reset search_path");
  return rows.map((row) => String(row[column]));
}

it.each([
  "digits",
  "url",
  "ip",
  "phone",
  "{mask: date_shift, max_days: 9}",
  "date_trunc",
  "{mask: partial, first: 1}",
  "{mask: redact, names: [n]}",
  "scramble",
])("%s masks it as it masks any text", async (rule) => {
  await session.script(`
    create table blind (id int primary key, a text collate plain, l varchar(90)[] collate plain, n text collate plain);
    create table clear (id int primary key, a text, l varchar(90)[], n text);
    insert into blind select i, t, array[t], 'Ann' from (values (1, 'Ann at +49 30 123456'), (2, '2024-05-17'), (3, '10.0.0.1'), (4, 'https://a.test/10.0.0.1')) v(i, t);
    insert into clear select * from blind`);
  const columns = `columns: {a: ${rule}, l: ${rule}, n: {mask: null}}`;
  const rules = `public.blind: {${columns}}, public.clear: {${columns}}`;
  expect(await findingsOf(session, `tables: {${rules}}`)).toEqual([]);
  await session.query("reset search_path");
  for (const column of ["a", "l"]) {
    const masks = await masksOf(rules, "public.blind", column);
    expect(masks).toHaveLength(4);
    expect(masks.join()).not.toMatch(/Ann at .49 30 123456|2024-05-17|10\.0\.0\.1/);
  }
});

it.each(["hash", "email"])(
  "%s masks what refers to a value alike, however it is written",
  async (masker) => {
    await session.script(`
      create table member (name text collate plain primary key);
      create table badge (id int primary key, member text collate plain references member, also text[] collate plain, doc jsonb);
      insert into member values ('Zoé'), ('Ann');
      insert into badge values (1, 'Zoé', '{Zoé,ann}', '{"m": "ZOE"}'), (2, 'zoe', '{ZOÉ}', '{"m": "zoé"}'), (3, 'ANN', '{Ann}', '{"m": "Ann"}')`);
    const rules = (domain: string) =>
      `public.member: {columns: {name: {mask: ${masker}, domain: ${domain}}}}, public.badge: {columns: {also: {mask: ${masker}, domain: ${domain}}, doc.m: {mask: ${masker}, domain: ${domain}}}}`;
    const findings = await findingsOf(session, `tables: {${rules("people")}}`);
    await session.query("reset search_path");
    expect(findings).toEqual([]);
    const [zoe, ann] = await masksOf(rules("people"), "public.member", "name");
    expect(zoe).not.toBe(ann);
    expect(await masksOf(rules("people"), "public.badge", "member")).toEqual([zoe, zoe, ann]);
    expect(await masksOf(rules("people"), "public.badge", "also")).toEqual([
      `${zoe},${ann}`,
      zoe,
      ann,
    ]);
    const plan = await planWith(session, `tables: {${rules("people")}}`);
    const docs = await maskedRows(session, plan, "public.badge");
    expect(docs.map(({ doc }) => doc)).toEqual([{ m: zoe }, { m: zoe }, { m: ann }]);
  },
);

it("a key that tells such values apart is read, and refused where they are there", async () => {
  await session.script(`
    create table member (name text collate plain primary key);
    create table badge (id int primary key, nick text unique);
    insert into member values ('Zoé'), ('Ann'); insert into badge values (1, 'ann')`);
  const rules = `tables: {public.member: {columns: {name: {mask: hash, domain: d}}}, public.badge: {columns: {nick: {mask: hash, domain: d}}}}`;
  expect(await findingsOf(session, rules)).toEqual([]);
  await session.query("reset search_path");
  await session.query("insert into badge values (2, 'ANN')");
  expect(await findingsOf(session, rules)).toEqual([
    expect.stringMatching(
      /^masking\/unique-case: public\.badge\.nick: 1 value is there in several spellings/,
    ),
  ]);
});

it("a copy keeps its references, and is searched for its originals", async () => {
  await using source = await withDatabase();
  await using target = await withDatabase();
  await source.sql.unsafe(`
    create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create collation plain (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
    create table member (name text collate plain primary key, town text collate nocase, tags text[] collate nocase, about text);
    create table badge (id int primary key, member text collate plain references member);
    insert into member select 'Zoémarked' || n, 'Town of marks ' || n, array['tagmark' || n], 'nothing' from generate_series(1, 300) n;
    insert into badge select n, 'ZOEMARKED' || n from generate_series(1, 300) n; analyze`);
  const rules = `
defaults: {unclassified: keep}
tables:
  public.member: {columns: {name: username, town: scramble, tags: scramble}}
`;
  await copyMasked(source, target, rules);
  expect((await verifyWith(source, target, rules)).findings).toEqual([]);
  await target.sql`update member set about = 'TOWN OF MARKS 7' where name = (select min(name) from member)`;
  const { survival } = await verifyWith(source, target, rules);
  expect(survival.survivors.map(({ from, in: place }) => [from, place])).toEqual([
    [["public.member.town"], "public.member.about"],
  ]);
});
