/** Every masker over the whole of its input types keeps what it promises. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskers } from "../../../src/anonymize/maskers/list.ts";
import { selectMasked } from "../../../src/anonymize/select.ts";
import type { Session } from "../../../src/db/session.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { maskedRows, otherKeyText, planWith } from "../../support/masking.ts";

let database: TestDatabase;
let session: Session;

beforeAll(async () => {
  database = await withDatabase();
  await database.sql.unsafe("create type mood as enum ('glad', 'sad, very', 'it''s \"ok\"')");
  session = await connectTo(database.url, { writes: true });
});
afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const sample = <T>(arbitrary: fc.Arbitrary<T>, count = 60): T[] =>
  fc.sample(arbitrary, { seed: 7, numRuns: count });
const withoutNul = (text: string) => text.replaceAll("\0", "");

const texts: (string | null)[] = [
  null,
  "",
  " ",
  "a",
  "Ada Lovelace",
  "ada@mail.test",
  "ADA@mail.test",
  "👩‍🚀 Ada 🇫🇷",
  "שלום עולם",
  "مرحبا",
  "back\\slash \\1 \\x41",
  "tab\tnew\nline\r",
  "quote ' \" `",
  "%_[](){}^$.*+?|",
  "\u0001\u001f",
  "é́",
  "日本語",
  "x".repeat(5000),
  Array.from({ length: 127 }, (_, n) => String.fromCharCode(n + 1)).join(""),
  "+49 171 1234567",
  "(0044) 7700 123",
  "+1-202-555-0123",
  "4111 1111 1111 1111",
  "DE89 3704 0044 0532 0130 00",
  "gb29NWBK60161331926819",
  "XX00",
  "2024-02-29",
  "2024-02-31T10:00:00+00:00",
  "9999-12-31",
  "0001-01-01",
  "not a date",
  "192.0.2.7",
  "2001:db8::1",
  "https://photos.test/ada.JPG?x=1",
  "0",
  "007",
  "12345678901234567890123456789012345678901234567890",
  "AB 12 34 56 C",
  "SW1A 1AA",
  ...sample(fc.string({ unit: "binary", maxLength: 40 })).map(withoutNul),
  ...sample(fc.string({ unit: "grapheme", maxLength: 40 })).map(withoutNul),
];

/** Columns of one type, one for each masker, all with the same values: each row has one value. */
async function maskAll(
  type: string,
  values: readonly (string | null)[],
  rules: Readonly<Record<string, string>>,
): Promise<Record<string, { before: unknown; after: unknown }[]>> {
  const names = Object.keys(rules);
  await session.query("reset search_path");
  await session.script(
    `drop table if exists public.v; create table public.v (id int primary key, ${names.map((name) => `"${name}" ${type}`).join(", ")});`,
  );
  await session.query(
    `insert into public.v select n, ${names.map(() => `x::${type}`).join(", ")}
     from jsonb_array_elements_text($1::text::jsonb) with ordinality u(x, n)`,
    [JSON.stringify(values)],
  );
  const lines = names.map((name) => `      ${name}: ${rules[name]}`).join("\n");
  const yaml = `tables:\n  public.v:\n    columns:\n${lines}\n`;
  const plan = await planWith(session, yaml);
  const after = await maskedRows(session, plan, "public.v", "t.id");
  // The same key again gives the same.
  expect(await maskedRows(session, await planWith(session, yaml), "public.v", "t.id")).toEqual(
    after,
  );
  const before = await session.query<{ row: Record<string, unknown> }>(
    "select to_json(v) as row from public.v order by id",
  );
  return Object.fromEntries(
    names.map((name) => [
      name,
      after.map((row, n) => ({ before: before[n]?.row[name], after: row[name] })),
    ]),
  );
}

const textRules: Record<string, string> = {
  email: "email",
  username: "username",
  first_name: "first_name",
  last_name: "last_name",
  full_name: "full_name",
  company: "company",
  street: "street",
  city: "city",
  postcode: "postcode",
  country: "country",
  phone: "phone",
  ip: "ip",
  mac: "mac",
  url: "url",
  uuid: "uuid",
  digits: "digits",
  card: "card",
  iban: "iban",
  hash: "hash",
  partial: "{mask: partial, first: 1, last: 2}",
  prefix: "{mask: prefix, first: 3}",
  scramble: "scramble",
  lorem: "lorem",
  date_shift: "date_shift",
  date_trunc: "date_trunc",
  choice: "{mask: choice, values: [a, \"it's\", 'b\\c']}",
  redact: "redact",
  fixed: '{mask: fixed, value: "o\'k\\\\"}',
  shuffle: "shuffle",
};

const isText = (test: RegExp) => (after: unknown) => expect(after).toMatch(test);
const promises: Record<string, (after: unknown, before: string) => void> = {
  email: isText(/^[a-z]{2,12}\.[a-z]{2,12}\.[0-9a-f]{20}@example\.com$/),
  username: isText(/^[a-z0-9]+_[a-z0-9]+$/),
  phone: isText(/^\+[1-9][0-9]{9,12}$/),
  ip: isText(/^(10\.\d+\.\d+\.\d+|2001:db8:[0-9a-f:]+)$/),
  mac: isText(/^02(:[0-9a-f]{2}){5}$/),
  url: isText(/^https:\/\/example\.com\/[0-9a-f]{20}(\.jpg)?$/),
  uuid: isText(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  hash: isText(/^[0-9a-f]{32}$/),
  choice: isText(/^(a|it's|b\\c)$/),
  fixed: (after) => expect(after).toBe("o'k\\"),
  first_name: isText(/^\S.*$/),
  street: isText(/^[1-9][0-9]* \S/),
  card(after) {
    expect(after).toMatch(/^400000\d{10}$/);
    expect(luhn(String(after))).toBe(0);
  },
  iban(after, before) {
    expect(after).toMatch(/^[A-Z]{2}\d\d[0-9X]{11,27}$/);
    expect(mod97(String(after))).toBe(1n);
    if (/^(DE|gb)/.test(before))
      expect(String(after).slice(0, 2)).toBe(before.slice(0, 2).toUpperCase());
  },
  scramble: hasShape,
  postcode: hasShape,
  partial(after, before) {
    const signs = Array.from(before);
    const kept =
      signs.length > 3
        ? signs[0] + "*".repeat(signs.length - 3) + signs.slice(-2).join("")
        : "*".repeat(signs.length);
    expect(after).toBe(kept);
  },
  prefix: (after, before) => expect(after).toBe(Array.from(before).slice(0, 3).join("")),
  lorem: (after, before) =>
    expect(Array.from(String(after)).length).toBe(Array.from(before).length),
  digits: (after, before) =>
    expect(String(after).replaceAll(/[0-9]/g, "0")).toBe(before.replaceAll(/[0-9]/g, "0")),
  date_shift: isText(/^$|^\d{4}-\d\d-\d\d/),
  date_trunc: isText(/^$|^\d{4}-01-01$/),
  redact: (after) => expect(after).not.toMatch(/@mail|https?:|[0-9]{7}/),
};

function hasShape(after: unknown, before: string) {
  const shape = (text: string) =>
    Array.from(text, (sign) =>
      /[0-9]/.test(sign)
        ? "0"
        : /[A-Z]/.test(sign)
          ? "A"
          : /[a-z]/.test(sign) || (sign.codePointAt(0) ?? 0) > 127
            ? "a"
            : sign,
    ).join("");
  expect(shape(String(after))).toBe(shape(before));
  expect(after).toMatch(/^[\0-\x7f]*$/);
}

function luhn(digits: string): number {
  return (
    Array.from(digits)
      .toReversed()
      .reduce((sum, digit, n) => {
        const double = Number(digit) * 2;
        return sum + (n % 2 === 0 ? Number(digit) : double > 9 ? double - 9 : double);
      }, 0) % 10
  );
}

function mod97(iban: string): bigint {
  const moved = iban.slice(4) + iban.slice(0, 4);
  return BigInt(Array.from(moved, (sign) => parseInt(sign, 36).toString()).join("")) % 97n;
}

describe("maskers of text", () => {
  it("has a rule here for each of them", () => {
    const ofText = maskers.filter(({ accepts }) => accepts === "any" || accepts.includes("text"));
    expect(
      ofText
        .map(({ name }) => name)
        .filter((name) => !["keep", "null", "sql"].includes(name))
        .toSorted(),
    ).toEqual(Object.keys(textRules).toSorted());
  });

  it.each(["text", "character varying(6000)"])("keep their promises over %s", async (type) => {
    const masked = await maskAll(type, texts, textRules);
    for (const [name, pairs] of Object.entries(masked)) {
      for (const { before, after } of pairs) {
        if (name === "shuffle") continue;
        expect(after === null, `${name} of ${JSON.stringify(before)}`).toBe(before === null);
        if (before !== null) promises[name]?.(after, before as string);
      }
    }
    const sorted = (key: "before" | "after") =>
      masked["shuffle"]?.map((pair) => String(pair[key])).toSorted();
    expect(sorted("after")).toEqual(sorted("before"));
  });

  it("fit the shortest columns that they accept", async () => {
    const short = texts.map((text) =>
      text === null ? null : Array.from(text).slice(0, 12).join(""),
    );
    const {
      ip: _ip,
      url: _url,
      uuid: _uuid,
      card: _card,
      iban: _iban,
      email: _email,
      mac: _mac,
      phone: _phone,
      fixed: _fixed,
      ...rest
    } = textRules;
    await expect(maskAll("varchar(12)", short, rest)).resolves.toBeDefined();
    await expect(maskAll("varchar(12)", short, { email: "email" })).rejects.toThrow(
      /no room for an address/,
    );
    await expect(maskAll("varchar(12)", short, { phone: "phone" })).rejects.toThrow(
      /no room for a number/,
    );
    const long = texts.map((text) =>
      text === null ? null : Array.from(text).slice(0, 33).join(""),
    );
    const { email } = await maskAll("varchar(33) unique", [...new Set(long)], { email: "email" });
    expect(new Set(email?.map(({ after }) => after)).size).toBe(email?.length);
    const addresses = (email ?? []).filter(({ before }) => before !== null);
    for (const { after } of addresses) expect(after).toMatch(/^[0-9a-f]{20}@example\.com$/);
  });

  it("draw every digit, and letters from both halves of the alphabet, for the same text", async () => {
    for (const begin of ["", "é"]) {
      const values = Array.from({ length: 50 }, () => `${begin}${"a0A".repeat(40)}`);
      const { scramble = [] } = await maskAll("text", values, { scramble: "scramble" });
      const all = scramble.map(({ after }) => String(after));
      expect(new Set(all).size).toBe(50);
      const drawn = new Set(all.join(""));
      for (const digit of "0123456789") expect(drawn).toContain(digit);
      for (const range of [/[a-m]/, /[n-z]/, /[A-M]/, /[N-Z]/]) {
        expect([...drawn].filter((sign) => range.test(sign)).length).toBeGreaterThan(7);
      }
      // Each place is drawn: nothing comes again where the text does.
      for (const one of all)
        expect(new Set(one.match(/[a-z][0-9][A-Z]/g)).size).toBeGreaterThan(15);
    }
  });

  it("take calling codes however they are written", async () => {
    const numbers = [
      "+49 30 1",
      "0049301",
      "00 49 30",
      "(+49) 30",
      "(00 49) 30",
      "+353 1",
      "00353 1",
    ];
    const others = ["030 1", "+ 49", "(030) 1", "+7 900", "0", ""];
    const { phone = [] } = await maskAll("text", [...numbers, ...others], {
      phone: "{mask: phone, country: FR}",
    });
    const codes = phone.map(({ after }) => String(after).slice(0, 3));
    const known = ["+49", "+49", "+49", "+49", "+49", "+35", "+35"];
    expect(codes).toEqual([...known, ...others.map(() => "+33")]);
  });

  it("share nothing under another key", async () => {
    const yaml = "tables: {public.v: {columns: {email: email}}}";
    await maskAll("text", texts, { email: "email" });
    const read = async (key?: string) =>
      (await maskedRows(session, await planWith(session, yaml, key), "public.v"))
        .map(({ email }) => email)
        .filter(Boolean);
    const first = new Set(await read());
    expect((await read(otherKeyText)).filter((one) => first.has(one))).toEqual([]);
  });
});

/** Pairs whose original JavaScript knows exactly enough to reckon with. */
function numbers(
  pairs: readonly { before: unknown; after: unknown }[] | undefined,
  below: number,
): { before: number; after: unknown }[] {
  return (pairs ?? []).flatMap(({ before, after }) =>
    typeof before === "number" && Math.abs(before) < below ? [{ before, after }] : [],
  );
}

describe("maskers of numbers", () => {
  const integers: Record<string, string[]> = {
    smallint: [
      "0",
      "1",
      "-1",
      "32767",
      "-32768",
      ...sample(fc.integer({ min: -32768, max: 32767 }), 200).map(String),
    ],
    integer: [
      "0",
      "1",
      "-1",
      "2147483647",
      "-2147483648",
      ...sample(fc.integer(), 200).map(String),
    ],
    bigint: [
      "0",
      "1",
      "-1",
      "9223372036854775807",
      "-9223372036854775808",
      "9007199254740992",
      ...sample(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), 200).map(String),
    ],
  };
  it.each(Object.keys(integers))("keep their promises over %s", async (type) => {
    const values = [null, ...new Set(integers[type])];
    const masked = await maskAll(type, values, {
      integer: "integer",
      noise: "{mask: noise, percent: 50}",
      range: "{mask: range, width: 7}",
      choice: "{mask: choice, values: [1, 2]}",
      fixed: "{mask: fixed, value: 3}",
      shuffle: "shuffle",
    });
    // to_json prints int8 as a number, which JavaScript rounds: compared as text in the server.
    const plan = await planWith(session, "tables: {public.v: {columns: {integer: integer}}}");
    const rows = await maskedRows(session, plan, "public.v");
    expect(rows).toHaveLength(values.length);
    const [distinct] = await session.query<{ n: string; kept: string }>(
      `select count(distinct m.integer)::text as n, count(*) filter (where (m.integer > 0) = (t.integer > 0))::text as kept
       from (${selectMasked(plan.tables.find(({ name }) => name === "v")!)}) m join public.v t using (id)`,
    );
    expect(distinct).toEqual({ n: String(values.length - 1), kept: String(values.length - 1) });
    const least = { smallint: -32767, integer: -2147483647 }[type] ?? -Infinity;
    for (const { before, after } of numbers(masked["range"], 1e15)) {
      expect(after).toBe(Math.max(least, Math.floor(before / 7) * 7));
    }
    for (const { before, after } of masked["noise"] ?? [])
      expect(after === null).toBe(before === null);
  });

  it("permute all of smallint", async () => {
    const { integer = [] } = await maskAll(
      "smallint",
      Array.from({ length: 65536 }, (_, n) => String(n - 32768)),
      { integer: "integer" },
    );
    expect(new Set(integer.map(({ after }) => after)).size).toBe(65536);
    expect(integer.filter(({ before, after }) => before === after).length).toBeLessThan(20);
  });

  it("permute all numbers of three and of one digit, and of both at once", async () => {
    const values = [
      ...Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, "0")),
      ..."0123456789",
    ];
    const { digits = [] } = await maskAll("text", values, { digits: "digits" });
    expect(new Set(digits.map(({ after }) => after)).size).toBe(1010);
    expect(digits.filter(({ before, after }) => before === after).length).toBeLessThan(15);
  });

  it("keep their promises over numeric, real and double precision", async () => {
    const common = [
      "0",
      "-0",
      "1.5",
      "-999.99",
      "999.99",
      "NaN",
      ...sample(fc.integer({ min: -99999, max: 99999 })).map((n) => String(n / 100)),
    ];
    const rules = {
      noise: "{mask: noise, percent: 100}",
      range: "{mask: range, width: 0.5}",
      shuffle: "shuffle",
    };
    for (const [type, more] of [
      ["numeric", ["Infinity", "-Infinity", `${"9".repeat(300)}.5`]],
      ["numeric(5,2)", []],
      ["real", ["Infinity", "-Infinity", "3.4e38", "1e-40"]],
      ["double precision", ["Infinity", "-Infinity", "1.7e308", "-1.7e308", "5e-324"]],
    ] as const) {
      const masked = await maskAll(type, [null, ...common, ...more], rules);
      for (const { before, after } of masked["noise"] ?? []) {
        expect(after === null).toBe(before === null);
      }
      for (const { before, after } of numbers(masked["noise"], 1e5)) {
        expect(Math.abs(Number(after) - before)).toBeLessThanOrEqual(Math.abs(before) + 0.01);
      }
      // The lowest bucket of numeric(5,2) begins below what the type can hold.
      const wide = type === "numeric(5,2)" ? [] : numbers(masked["range"], 1e5);
      for (const { before, after } of wide) {
        expect(Number(after) + 0).toBe(Math.floor(before / 0.5) * 0.5 + 0);
      }
    }
  });
});

describe("maskers of dates", () => {
  it.each([
    [
      "date",
      [
        "infinity",
        "-infinity",
        "4713-01-01 BC",
        "5874897-12-31",
        "2024-02-29",
        "0001-01-01",
        "0044-03-15 BC",
      ],
    ],
    [
      "timestamp",
      [
        "infinity",
        "-infinity",
        "4713-01-01 00:00:00 BC",
        "294276-12-31 23:59:59.999999",
        "2024-02-29 12:34:56.789012",
      ],
    ],
    [
      "timestamptz",
      [
        "infinity",
        "-infinity",
        "4713-01-01 00:00:00+00 BC",
        "294276-12-31 23:59:59.999999+00",
        "2024-02-29 12:34:56.789012+05:30",
      ],
    ],
  ])("keep their promises over %s", async (type, nasty) => {
    const values = [
      null,
      ...nasty,
      ...sample(
        fc.date({ min: new Date("1900-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }),
      ).map((date) => date.toISOString()),
    ];
    const masked = await maskAll(type, values, {
      date_shift: "{mask: date_shift, max_days: 30}",
      date_trunc: "{mask: date_trunc, unit: month}",
      shuffle: "shuffle",
    });
    for (const { before, after } of masked["date_shift"] ?? []) {
      expect(after === null).toBe(before === null);
      if (!/^(19|20)/.test(String(before))) continue;
      const days =
        (Date.parse(String(before).replace(/\+00:00$/, "Z")) -
          Date.parse(String(after).replace(/\+00:00$/, "Z"))) /
        86_400_000;
      expect(days).toBeGreaterThanOrEqual(1);
      expect(days).toBeLessThanOrEqual(30);
      expect(days % 1).toBe(0);
    }
    const modern = (masked["date_trunc"] ?? []).filter(({ before }) =>
      /^(19|20)/.test(String(before)),
    );
    for (const { before, after } of modern) {
      expect(String(after)).toMatch(new RegExp(`^${String(before).slice(0, 7)}-01`));
    }
  });
});

describe("maskers of other types", () => {
  it("keep their promises", async () => {
    const uuids = await maskAll(
      "uuid",
      [null, "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
      { uuid: "uuid" },
    );
    expect(uuids["uuid"]?.map(({ after }) => after === null)).toEqual([true, false, false]);
    const addresses = ["192.0.2.1", "10.1.0.0/16", "::1", "2001:db8::/32", "0.0.0.0/0"];
    for (const type of ["inet", "cidr"]) {
      const masked = await maskAll(type, [null, ...addresses], {
        ip: "ip",
        prefix: "{mask: prefix, first: 16}",
      });
      for (const { before, after } of (masked["ip"] ?? []).slice(1)) {
        expect(String(after).includes(":")).toBe(String(before).includes(":"));
      }
    }
    await maskAll("macaddr", [null, "08:00:2b:01:02:03"], { mac: "mac" });
    await maskAll("macaddr8", [null, "08:00:2b:ff:fe:01:02:03"], { mac: "mac" });
    await maskAll("bytea", [null, "", "\\x00ff"], {
      hash: "hash",
      fixed: "{mask: fixed, value: ''}",
    });
    const { choice = [] } = await maskAll("mood", [null, "glad", "sad, very"], {
      choice: "choice",
    });
    expect(choice.map(({ after }) => after === null)).toEqual([true, false, false]);
    await maskAll("boolean", [null, "true", "false"], { choice: "choice" });
    const { email = [] } = await maskAll(
      "text[]",
      [null, "{}", "{a,NULL,a}", "{{a,b},{c,d}}", '{"x\\"y",""}'],
      { email: "email" },
    );
    expect(email.map(({ after }) => (after as unknown[] | null)?.length)).toEqual([
      undefined,
      0,
      3,
      4,
      2,
    ]);
    expect(email[2]).toMatchObject({ after: [expect.any(String), null, expect.any(String)] });
    expect(JSON.stringify(email.map(({ after }) => after))).not.toContain('"a"');
  });
});
