/** Random pairs of schemas: the SQL from one to the other runs, and leaves what it said it would leave. */
import * as fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { differencesAsSql } from "../../../src/cli/differing.ts";
import { findDifferences } from "../../../src/diff/differences.ts";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import { dumpObjects } from "../../../src/schema/dump.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import type { SchemaPair } from "../../support/schema-pair.ts";
import { schemaPair } from "../../support/schema-pair.ts";
import { schemaSql } from "../../support/schema-pair-sql.ts";

const runs = Number(process.env["PGWRIGHT_TEST_RUNS"] ?? 40);
const seed = Number(process.env["PGWRIGHT_TEST_SEED"] ?? 20260103);

beforeAll(loadParser);

async function make(database: TestDatabase, statements: readonly string[]): Promise<void> {
  await database.sql.unsafe("drop schema if exists app cascade").simple();
  await database.sql.unsafe(statements.join(";\n")).simple();
}

function differing(
  from: Awaited<ReturnType<typeof dumpObjects>>,
  to: Awaited<ReturnType<typeof dumpObjects>>,
) {
  const found = findDifferences(from.objects, to.objects);
  const shown = { from: "one", to: "other", isEqual: found.differences.length === 0 };
  const left = found.differences.flatMap(({ object, leftOut }) =>
    leftOut.map(({ what }) => `${object}: ${what}`),
  );
  const text = differencesAsSql({ elsewhere: [], ...found, ...shown });
  return { left: left.toSorted(), text, script: found.script };
}

it("are led from one to the other, but for what is named", { timeout: 3_600_000 }, async () => {
  await using one = await withDatabase();
  await using other = await withDatabase();
  await using first = await connectTo(one.url);
  await using second = await connectTo(other.url);
  let statements = 0;
  let leftOut = 0;
  const lead = async (pair: SchemaPair, isLoaded: boolean) => {
    await make(one, schemaSql(pair, 0));
    // A dump attaches partitions that have their own checks, which do not go with the table's.
    if (isLoaded) await make(one, [(await dumpObjects(first)).sql]);
    await make(other, schemaSql(pair, 1));
    const to = await dumpObjects(second);
    const [was, is] = [0, 1].map((side) => schemaSql(pair, side as 0 | 1).join(";\n"));
    const { left, text } = differing(await dumpObjects(first), to);
    const context = `\n${was};\n-- is to be\n${is};\n-- by\n${text}`;
    // Each by itself, as psql runs a file: a new label of an enum is of use once it is committed.
    for (const statement of parseScript(text)) {
      await one.sql
        .unsafe(statement.text)
        .simple()
        .catch((cause: Error) => {
          throw new Error(`${cause.message} in\n${statement.text}${context}`, { cause });
        });
    }
    // One script is enough: what is left is what it named, and no other script follows.
    const after = differing(await dumpObjects(first), to);
    expect({ left: after.left, script: after.script }, context).toEqual({ left, script: [] });
    statements += text.split("\n").filter((line) => /^[A-Z].*;$/.test(line)).length;
    leftOut += left.length;
  };
  await fc.assert(fc.asyncProperty(schemaPair, fc.boolean(), lead), { numRuns: runs, seed });
  expect(statements).toBeGreaterThan(runs);
  expect(leftOut).toBeGreaterThan(runs);
});
