import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findPassword, readPasswordFile, splitLines } from "../../../src/db/libpq/passfile.ts";
import { withFolder } from "../../support/folder.ts";

const find = (source: string, host = "h", port = 5432, database = "d", role = "u") =>
  findPassword({ path: "", lines: splitLines(source) }, host, port, database, role);

/** Each of these is what libpq 18 does (PQpass after PQconnectStart with such a file). */
describe("lines of a password file", () => {
  it.each<[string, string | undefined]>([
    ["h:5432:d:u:secret", "secret"],
    ["*:*:*:*:secret", "secret"],
    ["x:*:*:*:no\nh:*:*:*:first\n*:*:*:*:second", "first"],
    ["# h:5432:d:u:comment\nh:5432:d:u:secret", "secret"],
    ["h:5432:d:u:secret\r\r\nx", "secret"],
    ["h:5432:d:u: blanks count ", " blanks count "],
    ["h:5432:d:u:", ""],
    [String.raw`h:5432:d:u:a\:b\\c\d`, String.raw`a:b\cd`],
    ["h:5432:d:u:secret:more", "secret"],
    ["h:5432:d:u:end\\", "end\\"],
    [String.raw`\h:54\32:d:u:secret`, "secret"],
    [String.raw`\*:*:*:*:star`, undefined],
    ["h:5433:d:u:secret", undefined],
    ["h:5432:d:other:secret", undefined],
    ["h:5432:d", undefined],
    ["hh:5432:d:u:secret", undefined],
    ["", undefined],
  ])("%j", (source, expected) => {
    expect(find(source)).toBe(expected);
  });

  it("takes an IPv6 address with and without backslashes", () => {
    expect(find("::1:*:*:*:plain", "::1")).toBe("plain");
    expect(find(String.raw`\:\:1:*:*:*:escaped`, "::1")).toBe("escaped");
  });

  it("lets localhost stand for the default socket directories", () => {
    expect(find("localhost:*:*:*:local", "/var/run/postgresql")).toBe("local");
    expect(find("localhost:*:*:*:local", "/tmp")).toBe("local");
    expect(find("localhost:*:*:*:local", "/elsewhere")).toBeUndefined();
    expect(find("/elsewhere:*:*:*:there", "/elsewhere")).toBe("there");
  });

  it("matches names with blanks, colons and beyond ASCII", () => {
    expect(find(String.raw`h:*:my\:db é:u:secret`, "h", 1, "my:db é")).toBe("secret");
  });
});

describe("readPasswordFile", () => {
  it("is empty and silent when there is no file", () => {
    expect(readPasswordFile("/nonexistent/.pgpass", "linux")).toEqual({
      path: "/nonexistent/.pgpass",
      lines: [],
    });
  });

  it("warns of a directory", async () => {
    await using folder = await withFolder();
    const path = join(folder.path, "pgpass");
    await mkdir(path);
    expect(readPasswordFile(path, "linux")).toMatchObject({
      lines: [],
      warning: `the password file ${path} is not a plain file`,
    });
  });

  it("looks at the permissions, but not on Windows", async () => {
    await using folder = await withFolder();
    const path = join(folder.path, "pgpass");
    await writeFile(path, "*:*:*:*:secret\n");
    for (const [mode, isUsed] of [
      [0o600, true],
      [0o400, true],
      [0o640, false],
      [0o604, false],
      [0o610, false],
    ] as const) {
      await chmod(path, mode);
      expect(readPasswordFile(path, "linux").lines).toHaveLength(isUsed ? 1 : 0);
      expect(readPasswordFile(path, "win32").lines).toHaveLength(1);
    }
  });
});
