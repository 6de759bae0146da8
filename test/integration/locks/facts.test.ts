/** Every line of the table of facts, held against the server: locks, scans and rewrites. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import { effectsOf } from "../../../src/locks/effects-of.ts";
import type { FactName } from "../../../src/locks/facts.ts";
import { facts } from "../../../src/locks/facts.ts";
import { learn } from "../../../src/locks/learn.ts";
import { Model } from "../../../src/locks/model.ts";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";
import { base, lockExamples } from "../../support/lock-examples.ts";
import { expectedOf, isKnown, measureFact } from "../../support/lock-measure.ts";

const names = Object.keys(facts) as FactName[];
let database: TestDatabase;
let version: number;

beforeAll(async () => {
  await loadParser();
  database = await withDatabase();
  const [row] = await database.sql`select current_setting('server_version_num')::int / 10000 as v`;
  version = Number(row?.["v"]);
});
afterAll(async () => database[Symbol.asyncDispose]());

describe.each(names)("%s", (name) => {
  test("is what the server does", async ({ skip }) => {
    skip(!isKnown(name, version), `PostgreSQL ${version} has no such statement`);
    expect(await measureFact(database.sql, name)).toEqual(expectedOf(name));
  });

  test("is what its example is taken for", () => {
    const { setup = "", sql, table = "t", other } = lockExamples[name];
    const model = new Model();
    for (const statement of parseScript(base)) learn(model, statement);
    model.settle();
    for (const statement of parseScript(setup)) learn(model, statement);
    const [statement] = parseScript(sql.replace("{tablespace}", "space"));
    if (!statement) throw new Error(`no statement: ${sql}`);
    const found = effectsOf(statement, model).map((effect) => ({
      fact: effect.fact,
      table: effect.table,
      // A second table that the example does not measure is none of its business.
      other: other === undefined ? undefined : effect.other?.table,
    }));
    expect(found).toContainEqual({ fact: name, table, other });
  });
});
