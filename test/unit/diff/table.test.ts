/** ALTER TABLE for what can be derived from two definitions, and the reason for what it leaves out. */
import { beforeAll, expect, test } from "vitest";
import { loadParser } from "../../../src/db/script.ts";
import { findDifferences } from "../../../src/diff/differences.ts";
import type { DumpedObject } from "../../../src/schema/dump.ts";

beforeAll(loadParser);

const create = (...lines: readonly string[]) => [
  `CREATE TABLE app.t (${lines.map((line) => `\n    ${line}`).join(",")}\n)`,
];

function table(statements: readonly string[]): DumpedObject {
  const label = "table app.t";
  const names = ['"B"', "a"].filter((name) => statements[0]?.includes(`CHECK ((${name} `) === true);
  const needs = names.map((name) => ({
    part: 'constraint "C"',
    on: label,
    onPart: `column ${name}`,
    goesWith: true,
  }));
  return { label, relation: "app.t", isPart: false, schema: "app", statements, needs };
}

test.each([
  {
    name: "a default comes",
    before: create("a int"),
    now: create("a int DEFAULT 5"),
    words: ["column a has the default `5` and had none"],
    sql: ["ALTER TABLE app.t ALTER COLUMN a SET DEFAULT 5"],
    leftOut: [],
  },
  {
    name: "a constraint is another one, beside a new column",
    before: create("a int", 'CONSTRAINT "C" CHECK ((a > 0))'),
    now: create("a int", "b text", 'CONSTRAINT "C" CHECK ((a > 1))'),
    words: [
      'constraint "C" is `CONSTRAINT "C" CHECK ((a > 1))` and was `CONSTRAINT "C" CHECK ((a > 0))`',
      "column b is new (`b text`)",
    ],
    sql: [
      'ALTER TABLE app.t DROP CONSTRAINT "C"',
      "ALTER TABLE app.t ADD COLUMN b text",
      'ALTER TABLE app.t ADD CONSTRAINT "C" CHECK ((a > 1))',
    ],
    leftOut: [],
  },
  {
    name: "NOT NULL without a value fails where there are rows",
    before: create("a int"),
    now: create("a int", "b text NOT NULL"),
    words: ["column b is new (`b text NOT NULL`)"],
    sql: [],
    leftOut: [
      {
        what: "column b",
        why: "it is NOT NULL, and rows that are there would have no value for it",
      },
    ],
  },
  {
    name: "a type would rewrite the table",
    before: create("a int"),
    now: create("a bigint"),
    words: ["column a has the type `bigint` and had `int`"],
    sql: [],
    leftOut: [{ what: "column a", why: "another type can fail on its values, or change them" }],
  },
  {
    name: "the order is told beside another difference, and cannot be brought about",
    before: create("a int", "b int"),
    now: create("b int", "a int DEFAULT 1"),
    words: [
      "column a has the default `1` and had none",
      "its columns stand in another order: b, a and not a, b; PostgreSQL cannot change that",
    ],
    sql: ["ALTER TABLE app.t ALTER COLUMN a SET DEFAULT 1"],
    leftOut: [{ what: "the order of its columns", why: "PostgreSQL cannot change it" }],
  },
  {
    name: "what is left out takes along what names it, and nothing else",
    before: create("a int", 'CONSTRAINT "C" CHECK ((a > 0))', "CONSTRAINT d CHECK ((a > 1))"),
    now: [
      ...create(
        "a int DEFAULT 1 NOT NULL",
        '"B" text NOT NULL',
        'CONSTRAINT "C" CHECK (("B" > \'a\'))',
      ),
      "COMMENT ON COLUMN app.t.\"B\" IS 'x'",
      "COMMENT ON TABLE app.t IS 'about \"B\"'",
    ],
    words: [
      "column a is NOT NULL and was not, has the default `1` and had none",
      'constraint "C" is `CONSTRAINT "C" CHECK (("B" > \'a\'))` and was `CONSTRAINT "C" CHECK ((a > 0))`',
      "constraint d is gone (`CONSTRAINT d CHECK ((a > 1))`)",
      'column "B" is new (`"B" text NOT NULL`)',
      "now: COMMENT ON COLUMN app.t.\"B\" IS 'x'",
      "now: COMMENT ON TABLE app.t IS 'about \"B\"'",
    ],
    sql: [
      "ALTER TABLE app.t DROP CONSTRAINT d",
      "ALTER TABLE app.t ALTER COLUMN a SET DEFAULT 1",
      "COMMENT ON TABLE app.t IS 'about \"B\"'",
    ],
    leftOut: [
      { what: "column a", why: "SET NOT NULL fails where a row has NULL" },
      {
        what: 'column "B"',
        why: "it is NOT NULL, and rows that are there would have no value for it",
      },
      { what: 'constraint "C"', why: 'it needs column "B", which is left out' },
      {
        what: "COMMENT ON COLUMN app.t.\"B\" IS 'x'",
        why: 'it is about column "B", which is left out',
      },
    ],
  },
  {
    name: "what stands around the columns",
    before: create("a int"),
    now: [`${create("a int")[0]} WITH (fillfactor='70')`],
    words: [
      "it is made by `CREATE TABLE app.t ( … ) WITH (fillfactor='70')`, not by `CREATE TABLE app.t ( … )`",
    ],
    sql: [],
    leftOut: [
      { what: "the table", why: "no ALTER TABLE is derived for what stands around the columns" },
    ],
  },
])("$name", ({ before, now, words, sql, leftOut }) => {
  const { differences, script } = findDifferences([table(before)], [table(now)]);
  expect(differences).toMatchObject([{ words, sql, leftOut }]);
  expect(script).toEqual(sql.length === 0 ? [] : [{ object: "table app.t", sql }]);
});
