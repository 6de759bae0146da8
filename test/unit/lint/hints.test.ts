/** What hints tell people to write is nothing that the tool itself refuses. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import type { Finding } from "../../../src/findings.ts";
import { lintFiles } from "../../../src/lint/lint.ts";
import { apart } from "../../../src/lint/say.ts";
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
    workingDirectory: "/",
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

test.each([
  [
    "ALTER TABLE users ADD UNIQUE NULLS NOT DISTINCT (n) INCLUDE (m) WITH (fillfactor = 70) DEFERRABLE INITIALLY DEFERRED",
    "`CREATE UNIQUE INDEX CONCURRENTLY users_n_m_key ON users (n) INCLUDE (m) NULLS NOT DISTINCT WITH (fillfactor = 70);`, then `ALTER TABLE users ADD CONSTRAINT users_n_m_key UNIQUE USING INDEX users_n_m_key DEFERRABLE INITIALLY DEFERRED;`",
  ],
  // The name is taken, by an index.
  [
    "ALTER TABLE users ADD UNIQUE (m)",
    "`CREATE UNIQUE INDEX CONCURRENTLY users_m_key1 ON users (m);`, then `ALTER TABLE users ADD CONSTRAINT users_m_key1 UNIQUE USING INDEX users_m_key1;`",
  ],
  [
    "ALTER TABLE ONLY public.plain ADD CONSTRAINT p PRIMARY KEY (a) INCLUDE (b) WITH (fillfactor = 90) DEFERRABLE",
    "`CREATE UNIQUE INDEX CONCURRENTLY p ON public.plain (a) INCLUDE (b) WITH (fillfactor = 90);`, then `ALTER TABLE ONLY public.plain ADD CONSTRAINT p PRIMARY KEY USING INDEX p DEFERRABLE;`",
  ],
  // A column that may be null is proven not to be, before the key is made of it.
  [
    "ALTER TABLE plain ADD PRIMARY KEY (b)",
    "`ALTER TABLE plain ADD CONSTRAINT plain_b_not_null_online CHECK (b IS NOT NULL) NOT VALID;`, then `ALTER TABLE plain VALIDATE CONSTRAINT plain_b_not_null_online;`, then `CREATE UNIQUE INDEX CONCURRENTLY plain_pkey ON plain (b);`, then `ALTER TABLE plain ALTER COLUMN b SET NOT NULL;`, then `ALTER TABLE plain ADD CONSTRAINT plain_pkey PRIMARY KEY USING INDEX plain_pkey;`, then `ALTER TABLE plain DROP CONSTRAINT plain_b_not_null_online;`; ",
  ],
  // A table that no file tells of.
  [
    "ALTER TABLE other ADD PRIMARY KEY (a)",
    "`CREATE UNIQUE INDEX CONCURRENTLY other_pkey ON other (a);`, then `ALTER TABLE other ADD CONSTRAINT other_pkey PRIMARY KEY USING INDEX other_pkey;`",
  ],
  [
    "ALTER TABLE users ADD COLUMN n2 int NOT NULL DEFAULT 1 UNIQUE NULLS NOT DISTINCT DEFERRABLE",
    "`ALTER TABLE users ADD COLUMN n2 int NOT NULL DEFAULT 1;`, then `CREATE UNIQUE INDEX CONCURRENTLY users_n2_key ON users (n2) NULLS NOT DISTINCT;`, then `ALTER TABLE users ADD CONSTRAINT users_n2_key UNIQUE USING INDEX users_n2_key DEFERRABLE;`",
  ],
  [
    "ALTER TABLE users ADD COLUMN p int DEFAULT 5 REFERENCES plain (a) ON DELETE CASCADE DEFERRABLE",
    "`ALTER TABLE users ADD COLUMN p int DEFAULT 5;`, then `ALTER TABLE users ADD CONSTRAINT users_p_fkey FOREIGN KEY (p) REFERENCES plain (a) ON DELETE CASCADE DEFERRABLE NOT VALID;`, then `ALTER TABLE users VALIDATE CONSTRAINT users_p_fkey;`; ",
  ],
  [
    "ALTER TABLE users ADD FOREIGN KEY (n, m) REFERENCES plain (a, b)",
    "`ALTER TABLE users ADD CONSTRAINT users_n_m_fkey FOREIGN KEY (n, m) REFERENCES plain (a, b) NOT VALID;`, then `ALTER TABLE users VALIDATE CONSTRAINT users_n_m_fkey;`; ",
  ],
  [
    "ALTER TABLE users ADD COLUMN n3 int DEFAULT random() UNIQUE NULLS NOT DISTINCT",
    "add the column alone, and fill it, then `CREATE UNIQUE INDEX CONCURRENTLY users_n3_key ON users (n3) NULLS NOT DISTINCT;`, then `ALTER TABLE users ADD CONSTRAINT users_n3_key UNIQUE USING INDEX users_n3_key;`",
  ],
])("%s has all of its parts in the hint", async (sql, hinted) => {
  const base =
    "CREATE TABLE users (id int PRIMARY KEY, n int, m int); CREATE INDEX users_m_key ON users (n, m); CREATE TABLE plain (a int NOT NULL, b int);";
  const { lint } = await judgeLast([base, `${sql};`], 15);
  expect(lint.map(({ hint = "" }) => hint.split(apart)[0])).toContain(hinted);
});

// PostgreSQL calls a CHECK by its column where it is about one alone, and takes a name that is free.
test.each([
  ["ADD CHECK (n > m)", "users_check", "CHECK (n > m)"],
  ["ADD CHECK (n > 0 AND n < 9)", "users_n_check1", "CHECK (n > 0 AND n < 9)"],
  ["ADD CHECK (m > 0)", "users_m_check", "CHECK (m > 0)"],
  ["ADD CHECK (1 > 0)", "users_check", "CHECK (1 > 0)"],
  ["ADD CONSTRAINT mine CHECK (m > 0)", "mine", "CHECK (m > 0)"],
])("%s is hinted as one called %s", async (command, name, check) => {
  const base =
    "CREATE TABLE users (id int PRIMARY KEY, n int, m int, CONSTRAINT users_n_check CHECK (n <> 4));";
  const { lint } = await judgeLast([base, `ALTER TABLE users ${command};`], 15);
  expect(lint.map(({ hint }) => hint)).toContain(
    `\`ALTER TABLE users ADD CONSTRAINT ${name} ${check} NOT VALID;\`, then \`ALTER TABLE users VALIDATE CONSTRAINT ${name};\`; ${apart}`,
  );
});

test("a CHECK without a name is known by the one that it got", async () => {
  const base = [
    "CREATE TABLE users (id int PRIMARY KEY, n int, m int);",
    "ALTER TABLE users ADD CHECK (n > m) NOT VALID;",
    "ALTER TABLE users VALIDATE CONSTRAINT users_check;",
  ];
  const { lint } = await judgeLast([...base, "ALTER TABLE users ADD CHECK (n > 0 OR m > 0);"], 15);
  expect(lint[0]?.hint).toContain("ADD CONSTRAINT users_check1 CHECK");
});

test("the table of an index that no file tells of is told in words", async () => {
  const base = "CREATE TABLE users (id int PRIMARY KEY, n int);";
  const { lint } = await judgeLast(
    [base, `DROP INDEX "An index";\nUPDATE users SET n = 1 WHERE n = 2;`],
    15,
  );
  expect(lint.map(({ rule, message, object }) => [rule, message, object])).toEqual([
    [
      "lint/drop-index",
      '`DROP INDEX "An index"` takes ACCESS EXCLUSIVE on the table of "An index"',
      "An index",
    ],
    [
      "lint/work-under-lock",
      'the table of "An index" stays locked (ACCESS EXCLUSIVE, since line 2) while `UPDATE users SET n = 1 WHERE n = 2` works',
      "An index",
    ],
  ]);
});

test.each([
  ["DROP TABLE shop.users", "ALTER TABLE shop.users RENAME TO users_unused;"],
  ["DROP TABLE kept", "ALTER TABLE kept RENAME TO kept_unused1;"],
  [
    `DROP MATERIALIZED VIEW IF EXISTS "${"Ä".repeat(31)}"`,
    `ALTER MATERIALIZED VIEW "${"Ä".repeat(31)}" RENAME TO "${"Ä".repeat(28)}_unused";`,
  ],
])("%s is hinted as a rename that is no finding, and then dropped", async (sql, hinted) => {
  const base =
    "CREATE SCHEMA shop; CREATE TABLE shop.users (id int PRIMARY KEY); CREATE TABLE kept (id int PRIMARY KEY); CREATE TABLE kept_unused (id int PRIMARY KEY);";
  const { lint } = await judgeLast([base, `${sql};`], 15);
  expect(lint.map(({ hint }) => hint)).toEqual([expect.stringContaining(`\`${hinted}\``)]);
  const renamed = await judgeLast([base, hinted], 15);
  const [, , kind = "", of = "", to = ""] =
    /^(ALTER) (.*) (\S+) RENAME TO (\S+);$/.exec(hinted) ?? [];
  const schema = of.includes(".") ? "shop." : "";
  const dropped = await judgeLast([base, hinted, `DROP ${kind} ${schema}${to};`], 15);
  expect([renamed.lint, dropped.lint]).toEqual([[], []]);
});
