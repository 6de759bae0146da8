/** Every statement of the corpus: what is good has no finding of any severity, what is bad has exactly its own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lintFiles } from "../../../src/lint/lint.ts";
import { lintRules } from "../../../src/lint/rules/list.ts";
import { corpusSchema, readCorpus } from "../../support/lint-corpus.ts";

const corpus = readCorpus();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pgwright-corpus-"));
  await writeFile(join(folder, "schema.sql"), corpusSchema);
});
afterAll(async () => rm(folder, { recursive: true }));

/** Rules that find something in the last of these texts. */
async function rulesFor(texts: readonly string[], server: number): Promise<string[]> {
  const paths = [join(folder, "schema.sql")];
  for (const [index, text] of texts.entries()) {
    const path = join(folder, `${index}.sql`);
    await writeFile(path, text);
    paths.push(path);
  }
  const { findings } = await lintFiles({
    directory: folder + "/none",
    paths,
    workingDirectory: "/",
    base: undefined,
    environment: {},
    server,
    session: undefined,
    ledger: { schema: "public", table: "schema_migrations" },
    online: false,
  });
  const last = paths.at(-1);
  return findings
    .filter(({ at }) => at?.file === last)
    .map(({ rule }) => rule.replace(/^lint\//, ""));
}

test.each(corpus)("$name", async ({ sql, given, server, expected }) => {
  const texts = given === "" ? [sql] : [given, sql];
  const found = await rulesFor(texts, server);
  expect([...new Set(found)].toSorted(), sql).toEqual(expected);
});

describe("the corpus", () => {
  test("is large enough, on both sides", () => {
    expect(corpus.filter(({ isBad }) => !isBad).length).toBeGreaterThanOrEqual(150);
    expect(corpus.filter(({ isBad }) => isBad).length).toBeGreaterThanOrEqual(150);
  });

  test("has bad statements for every rule that needs no database", () => {
    const seen = new Set(corpus.flatMap(({ expected }) => expected));
    const unseen = lintRules.map(({ name }) => name).filter((name) => !seen.has(name));
    expect(unseen).toEqual(["dependent-views"]);
  });
});

const timely = new Set(["attach-partition", "drop-column", "drop-not-null", "truncate"]);

describe("what a rule says of itself", () => {
  test.each(lintRules)("$name: its safe form has no finding of it", async ({ name, safe }) => {
    // Words stand where no SQL is safe in itself; with these it is a matter of when, or of why.
    if (/…|^-- [^\n]*$/.test(safe) || timely.has(name)) return;
    const parts = safe.split(/^--.*(?:in another transaction|in a later release|_validate).*$/m);
    const own = `CREATE TABLE orders (id bigint PRIMARY KEY, region text, number text, note text, customer_id bigint, price int);
      CREATE TABLE customers (id bigint PRIMARY KEY);`;
    for (const [index] of parts.entries()) {
      const found = await rulesFor([own, ...parts.slice(0, index + 1)], 18);
      expect(found, parts[index]).not.toContain(name);
    }
  });
});
