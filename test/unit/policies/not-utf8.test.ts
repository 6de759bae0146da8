import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readPolicyFile } from "../../../src/policies/statement.ts";
import { withFolder } from "../../support/folder.ts";

async function read(bytes: Buffer) {
  await using folder = await withFolder();
  const path = join(folder.path, "roles.sql");
  await writeFile(path, bytes);
  return await readPolicyFile(path).catch((error: unknown) => {
    const { code, message, details } = error as {
      code: string;
      message: string;
      details: { at: { line: number; column: number } };
    };
    return { code, message: message.replace(path, "roles.sql"), at: details.at };
  });
}

test("a file in Latin-1 is said to be none in UTF-8, with the byte and its place", async () => {
  const bytes = Buffer.from("-- größe\nCREATE ROLE caf\u00e9;\n", "latin1");
  expect(await read(bytes)).toMatchObject({
    code: "policies-unreadable",
    message: "roles.sql is not UTF-8: byte 5, 0xF6, begins no character",
    at: { line: 1, column: 6 },
  });
  expect(await read(Buffer.concat([Buffer.from("-- größe\n"), bytes]))).toMatchObject({
    message: "roles.sql is not UTF-8: byte 16, 0xF6, begins no character",
    at: { line: 2, column: 6 },
  });
  expect(await read(Buffer.from("\ufeffCREATE ROLE x;", "utf16le"))).toMatchObject({
    message: "roles.sql is UTF-16",
  });
  expect(await read(Buffer.from("\ufeff-- a\r\n"))).toBe("-- a\n");
});

test("the first byte that is none is found behind any text, also a character cut short", async () => {
  const bad = fc.constantFrom(
    [0xff],
    [0xef, 0xbf],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
    [0xc3],
    [0x80],
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), bad, async (text, bytes) => {
      const good = Buffer.from(text);
      const result = await read(Buffer.concat([good, Buffer.from(bytes), Buffer.from("x\n")]));
      expect(result).toMatchObject({ message: expect.stringContaining(`byte ${good.length}, `) });
    }),
    { numRuns: 60 },
  );
});
