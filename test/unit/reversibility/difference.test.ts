/** Two dumps, and what is said about them; real schemas are compared in the integration tests. */
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { ident } from "../../../src/db/identifier.ts";
import { loadParser } from "../../../src/db/script.ts";
import { describeColumn } from "../../../src/schema/compare/column-words.ts";
import { compareSchemas } from "../../../src/reversibility/difference.ts";
import { readTable } from "../../../src/schema/compare/table-elements.ts";
import type { DumpedObject, DumpedSchema } from "../../../src/schema/dump.ts";

beforeAll(loadParser);

function schemaOf(...objects: readonly DumpedObject[]): DumpedSchema {
  const sql = objects.flatMap(({ statements }) => statements).join(";\n");
  return { sql, findings: [], objects };
}

function table(name: string, ...lines: readonly string[]): DumpedObject {
  const body = lines.map((line) => `\n    ${line}`).join(",");
  return {
    label: `table app.${name}`,
    relation: `app.${name}`,
    isPart: false,
    schema: "app",
    statements: [`CREATE TABLE app.${name} (${body}\n)`],
    needs: [],
  };
}

function index(name: string, on: string): DumpedObject {
  const label = `index app.${name}`;
  const statements = [`CREATE INDEX ${name} ON app.${on} USING btree (a)`];
  return { label, relation: `app.${on}`, isPart: true, schema: "app", statements, needs: [] };
}

const texts = (before: DumpedSchema, now: DumpedSchema) =>
  compareSchemas(before, now).map(({ kind, text }) => `${kind}: ${text}`);

describe("compareSchemas", () => {
  test("says nothing of equal schemas", () => {
    expect(texts(schemaOf(table("t", "a int")), schemaOf(table("t", "a int")))).toEqual([]);
  });

  test("names a table without its parts, and a part without its table", () => {
    const whole = schemaOf(table("t", "a int"), index("t_idx", "t"));
    expect(texts(whole, schemaOf())).toEqual(["missing: table app.t is missing"]);
    expect(texts(schemaOf(), whole)).toEqual(["left-over: table app.t is left over"]);
    const bare = schemaOf(table("t", "a int"));
    expect(texts(whole, bare)).toEqual(["missing: index app.t_idx is missing"]);
  });

  test("names columns and constraints", () => {
    const before = schemaOf(table("t", "a int", "b text", "CONSTRAINT c CHECK ((a > 0))"));
    const now = schemaOf(table("t", "a int", '"New" text', "CONSTRAINT c CHECK ((a > 1))"));
    expect(texts(before, now)).toEqual([
      "missing: column app.t.b is missing",
      "changed: constraint c of app.t is `CONSTRAINT c CHECK ((a > 1))` and was `CONSTRAINT c CHECK ((a > 0))`",
      'left-over: column app.t."New" is left over',
    ]);
  });

  test("tells the order of columns from what they are", () => {
    const before = schemaOf(table("t", "a int", "b int", "c int"));
    expect(texts(before, schemaOf(table("t", "b int", "c int", "a int")))).toEqual([
      "column-order: the columns of app.t stand in another order: a is number 3 and was number 1",
    ]);
    expect(texts(before, schemaOf(table("t", "c int", "b int", "a int")))).toEqual([
      "column-order: the columns of app.t stand in another order: c, b, a and not a, b, c",
    ]);
  });

  test("never calls different texts equal", () => {
    const [one, two] = [table("t", "a int"), table("u", "a int")];
    const [found] = compareSchemas(schemaOf(one, two), schemaOf(two, one));
    expect(found).toMatchObject({ kind: "changed", object: "schema" });
  });
});

describe("describeColumn", () => {
  test.each([
    ["a int", "a bigint", "has the type `bigint` and had `int`"],
    ["a int NOT NULL", "a int", "takes NULL and did not"],
    [
      "a int",
      "a int NOT NULL DEFAULT 1",
      "is NOT NULL and was not, has the default `1` and had none",
    ],
    [
      "a text DEFAULT 'x, y'::text NOT NULL",
      "a text NOT NULL",
      "has no default and had `'x, y'::text`",
    ],
    [
      "a text DEFAULT 'ü'::text",
      "a text DEFAULT 'ä'::text",
      "has the default `'ä'::text` and had `'ü'::text`",
    ],
    [
      "a int GENERATED ALWAYS AS IDENTITY",
      "a int",
      "is `a int` and was `a int GENERATED ALWAYS AS IDENTITY`",
    ],
  ])("%s → %s", (before, now, words) => {
    expect(describeColumn(before, now)).toBe(words);
  });
});

describe("readTable", () => {
  const name = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
    // Longer names are cut by the parser, and no catalog holds one.
    .filter((text) => !text.includes("\0") && Buffer.byteLength(text) <= 63);

  test("finds every column, whatever its name and default", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, name), { selector: ([first]) => first }),
        (columns) => {
          const lines = columns.map(
            ([column, value]) =>
              `"${column.replaceAll('"', '""')}" text DEFAULT '${value.replaceAll("'", "''")}'`,
          );
          const read = readTable(
            `CREATE TABLE app.t (${lines.map((line) => `\n    ${line}`).join(",")}\n)`,
          );
          expect(read?.elements.map((element) => element.name)).toEqual(
            columns.map(([column]) => column),
          );
          expect(read?.elements.map((element) => element.text)).toEqual(lines);
        },
      ),
    );
  });

  test("keeps a check of several lines whole", () => {
    const check = "CONSTRAINT c CHECK (\nCASE\n    WHEN (a > 0) THEN true\n    ELSE false\nEND)";
    const statement = `CREATE TABLE app.t (\n    a int,\n    ${check}\n) PARTITION BY RANGE (a)`;
    const read = readTable(statement);
    expect(read?.elements).toEqual([
      { kind: "column", name: "a", text: "a int" },
      { kind: "constraint", name: "c", text: check },
    ]);
    expect(read?.frame).toBe("CREATE TABLE app.t ( … ) PARTITION BY RANGE (a)");
  });

  test("knows that other statements are none", () => {
    expect(readTable(`CREATE VIEW ${ident("V")} AS SELECT 1`)).toBeUndefined();
  });
});
