/** Errors, findings and annotations as they are printed. */
import { describe, expect, test } from "vitest";
import { codeFrame } from "../../../src/cli/render/code-frame.ts";
import {
  asPgwrightError,
  errorToJson,
  prepareError,
  renderError,
} from "../../../src/cli/render/error.ts";
import { findingToJson, renderFindings } from "../../../src/cli/render/findings.ts";
import {
  renderAnnotations,
  renderErrorAnnotation,
  renderSummary,
} from "../../../src/cli/render/github.ts";
import { seenFrom } from "../../../src/cli/render/place.ts";
import { plainStyle } from "../../../src/cli/render/style.ts";
import { createView } from "../../../src/cli/render/view.ts";
import { PgwrightError } from "../../../src/errors.ts";
import type { Finding } from "../../../src/findings.ts";

const at = (line: number, column: number) => ({ file: "a.sql", line, column });
const frame = (source: string, line: number, column: number, width = 100) =>
  codeFrame(source, at(line, column), plainStyle, width).split("\n");

describe("the code frame", () => {
  test("marks the word at the place", () => {
    expect(frame("select 1;\r\nselect emial from users;\r\n", 2, 8)).toEqual([
      "  2 │ select emial from users;",
      "    │        ^^^^^",
    ]);
  });

  test("counts letters, not bytes, and the columns they take", () => {
    expect(frame("select 'naïve 表', x", 1, 19)).toEqual([
      "  1 │ select 'naïve 表', x",
      "    │                    ^",
    ]);
  });

  test("a tab is one blank", () => {
    expect(frame("\tselect x", 1, 9)).toEqual(["  1 │  select x", "    │         ^"]);
  });

  test("the end of a line, an empty line and a line that is not there", () => {
    expect(frame("select", 1, 7)).toEqual(["  1 │ select", "    │       ^"]);
    expect(frame("a\n\nb", 2, 1)).toEqual(["  2 │", "    │ ^"]);
    expect(frame("a", 9, 1)).toEqual(["  9 │", "    │ ^"]);
  });

  test.each([1, 30, 60, 119, 200])("a long line is cut around column %i", (column) => {
    const source = Array.from({ length: 40 }, (_, i) => `word${i}`.padEnd(5, "_")).join(" ");
    const [line = "", carets = ""] = frame(source, 1, column, 50);
    expect(line.length).toBeLessThanOrEqual(50);
    const marked = line.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1);
    expect(source.slice(column - 1).startsWith(marked)).toBe(true);
    expect(line.includes("…")).toBe(true);
  });
});

test("places are seen from where the user stands", () => {
  const place = (file: string) => seenFrom("/home/ann/shop/db", { file, line: 1, column: 2 }).file;
  expect(place("/home/ann/shop/db/migrations/001.sql")).toBe("migrations/001.sql");
  expect(place("/home/ann/shop/pgwright.yaml")).toBe("../pgwright.yaml");
  expect(place("/etc/x.yaml")).toBe("/etc/x.yaml");
  expect(place("migrations/001.sql")).toBe("migrations/001.sql");
});

test("what a terminal would obey is shown, in errors, findings and annotations", () => {
  const bad = "x\u001b[2J";
  const shown = "x\\x1b[2J";
  const place = { at: { file: bad, line: 1, column: 3 }, source: `${bad}; select`, hint: bad };
  const error = new PgwrightError("sql-failed", bad, { ...place, notes: [bad] });
  const options = { isVerbose: false, width: 80, isTerminal: false };
  expect(renderError(error, plainStyle, options).split("\n")).toEqual([
    `error[sql-failed]: ${shown}`,
    `  → ${shown}:1:3`,
    "  1 │ x\ufffd[2J; select",
    "    │   ^",
    `  ${shown}`,
    `  hint: ${shown}`,
  ]);
  const found: Finding = { rule: "r", severity: "error", message: bad, ...place };
  const text = renderFindings([found], createView(plainStyle, 80, false));
  expect(text).toContain(`error: ${shown} [r]\n  → ${shown}:1:3\n`);
  expect(text).toContain(`hint: ${shown}`);
  expect(renderErrorAnnotation(error, undefined)).toBe(
    `::error title=sql-failed::${shown}%0A${shown}`,
  );
});

describe("an error", () => {
  const error = new PgwrightError("sql-failed", "column of postgres://u:pw@h/d is missing", {
    at: { file: "/shop/a.sql", line: 1, column: 8 },
    source: "select x",
    sqlstate: "42703",
    notes: ["one", "two\nlines"],
    hint: "first\nsecond",
  });
  const options = { isVerbose: false, width: 80, isTerminal: false };

  test("for people", () => {
    expect(renderError(prepareError(error, "/shop"), plainStyle, options)).toBe(
      [
        "error[sql-failed]: column of postgres://u:pw@h/d is missing (42703)",
        "  → a.sql:1:8",
        "  1 │ select x",
        "    │        ^",
        "  one",
        "  two",
        "  lines",
        "  hint: first",
        "        second",
      ].join("\n"),
    );
  });

  test("on a narrow terminal its sentences are wrapped", () => {
    const long = new PgwrightError("usage", "one two three four", { hint: "five six seven eight" });
    const narrow = { isVerbose: false, width: 24, isTerminal: true };
    expect(renderError(long, plainStyle, narrow)).toBe(
      ["error[usage]: one two", "  three four", "  hint: five six seven", "        eight"].join(
        "\n",
      ),
    );
  });

  test("for programs, without its source and without passwords", () => {
    expect(errorToJson(prepareError(error, "/shop"), false)).toEqual({
      code: "sql-failed",
      message: "column of postgres://u:***@h/d is missing",
      sqlstate: "42703",
      at: { file: "a.sql", line: 1, column: 8 },
      notes: ["one", "two\nlines"],
      hint: "first\nsecond",
    });
  });

  test("verbose tells the stack and what caused it", () => {
    const cause = new Error("the cause");
    const caused = prepareError(new PgwrightError("internal", "x", { cause }), "/shop");
    const text = renderError(caused, plainStyle, { ...options, isVerbose: true });
    expect(text).toMatch(/\nPgwrightError: x\n {4}at [^]*\ncaused by: Error: the cause\n {4}at /);
    expect(errorToJson(caused, true)).toMatchObject({
      stack: expect.stringContaining("the cause"),
    });
  });
});

describe("anything thrown becomes one of ours", () => {
  test("a bug is told as one, with the version to report", () => {
    const error = prepareError(asPgwrightError(new TypeError("x is not a function")), "/");
    expect(error.exit).toBe(4);
    expect(error.details.hint).toContain("this is a bug in pgwright");
    expect(error.details.notes?.[0]).toMatch(/^pgwright \d+\.\d+\.\d+, Node \d/);
    expect(asPgwrightError("text").message).toBe("text");
    expect(asPgwrightError(undefined).message).toBe("undefined");
  });

  test("what went wrong first is told when disposing fails as well", () => {
    const first = new PgwrightError("sql-failed", "first");
    const both = Object.assign(new Error("suppressed"), {
      name: "SuppressedError",
      error: new Error("second"),
      suppressed: first,
    });
    expect(asPgwrightError(both)).toBe(first);
  });

  test("an abort is an interruption only after a signal", () => {
    const abort = new DOMException("aborted", "AbortError");
    expect(asPgwrightError(abort, true).code).toBe("interrupted");
    expect(asPgwrightError(abort, false).code).toBe("internal");
  });
});

const findings: Finding[] = [
  { rule: "migrations/late", severity: "warning", message: "50% late: a,b", hint: "rename\nit" },
  {
    rule: "migrations/syntax",
    severity: "error",
    message: "wrong",
    at: at(1, 8),
    source: "select x",
  },
];

test("findings for people and for programs", () => {
  expect(renderFindings(findings, createView(plainStyle, 80, false))).toBe(
    [
      "warning: 50% late: a,b [migrations/late]",
      "  hint: rename",
      "        it",
      "",
      "error: wrong [migrations/syntax]",
      "  → a.sql:1:8",
      "  1 │ select x",
      "    │        ^",
    ].join("\n"),
  );
  const secret: Finding = {
    rule: "a/b",
    severity: "info",
    message: "postgres://u:pw@h/d",
    hint: "password=pw x",
  };
  expect(findingToJson(secret)).toEqual({
    rule: "a/b",
    severity: "info",
    message: "postgres://u:***@h/d",
    hint: "password=*** x",
  });
  expect(findingToJson(findings[1] as Finding)).not.toHaveProperty("source");
});

describe("GitHub", () => {
  test("annotations: the worst first, everything escaped", () => {
    expect(renderAnnotations(findings).split("\n")).toEqual([
      "::error file=a.sql,line=1,col=8,title=migrations/syntax::wrong",
      "::warning title=migrations/late::50%25 late: a,b%0Arename%0Ait",
    ]);
    const odd = { file: "a,b:c%.sql", line: 1, column: 1 };
    const error = new PgwrightError("usage", "one\r\ntwo", { at: odd });
    expect(renderErrorAnnotation(error, odd)).toBe(
      "::error file=a%2Cb%3Ac%25.sql,line=1,col=1,title=usage::one%0Atwo",
    );
  });

  test("ten of a kind, and how many more; the summary has all of them", () => {
    const many = Array.from({ length: 12 }, (_, i): Finding => ({
      rule: "a/b",
      severity: "error",
      message: `no. ${i} | x`,
    }));
    const lines = renderAnnotations(many).split("\n");
    expect(lines).toHaveLength(11);
    expect(lines[10]).toBe("::error title=more::2 more of severity error are in the step summary");
    const summary = renderSummary("validate", many);
    expect(summary.match(/^\| error \|/gm)).toHaveLength(12);
    expect(summary).toContain("no. 11 \\| x");
  });
});
