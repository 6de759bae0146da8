/** Rules for paths into JSON: what they name is masked, what they do not name stays or is scrambled. */
import * as fc from "fast-check";
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

/** Masks documents by rules of the column `meta`, which stand as `path: rule`. */
async function mask(
  documents: readonly unknown[],
  rules: readonly string[],
  type = "jsonb",
): Promise<unknown[]> {
  await session.query("reset search_path");
  await session.script(
    `drop table if exists public.d; create table public.d (id int primary key, meta ${type});`,
  );
  await session.query(
    `insert into public.d select n, x::${type} from jsonb_array_elements_text($1::text::jsonb) with ordinality u(x, n)`,
    [JSON.stringify(documents.map((one) => JSON.stringify(one)))],
  );
  const yaml = `tables:\n  public.d:\n    columns:\n${rules.map((rule) => `      ${rule}`).join("\n")}\n`;
  const rows = await maskedRows(session, await planWith(session, yaml), "public.d", "t.id");
  return rows.map(({ meta }) => meta);
}

describe("paths", () => {
  it("mask leaves, and leave the rest of the document as it is", async () => {
    const [full, empty, wrong, list, scalar] = await mask(
      [
        {
          contacts: [{ email: "a@x.test", kind: "home" }, { email: "b@x.test" }, "loose"],
          name: "Ada",
          n: 1.5,
        },
        {},
        { contacts: { email: "c@x.test" }, name: { first: "Ada" } },
        [{ name: "Ada" }],
        "text",
      ],
      ['"meta.contacts[*].email": email', '"meta.name": first_name'],
    );
    const { contacts } = full as { contacts: { email: string }[] };
    expect(full).toMatchObject({ contacts: [{ kind: "home" }, {}, "loose"], n: 1.5 });
    expect(contacts[0]?.email).toMatch(/@example\.com$/);
    expect(contacts[0]?.email).not.toBe(contacts[1]?.email);
    expect(JSON.stringify(full)).not.toMatch(/x\.test|Ada/);
    expect(empty).toEqual({});
    // A document where a text was expected keeps nothing; a path that is not there stays so.
    expect(wrong).toEqual({ contacts: { email: "c@x.test" }, name: {} });
    expect([list, scalar]).toEqual([[{ name: "Ada" }], "text"]);
  });

  it("keep the kind of a leaf, null among them", async () => {
    const [texts, numbers, truths, nulls] = await mask(
      [
        { a: "x", b: "x" },
        { a: 17, b: 17.25 },
        { a: true, b: false },
        { a: null, b: null },
      ],
      ['"meta.a": email', '"meta.b": {mask: noise, percent: 10}'],
    );
    expect(texts).toEqual({ a: expect.stringMatching(/@example/), b: "" });
    expect(numbers).toEqual({ a: expect.any(Number), b: expect.any(Number) });
    expect(Math.abs((numbers as { b: number }).b - 17.25)).toBeLessThanOrEqual(1.725);
    expect(truths).toEqual({ a: false, b: false });
    expect(nulls).toEqual({ a: null, b: null });
  });

  it("give a person the same mask in a domain, in a list too", async () => {
    const [one, other] = (await mask(
      [{ to: ["Ada@x.test", "b@x.test"] }, { to: ["ada@X.test"], from: "ada@x.test" }],
      ['"meta.to[*]": {mask: email, domain: mail}', '"meta.from": {mask: email, domain: mail}'],
    )) as { to: string[]; from: string }[];
    expect(other?.to[0]).toBe(one?.to[0]);
    expect(other?.from).toBe(one?.to[0]);
    expect(one?.to[1]).not.toBe(one?.to[0]);
  });

  it("scramble everything that is not kept", async () => {
    const [masked] = await mask(
      [
        {
          plan: "gold",
          theme: { name: "dark", by: "Ada" },
          note: 'Ada "L" \\ \n {"k": 1}, 42',
          n: [1, -20.5, true, null, { "k: ": "Ada" }],
        },
      ],
      ['"meta.**": {mask: scramble, keep: [plan, theme.name]}'],
      "json",
    );
    expect(masked).toMatchObject({ plan: "gold", theme: { name: "dark" } });
    const { note, n } = masked as { note: string; n: unknown[] };
    expect(note).toMatch(/^[A-Z][a-z]{2} "[A-Z]" \\ \n \{"[a-z]": \d\}, \d\d$/);
    expect(n).toEqual([
      expect.any(Number),
      expect.any(Number),
      true,
      null,
      { "k: ": expect.stringMatching(/^[A-Z][a-z]{2}$/) },
    ]);
    expect(String(n[1])).toMatch(/^-[1-9]{2}\.[1-9]$/);
    expect(JSON.stringify(masked)).not.toContain("Ada");
  });

  it("refuse what they cannot do", async () => {
    await session.query("reset search_path");
    await session.script(
      "drop table if exists public.d; create table public.d (id int primary key, meta jsonb, t text);",
    );
    const of = (rule: string) => findingsOf(session, `tables: {public.d: {columns: {${rule}}}}`);
    const kept = "t: {keep: true, reason: r}";
    expect(await of(`"meta.**": email, ${kept}`)).toEqual([
      expect.stringContaining("is every kind of value"),
    ]);
    expect(await of('"t.a": email, "meta.**": scramble')).toContain(
      "masking/not-json: public.d.t is text, which has no paths",
    );
    expect(await of(`meta: {mask: null}, "meta.a": email, ${kept}`)).toContainEqual(
      expect.stringContaining("a rule for all of it and one for meta.a"),
    );
    expect(await of(`meta: email, ${kept}`)).toEqual([
      expect.stringContaining("`email` does not mask jsonb"),
    ]);
  });
});

describe("any document", () => {
  it("keeps its shape and none of its texts", async () => {
    const documents = fc
      .sample(fc.jsonValue({ maxDepth: 6 }), { seed: 3, numRuns: 150 })
      .map((one) => JSON.parse(JSON.stringify(one).replaceAll("\\u0000", "")) as unknown);
    const masked = await mask(documents, ['"meta.**": scramble']);
    for (const [n, document] of documents.entries())
      expect(shapeOf(masked[n])).toEqual(shapeOf(document));
    const deep = Array.from({ length: 500 }).reduce<unknown>((inner) => [{ a: inner }], "Ada");
    const [after] = await mask([deep], ['"meta.**": scramble']);
    expect(shapeOf(after)).toEqual(shapeOf(deep));
    expect(JSON.stringify(after)).not.toContain("Ada");
  });
});

/** The document with every text as its length in characters and every number as 0. */
function shapeOf(value: unknown): unknown {
  if (typeof value === "string") return Array.from(value).length;
  if (typeof value === "number") return "number";
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shapeOf(one)]));
}

describe("arrays of documents", () => {
  const arrays = [
    `array['{"email": "a@x.test", "n": 1}', null, '"b@x.test"']::jsonb[]`,
    `array[['{"email": "c@x.test"}', '{"email": "d@x.test"}'], ['{"n": 2}', '7']]::jsonb[]`,
    "array[]::jsonb[]",
    "null",
  ];
  const of = async (type: string, rules: readonly string[]) => {
    await session.query("reset search_path");
    await session.script(
      `drop table if exists public.d; drop domain if exists public.doc; create domain public.doc as jsonb;
       create table public.d (id int primary key, meta ${type});
       ${arrays.map((array, n) => `insert into public.d values (${n}, (${array})::${type});`).join(" ")}`,
    );
    const yaml = `tables:\n  public.d:\n    columns:\n${rules.map((rule) => `      ${rule}`).join("\n")}\n`;
    const rows = await maskedRows(session, await planWith(session, yaml), "public.d", "t.id");
    return rows.map(({ meta }) => meta);
  };

  it.each(["jsonb[]", "json[]", "public.doc[]"])("%s has paths as a list has", async (type) => {
    const [one, two, empty, none] = await of(type, [
      '"meta[*].email": email',
      '"meta.**": scramble',
    ]);
    expect(one).toEqual([
      { email: expect.stringMatching(/@example\.com$/), n: expect.any(Number) },
      null,
      expect.stringMatching(/^[a-z]@[a-z]\.[a-z]{4}$/),
    ]);
    // All of its dimensions, as one list.
    expect(two).toEqual([
      { email: expect.stringMatching(/@example\.com$/) },
      { email: expect.stringMatching(/@example\.com$/) },
      { n: expect.any(Number) },
      expect.any(Number),
    ]);
    expect([empty, none]).toEqual([[], null]);
    expect(JSON.stringify([one, two])).not.toMatch(/x\.test/);
  });

  it("leave what no path names", async () => {
    const [one] = await of("jsonb[]", ['"meta[*].email": email']);
    expect(one).toEqual([
      { email: expect.stringMatching(/@example\.com$/), n: 1 },
      null,
      "b@x.test",
    ]);
  });

  it("are masked as a whole where they have no rule", async () => {
    await of("jsonb[]", ["id: {keep: true, reason: a number}", '"meta.**": scramble']);
    const plan = await planWith(session, "defaults: {unclassified: mask}\ntables: {}\n");
    const rows = await maskedRows(session, plan, "public.d", "t.id");
    expect(JSON.stringify(rows)).not.toMatch(/x\.test/);
  });
});
