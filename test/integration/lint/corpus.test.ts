/** The corpus is SQL that PostgreSQL carries out, so that no rule is held against what nobody could write. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import { segment } from "../../../src/migrate/segment.ts";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";
import { corpusSchema, readCorpus } from "../../support/lint-corpus.ts";

let database: TestDatabase;
/** The same, for statements that leave something behind; nobody is connected to it. */
let template: TestDatabase;
let version: number;

beforeAll(async () => {
  await loadParser();
  database = await withDatabase();
  await database.sql.unsafe(corpusSchema);
  template = await withDatabase();
  await template.sql.unsafe(corpusSchema);
  await template.sql.end();
  const [row] = await database.sql`select current_setting('server_version_num')::int / 10000 as v`;
  version = Number(row?.["v"]);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await template[Symbol.asyncDispose]();
});

const executed = readCorpus().filter(({ isInvalid }) => !isInvalid);

test.each(executed)("$name", async ({ sql, given, isNewer, server, isBad }) => {
  // What is newer than 15, and is judged for 15 in bad/, came with 18 at the latest.
  if (version < (isNewer && isBad ? 18 : server)) return;
  const runs = segment(parseScript(sql), true);
  const isWhole = runs.every(({ kind }) => kind === "block");
  if (!isWhole) {
    await using copy = await withDatabase({ template: template.name });
    if (given !== "") await copy.sql.unsafe(given);
    for (const run of runs) {
      const statements = run.kind === "block" ? run.statements : [run.statement];
      // One message is one transaction.
      await copy.sql.unsafe(statements.map(({ text }) => text).join(";\n"));
    }
    return;
  }
  const session = await database.sql.reserve();
  try {
    await session.unsafe("begin");
    if (given !== "") await session.unsafe(given);
    await expect(session.unsafe(sql)).resolves.toBeDefined();
  } finally {
    await session.unsafe("rollback");
    session.release();
  }
});
