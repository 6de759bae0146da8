import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseEnvFile, readEnvFile } from "../../../src/config/env-file.ts";
import type { Mistake } from "../../../src/config/mistake.ts";
import { withFolder } from "../../support/folder.ts";

function valuesOf(text: string): Record<string, string> {
  const { values, mistakes } = parseEnvFile(text, ".env");
  expect(mistakes).toEqual([]);
  return Object.fromEntries([...values].map(([name, { value }]) => [name, value]));
}

function mistakesOf(text: string): string[] {
  return parseEnvFile(text, ".env").mistakes.map(
    ({ at, message }) => `${at?.line}:${at?.column} ${message}`,
  );
}

test.each<[string, string, Record<string, string>]>([
  ["a plain value", "A=b", { A: "b" }],
  ["several lines", "A=1\nB=2\n", { A: "1", B: "2" }],
  ["comments and empty lines", "# no\n\n  # no\nA=1\n", { A: "1" }],
  ["export", "export A=1\nexport\tB=2", { A: "1", B: "2" }],
  ["spaces around the sign", "  A = b c  ", { A: "b c" }],
  ["an empty value", "A=\nB= \nC=''", { A: "", B: "", C: "" }],
  ["a comment behind a value", "A=b # c", { A: "b" }],
  ["nothing but a comment", "A= # c", { A: "" }],
  ["# inside a password", "A=postgres://u:p#w@h/d", { A: "postgres://u:p#w@h/d" }],
  ["= inside a value", "A=postgres:///d?options=-c%20x=1", { A: "postgres:///d?options=-c%20x=1" }],
  ["single quotes, taken literally", "A='a \\n # ${B} \"x\"' # c", { A: 'a \\n # ${B} "x"' }],
  ["double quotes with escapes", 'A="a\\nb\\t\\"c\\" \\\\ \\$ \\x"', { A: 'a\nb\t"c" \\ $ \\x' }],
  [
    "several lines in double quotes",
    'A="one\n# two\nthree"\nB=1',
    { A: "one\n# two\nthree", B: "1" },
  ],
  ["several lines in single quotes", "A='one\ntwo'\nB=1", { A: "one\ntwo", B: "1" }],
  ["no expansion", "A=x\nB=${A}", { A: "x", B: "${A}" }],
  ["CRLF", 'A=1\r\nB="x\r\ny"\r\n', { A: "1", B: "x\ny" }],
  ["a byte order mark", "\uFEFFA=1", { A: "1" }],
  ["the same thing twice", "A=1\nA=1", { A: "1" }],
  ["nothing", "", {}],
])("reads %s", (_, text, values) => {
  expect(valuesOf(text)).toEqual(values);
});

test.each<[string, string, string[]]>([
  ["a line without =", "A=1\n  oops\n", ["2:3 this line is not NAME=value"]],
  ["YAML", "A: 1", ["1:1 this line is not NAME=value"]],
  ["a name that is none", "1A=1", ["1:1 this line is not NAME=value"]],
  ["an open quote", 'A=1\nB="x\ny\n', ['2:3 the quote `"` opened here is not closed']],
  ["text behind a quote", "A='x'y", ["1:6 there is text behind the closing quote"]],
  ["two different values", "A=1\nB=1\nexport A=2", ["3:8 A is set already in line 1"]],
  [
    "every one of several",
    "x\nA=1\ny",
    ["1:1 this line is not NAME=value", "3:1 this line is not NAME=value"],
  ],
])("rejects %s", (_, text, mistakes) => {
  expect(mistakesOf(text)).toEqual(mistakes);
});

test("goes on behind a closed quote, so that later mistakes are told too", () => {
  expect(mistakesOf("A='x'y\nB=1\noops")).toHaveLength(2);
});

test("columns count characters", () => {
  expect(mistakesOf("A='🙂'x")).toEqual(["1:6 there is text behind the closing quote"]);
});

test("a missing file and a folder are no .env; a message never holds a value", async () => {
  await using folder = await withFolder({ "with/.env": "A=1\nsecret" });
  await mkdir(join(folder.path, "venv", ".env"), { recursive: true });
  const mistakes: Mistake[] = [];
  expect(await readEnvFile(join(folder.path, ".env"), ".env", mistakes)).toBeUndefined();
  expect(await readEnvFile(join(folder.path, "venv", ".env"), ".env", mistakes)).toBeUndefined();
  expect(mistakes).toEqual([]);
  const read = await readEnvFile(join(folder.path, "with", ".env"), "with/.env", mistakes);
  expect(read?.values.get("A")).toEqual({
    value: "1",
    at: { file: "with/.env", line: 1, column: 1 },
  });
  expect(mistakes).toEqual([
    { at: { file: "with/.env", line: 2, column: 1 }, message: "this line is not NAME=value" },
  ]);
});
