import { assert, property, string, stringMatching } from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConnectionString } from "../../../src/db/libpq/text.ts";
import type { PgwrightError } from "../../../src/errors.ts";

const parse = (text: string) => Object.fromEntries(parseConnectionString(text));

/** What libpq 18 makes of them (PQconninfoParse), except where a comment says otherwise. */
describe("URLs", () => {
  it.each<[string, Record<string, string>]>([
    ["postgres://", {}],
    ["postgresql:///", {}],
    ["postgres://host", { host: "host" }],
    ["postgres://user@host/db", { user: "user", host: "host", dbname: "db" }],
    ["postgres://u:p@h:1/d", { user: "u", password: "p", host: "h", port: "1", dbname: "d" }],
    ["postgres://u:p:q@h", { user: "u", password: "p:q", host: "h" }],
    ["postgres://:p@h", { password: "p", host: "h" }],
    ["postgres://u:@h", { user: "u", host: "h" }],
    ["postgres://@", {}],
    ["postgres://h/a%20b%2Fc", { host: "h", dbname: "a b/c" }],
    ["postgres://h/a/b", { host: "h", dbname: "a/b" }],
    ["postgres://u%3A:p%40%2F%3f%25@h", { user: "u:", password: "p@/?%", host: "h" }],
    ["postgres://u:p?q#r+s@h", { user: "u", password: "p?q#r+s", host: "h" }],
    ["postgres://%2Fvar%2Frun/db", { host: "/var/run", dbname: "db" }],
    ["postgres:///db?host=/tmp&port=6", { dbname: "db", host: "/tmp", port: "6" }],
    ["postgres://a:1,b,c:3/d", { host: "a,b,c", port: "1,,3", dbname: "d" }],
    ["postgres://a,b", { host: "a,b", port: "," }],
    ["postgres://[::1]:5/d", { host: "::1", port: "5", dbname: "d" }],
    ["postgres://[fe80::1%25eth0],b", { host: "fe80::1%eth0,b", port: "," }],
    ["postgres://h?sslmode=require", { host: "h", sslmode: "require" }],
    ["postgres://h?ssl=true", { host: "h", sslmode: "require" }],
    ["postgres://h?requiressl=0", { host: "h", sslmode: "prefer" }],
    ["postgres://h?user=a&user=b&", { host: "h", user: "b" }],
    ["postgres://u@h?user=b", { host: "h", user: "b" }],
    ["postgres://h?options=-c%20a%3Db", { host: "h", options: "-c a=b" }],
    ["postgres://h?user=%C3%A9+", { host: "h", user: "é+" }],
    ["postgres://h?%75ser=x", { host: "h", user: "x" }],
    // libpq takes the newline of a secret file for a part of the database's name.
    ["postgres://h/d\n", { host: "h", dbname: "d" }],
  ])("%j", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ["postgres://h/%", "hexadecimal"],
    ["postgres://h/%2", "hexadecimal"],
    ["postgres://h/%zz", "hexadecimal"],
    ["postgres://h/%00", "%00"],
    ["postgres://h/%ff", "not UTF-8"],
    ["postgres://[::1/d", "not closed"],
    ["postgres://[]/d", "empty"],
    ["postgres://[::1]x/d", "IPv6"],
    ["postgres://h?user", "no value"],
    ["postgres://h?&user=a", "no value"],
    ["postgres://h?user=a=b", "second `=`"],
    ["postgres://h/a b", "blank"],
    ["postgres://u:pa/ss@h/d", "only a password"],
    ["postgres://u:pa@ss@h/d", "only a password"],
    ["mysql://h/d", "mysql://"],
    ["postgresql+asyncpg://h/d", "postgresql+asyncpg://"],
    ["jdbc:postgresql://h/d", "jdbc:postgresql://"],
    ["mydb", "neither a URL"],
    ["", "neither a URL"],
    ["host=a\0b", "NUL"],
  ])("refuses %j", (text, why) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: "connection-invalid",
        message: expect.stringContaining(why),
      }),
    );
  });
});

describe("key=value strings", () => {
  it.each<[string, Record<string, string>]>([
    ["host=a", { host: "a" }],
    [" host = a  port\t=\n5 ", { host: "a", port: "5" }],
    ["password=''", { password: "" }],
    ["host= user=x", { host: "user=x" }],
    ["password='two words'", { password: "two words" }],
    [String.raw`password='it\'s \\ here'`, { password: String.raw`it's \ here` }],
    [String.raw`password=a\ b\'c\\`, { password: String.raw`a b'c` + "\\" }],
    ["password=a'b", { password: "a'b" }],
    ["user=a user=b", { user: "b" }],
    ["requiressl=1", { sslmode: "require" }],
    ["dbname=postgres://x", { dbname: "postgres://x" }],
    ["password='a'user=b", { password: "a", user: "b" }],
  ])("%j", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ["password='open", "not closed"],
    ["host=a secret words", "not followed by `=` (after `host`)"],
  ])("refuses %j", (text, why) => {
    expect(() => parse(text)).toThrow(why);
  });
});

// Every string but those with NUL and lone surrogates, which no connection string can carry.
const value = string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\0"));

/** Message and hint, or nothing where it is accepted. */
function refusalOf(text: string): string {
  try {
    parse(text);
    return "";
  } catch (error) {
    const { message, details } = error as PgwrightError;
    return message + (details.hint ?? "");
  }
}

describe("round trips", () => {
  it("survives percent-encoding in every part of a URL", () => {
    assert(
      property(value, value, value, value, (user, password, database, options) => {
        const [u, p, d, o] = [user, password, database, options].map(encodeURIComponent);
        expect(parse(`postgres://${u}:${p}@h/${d}?options=${o}`)).toEqual({
          user,
          password,
          host: "h",
          dbname: database,
          options,
        });
      }),
    );
  });

  it("survives quoting in key=value", () => {
    const quote = (text: string) => `'${text.replace(/[\\']/g, String.raw`\$&`)}'`;
    assert(
      property(value, value, (password, database) => {
        const text = `dbname=${quote(database)} password = ${quote(password)}`;
        expect(parse(text)).toEqual({ dbname: database, password });
      }),
    );
  });

  it("survives backslashes without quotes", () => {
    const escape = (text: string) => text.replace(/[\s\\']/g, String.raw`\$&`);
    assert(
      property(value, (password) => {
        expect(parse(`password=${escape(password)} host=h`)).toEqual({ password, host: "h" });
      }),
    );
  });

  it("never repeats what may be a password in an error", () => {
    const secret = stringMatching(/^[!-~]{8,16}$/);
    assert(
      property(secret, (password) => {
        for (const text of [
          `postgres://u:${password}@h/d`,
          `password=${password} host=h`,
          `password='${password}`,
          `host=h ${password}`,
        ]) {
          expect(refusalOf(text)).not.toContain(password);
        }
      }),
    );
  });
});
