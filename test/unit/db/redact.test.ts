import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { redact } from "../../../src/db/redact.ts";

describe("redact", () => {
  it.each([
    ["postgres://u:pw@h/d", "postgres://u:***@h/d"],
    ["postgresql://u:pw@a:1,b:2/d?sslmode=require", "postgresql://u:***@a:1,b:2/d?sslmode=require"],
    ["(see postgres://u:p@h and x://a:b@c)", "(see postgres://u:***@h and x://a:***@c)"],
    ["postgres://u:p@ss/w:rd@h/d", "postgres://u:***@h/d"],
    ["postgres://h:5432/d", "postgres://h:5432/d"],
    ["postgres://u@h/d", "postgres://u@h/d"],
    [
      "jdbc:postgresql://h/d?user=u&password=pw&x=1",
      "jdbc:postgresql://h/d?user=u&password=***&x=1",
    ],
    ["postgres://h/d?p%61ssword=pw", "postgres://h/d?p%61ssword=***"],
    ["postgres://h/d?sslpassword=pw", "postgres://h/d?sslpassword=***"],
    ["postgres://u:pw@h:5/d?password=a@b:c&x=1", "postgres://u:***@***&x=1"],
    ["host=h password=pw user=u", "host=h password=*** user=u"],
    ["password = 'two words' user=u", "password = *** user=u"],
    [String.raw`password='it\'s' user=u`, "password=*** user=u"],
    [String.raw`password=two\ words user=u`, "password=*** user=u"],
    ["password='never closed", "password=***"],
    ["password=''! user=u", "password=*** user=u"],
    ["PGPASSWORD=pw psql", "PGPASSWORD=*** psql"],
    ['{"password":"p\\"w","user":"u"}', '{"password":"***","user":"u"}'],
    ['{"url":"postgres://u:pw@h/d","n":1}', '{"url":"postgres://u:***@h/d","n":1}'],
    [`${"x".repeat(99)}postgres://u:pw@h`, `${"x".repeat(99)}postgres://u:***@h`],
    ["the password is wrong", "the password is wrong"],
    ["password_hash text NOT NULL", "password_hash text NOT NULL"],
  ])("%s", (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  // A password can be a single letter that also stands elsewhere in the text. So what is claimed
  // is that the result does not depend on the password at all.
  const password = oneof(
    string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
    array(constantFrom("://", "@", ":", "password=", "'", '"', " ", "\\", "&", "?", "a"), {
      minLength: 1,
      maxLength: 8,
    }).map((pieces) => pieces.join("")),
  );
  const forms: Record<string, (password: string) => string> = {
    "an encoded URL": (p) =>
      `cannot use postgres://app:${encodeURIComponent(p)}@db:5432/app?a=b now`,
    "a parameter of a URL": (p) =>
      `postgres://db/app?password=${encodeURIComponent(p)}&a=b and more`,
    "a quoted value": (p) => `user=app password='${p.replace(/[\\']/g, "\\$&")}' host=db`,
    "an escaped value": (p) => `user=app password=${p.replace(/[\s\\']/g, "\\$&")} host=db`,
    JSON: (p) => JSON.stringify({ user: "app", password: p, host: "db" }),
  };
  it.each(Object.entries(forms))("leaves no trace of any password in %s", (_, write) => {
    assert(
      property(password, (text) => {
        expect(redact(write(text))).toBe(redact(write("x")));
      }),
      { numRuns: 1000 },
    );
  });

  it("leaves no trace of a password that was not encoded", () => {
    assert(
      property(password, (raw) => {
        const text = raw.replaceAll(/\s/g, "-");
        // Where the password itself looks like a parameter, the host goes with it.
        expect(redact(`tried postgres://app:${text}@db:5432/app twice`)).toBeOneOf([
          "tried postgres://app:***@db:5432/app twice",
          "tried postgres://app:***@*** twice",
        ]);
      }),
      { numRuns: 1000 },
    );
  });

  it("reads a long word once, not from each of its letters", () => {
    // Otherwise this takes an hour.
    const word = "y".repeat(1_000_000);
    expect(redact(`${word} postgres://u:pw@h`)).toBe(`${word} postgres://u:***@h`);
  });

  it("changes nothing the second time", () => {
    assert(
      property(string(), (text) => {
        const once = redact(`postgres://u:${text}@h password=${text}`);
        expect(redact(once)).toBe(once);
      }),
    );
  });
});
