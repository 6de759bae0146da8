/** Rules are shown only some statements; nothing that they would say of the others may be lost. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { lintFiles } from "../../../src/lint/lint.ts";
import * as list from "../../../src/lint/rules/list.ts";
import { corpusSchema, readCorpus } from "../../support/lint-corpus.ts";

// Spies on a module need it to be mocked.
vi.mock("../../../src/lint/rules/list.ts", { spy: true });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pgwright-shown-"));
});
afterAll(async () => rm(folder, { recursive: true }));

async function lint(paths: readonly string[]) {
  const { findings } = await lintFiles({
    directory: join(folder, "none"),
    paths,
    workingDirectory: "/",
    base: undefined,
    environment: {},
    server: 15,
    session: undefined,
    ledger: { schema: "public", table: "schema_migrations" },
    online: false,
  });
  return findings.map(({ source: _source, ...finding }) => finding);
}

test("every rule, shown every statement of the corpus, finds no more", async () => {
  const texts = [corpusSchema, ...readCorpus().flatMap(({ given, sql }) => [given, sql])];
  const paths = await Promise.all(
    texts.map(async (text, index) => {
      const path = join(folder, `${String(index).padStart(4, "0")}.sql`);
      await writeFile(path, text);
      return path;
    }),
  );
  const usual = await lint(paths);
  const shown = vi.mocked(list.rulesFor).mock.results.map(({ value }) => value as unknown[]);
  expect(usual.length).toBeGreaterThan(200);
  // Most are spared most statements, or the test would say nothing.
  expect(shown.every((rules) => rules.length < list.lintRules.length / 2)).toBe(true);
  vi.mocked(list.rulesFor).mockReturnValue(list.lintRules);
  expect(await lint(paths)).toEqual(usual);
});
