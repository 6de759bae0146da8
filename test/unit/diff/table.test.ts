/** ALTER TABLE for what can be derived from two definitions, and nothing where that would not be all. */
import { beforeAll, expect, test } from "vitest";
import { loadParser } from "../../../src/db/script.ts";
import { tableDifference } from "../../../src/diff/table.ts";

beforeAll(loadParser);

const create = (...lines: readonly string[]) => [
  `CREATE TABLE app.t (${lines.map((line) => `\n    ${line}`).join(",")}\n)`,
];

test.each([
  {
    name: "a default comes",
    before: create("a int"),
    now: create("a int DEFAULT 5"),
    words: ["column a has the default `5` and had none"],
    sql: ["ALTER TABLE app.t ALTER COLUMN a SET DEFAULT 5"],
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
  },
  {
    name: "NOT NULL without a value fails where there are rows",
    before: create("a int"),
    now: create("a int", "b text NOT NULL"),
    words: ["column b is new (`b text NOT NULL`)"],
    sql: [],
  },
  {
    name: "a type would rewrite the table",
    before: create("a int"),
    now: create("a bigint"),
    words: ["column a has the type `bigint` and had `int`"],
    sql: [],
  },
  {
    name: "the order is told beside another difference, and cannot be brought about",
    before: create("a int", "b int"),
    now: create("b int", "a int DEFAULT 1"),
    words: [
      "column a has the default `1` and had none",
      "its columns stand in another order: b, a and not a, b; PostgreSQL cannot change that",
    ],
    sql: [],
  },
  {
    name: "what stands around the columns",
    before: create("a int"),
    now: [`${create("a int")[0]} WITH (fillfactor='70')`],
    words: [
      "it is made by `CREATE TABLE app.t ( … ) WITH (fillfactor='70')`, not by `CREATE TABLE app.t ( … )`",
    ],
    sql: [],
  },
])("$name", ({ before, now, words, sql }) => {
  expect(tableDifference("app.t", before, now)).toEqual({ words, sql });
});
