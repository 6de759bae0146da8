/** What hints tell people to write is nothing that the tool itself refuses. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import type { Finding } from "../../../src/findings.ts";
import { lintFiles } from "../../../src/lint/lint.ts";
import { lintRules } from "../../../src/lint/rules/list.ts";
import { readMigrations } from "../../../src/migrate/file.ts";
import { inspectMigration } from "../../../src/migrate/inspect.ts";
import { corpusSchema, readCorpus } from "../../support/lint-corpus.ts";

let root: string;
let directories = 0;

beforeAll(async () => {
  await loadParser();
  root = await mkdtemp(join(tmpdir(), "pgwright-hints-"));
});
afterAll(async () => rm(root, { recursive: true }));

/** What `lint` and `validate` find in the last of these migrations. */
async function judgeLast(
  sections: readonly string[],
  server: number,
): Promise<Record<"lint" | "validate", Finding[]>> {
  const directory = join(root, String((directories += 1)));
  await mkdir(directory);
  const names = sections.map((_, place) => `${String(place + 1).padStart(3, "0")}_part.sql`);
  for (const [place, section] of sections.entries()) {
    const text = `-- migrate:up\n${section}\n-- migrate:down\nSELECT 1;\n`;
    await writeFile(join(directory, names[place] ?? ""), text);
  }
  const { findings } = await lintFiles({
    directory,
    paths: [],
    base: undefined,
    environment: {},
    server,
    session: undefined,
    ledger: { schema: "public", table: "schema_migrations" },
    online: false,
  });
  const last = join(directory, names.at(-1) ?? "");
  const file = (await readMigrations(directory)).migrations.at(-1);
  if (file === undefined) throw new Error("no migration was read");
  return {
    lint: findings.filter(({ at }) => at?.file === last),
    validate: [...(await inspectMigration(file)).findings],
  };
}

/** Errors of the last one, in words; none where it is what one may write. */
async function errorsIn(sections: readonly string[], server: number): Promise<string[]> {
  const { lint, validate } = await judgeLast(sections, server);
  return [...lint, ...validate]
    .filter(({ severity }) => severity === "error")
    .map(({ rule, message }) => `${sections.at(-1)}: ${rule}: ${message}`);
}

function isSql(text: string): boolean {
  try {
    return parseScript(text).length > 0;
  } catch {
    return false;
  }
}

/** What stands for `…` in a statement: a type behind ADD COLUMN, an expression else. */
const filled = (code: string) =>
  ["true", "(true)", "text"].map((word) => code.replaceAll("…", word)).find(isSql) ?? code;

/** A part of a statement, an option, a comment, a command of ours: each must be one of them. */
const isFragment = (code: string) =>
  /^(?:-- ?[a-z]|pgwright [a-z])/.test(code) ||
  code === "REINDEX … CONCURRENTLY" ||
  isSql(`CREATE TABLE t (${filled(code)})`) ||
  isSql(`CREATE TABLE t (${code.replaceAll("…", "1")})`) ||
  isSql(`ALTER TABLE t ${code.replaceAll("…", "'s'")}`);

/** The statements that a hint has in backticks; everything else there must be a known kind of fragment. */
function statementsIn(hint: string): string[] {
  return Array.from(hint.matchAll(/`([^`]+)`/g), ([, code = ""]) => code).filter(
    (code) => code.endsWith(";") || isSql(code) || !isFragment(code),
  );
}

/** One bad statement and its findings, hints and their statements. */
async function refusedHints(
  base: readonly string[],
  sql: string,
  server: number,
): Promise<{ hints: number; refused: string[] }> {
  const { lint } = await judgeLast([...base, sql], server);
  const refused: string[] = [];
  let hints = 0;
  for (const { hint = "" } of lint) {
    const statements = statementsIn(hint).map(filled);
    for (const place of statements.keys()) {
      hints += 1;
      refused.push(...(await errorsIn([...base, ...statements.slice(0, place + 1)], server)));
    }
  }
  return { hints, refused };
}

test("every statement of a hint is accepted by validate, and draws no error of lint", async () => {
  let count = 0;
  for (const { name, sql, given, server, isBad } of readCorpus()) {
    if (!isBad) continue;
    const base = [corpusSchema, ...(given === "" ? [] : [given])];
    const { hints, refused } = await refusedHints(base, sql, server);
    count += hints;
    expect(refused, name).toEqual([]);
  }
  expect(count).toBeGreaterThan(150);
});

test("so is the safe form that each rule tells of", async () => {
  const own = `CREATE TABLE orders (id bigint PRIMARY KEY, region text, number text, note text, customer_id bigint, price int);
    CREATE TABLE customers (id bigint PRIMARY KEY);`;
  let count = 0;
  for (const { name, safe } of lintRules) {
    if (safe.includes("…") || !isSql(safe)) continue;
    const { validate } = await judgeLast([own, safe], 18);
    count += 1;
    expect(
      validate.filter(({ severity }) => severity === "error"),
      name,
    ).toEqual([]);
  }
  expect(count).toBeGreaterThan(30);
});

test.each([
  ["CREATE INDEX ON users (n)", "CREATE INDEX CONCURRENTLY users_n_idx ON users (n);"],
  [
    "CREATE INDEX ON shop.t (a, (b + 1))",
    "CREATE INDEX CONCURRENTLY t_a_expr_idx ON shop.t (a, (b + 1));",
  ],
  [
    "create unique index if not exists i on users (n)",
    "create unique index CONCURRENTLY i on users (n);",
  ],
  ['CREATE INDEX ON "A b" (c)', 'CREATE INDEX CONCURRENTLY "A b_c_idx" ON "A b" (c);'],
  // The name that PostgreSQL would choose is taken.
  ["CREATE INDEX ON users (m)", "CREATE INDEX CONCURRENTLY users_m_idx1 ON users (m);"],
  ["DROP INDEX IF EXISTS users_m_idx CASCADE", "DROP INDEX CONCURRENTLY IF EXISTS users_m_idx;"],
])("%s is hinted as %s", async (sql, hinted) => {
  const base =
    "CREATE TABLE users (id int PRIMARY KEY, n int, m int); CREATE INDEX users_m_idx ON users (n, m);";
  const { lint } = await judgeLast([base, `${sql};`], 15);
  expect(lint.map(({ hint }) => hint)).toContain(`\`${hinted}\``);
});
