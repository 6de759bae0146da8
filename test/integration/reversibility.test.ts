/**
 * Every FitnessHub migration, up, down and up again in a copy of the database before it: by
 * `pgwright test`, with rows, and where there is a pg_dump of the server's version, by that as well.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readMigrations } from "../../src/migrate/file.ts";
import { runCommand } from "../support/cli.ts";
import type { TestDatabase } from "../support/database.ts";
import { serverUrl, withDatabase } from "../support/database.ts";
import { dump, findProgram, majorVersion, pgDump } from "../support/dump.ts";

const root = join(import.meta.dirname, "..", "..");
const { migrations } = await readMigrations(join(root, "migrations"));
// The ledger's own tables are the same before and after; the log's identity moves on.
const options = { ledger: { schema: "public", table: "schema_migrations" } } as const;

interface Tried {
  readonly file: string;
  readonly verdict: string;
  readonly data: {
    readonly verdict: string;
    readonly rows: number;
    readonly newRows: number;
    readonly notTried: readonly { readonly what: string; readonly reason: string }[];
  };
}

let original: TestDatabase;
let pgDumpProgram: string | undefined;

beforeAll(async () => {
  // The roles are the whole server's, and a migration grants to those that exist: they are made
  // before, else they come with another test in the middle of this one.
  await using first = await withDatabase();
  await run(first, "setup");
  original = await withDatabase();
  await run(original, "rollback", "--all");
  pgDumpProgram = await findProgram("pg_dump", await majorVersion(original));
  if (pgDumpProgram === undefined) await run(original, "migrate");
});

afterAll(async () => {
  await original[Symbol.asyncDispose]();
});

async function run(database: TestDatabase, ...args: string[]): Promise<void> {
  const { code, stderr } = await runCommand([...args, "--url", database.url], { cwd: root });
  expect(stderr).not.toContain("error[");
  expect(code).toBe(0);
}

/** The schema in our words and, where it is installed, in pg_dump's. */
async function schemaOf(database: TestDatabase): Promise<string> {
  const ours = (await dump(database, options)).sql;
  return pgDumpProgram === undefined ? ours : `${ours}\n${await pgDump(pgDumpProgram, database)}`;
}

describe("every migration", () => {
  // Nineteen of them, up and down seven times each.
  const patience = 600_000;

  test("is lossless by `pgwright test`", { timeout: patience }, async () => {
    const { code, stdout } = await runCommand(["test", "--data", "--json"], {
      cwd: root,
      env: { TEST_DATABASE_URL: serverUrl() },
    });
    const { result, findings } = JSON.parse(stdout);
    expect(findings).toEqual([]);
    expect(code).toBe(0);
    const tried = result.migrations.map((one: Tried) => [one.file, one.verdict, one.data.verdict]);
    // The first five make tables, and what is written into those goes with them.
    expect(tried).toEqual(
      migrations.map(({ name }, n) => [name, "restored", n < 5 ? "additions lost" : "lossless"]),
    );
    expect(result.migrations.filter((one: Tried) => one.data.newRows < 500)).toEqual([]);
    // Equal addresses in two partitions: what 007 is there to refuse, before and after it.
    const notTried = result.migrations.flatMap(({ file, data }: Tried) =>
      data.notTried.map(({ what, reason }) => `${file.slice(0, 3)} ${what}: ${reason}`),
    );
    expect(notTried).toEqual([
      expect.stringMatching(
        /^007 user_service\.users\.email, .* with texts that are empty, long, equal, .*: duplicate key value violates unique constraint "users_email_key"$/,
      ),
    ]);
    // From the second one on there are tables, and the files of seeds/ fit them as they are then.
    const filled = result.migrations.slice(1).filter((one: Tried) => one.data.rows > 500);
    expect(filled).toHaveLength(migrations.length - 1);
  });

  test.for(migrations.map(({ name }) => name))("%s is so by pg_dump", async (name, { skip }) => {
    if (pgDumpProgram === undefined) skip("there is no pg_dump of the server's version");
    const version = name.slice(0, 3);
    {
      await using copy = await withDatabase({ template: original.name });
      const before = await schemaOf(copy);
      await run(copy, "migrate", "--to", version);
      const after = await schemaOf(copy);
      await run(copy, "rollback");
      expect(await schemaOf(copy)).toBe(before);
      await run(copy, "migrate", "--to", version);
      expect(await schemaOf(copy)).toBe(after);
    }
    await run(original, "migrate", "--to", version);
  });

  test("all of them go down to nothing and up to the same", async () => {
    await using copy = await withDatabase({ template: original.name });
    const complete = await schemaOf(copy);
    await run(copy, "rollback", "--all");
    const nothing = await schemaOf(copy);
    await run(copy, "migrate");
    expect(await schemaOf(copy)).toBe(complete);
    await run(copy, "rollback", "--all");
    expect(await schemaOf(copy)).toBe(nothing);
  });

  test("a second migrate changes nothing", async () => {
    await using copy = await withDatabase({ template: original.name });
    const before = await schemaOf(copy);
    const { stdout } = await runCommand(["migrate", "--url", copy.url], { cwd: root });
    expect(stdout).toContain("Nothing to apply");
    expect(await schemaOf(copy)).toBe(before);
  });
});

describe("baseline", () => {
  test("takes over a database that the files made, and its rollback works", async () => {
    await using copy = await withDatabase({ template: original.name });
    const before = await schemaOf(copy);
    await copy.sql`drop table schema_migrations, schema_migrations_log`;
    await run(copy, "baseline", "--at", "019");
    expect(await schemaOf(copy)).toBe(before);
    const again = await runCommand(["baseline", "--at", "019", "--url", copy.url], { cwd: root });
    expect(again.code).toBe(4);
    expect(again.stderr).toContain("error[baseline-refused]");
    await run(copy, "rollback", "--to", "010");
    await run(copy, "migrate");
    expect(await schemaOf(copy)).toBe(before);
  });

  test("refuses a database that differs, and shows where", async () => {
    await using copy = await withDatabase({ template: original.name });
    await copy.sql`drop table schema_migrations, schema_migrations_log`;
    await copy.sql`alter table workout_service.exercises add column tempo text`;
    const outcome = await runCommand(["baseline", "--at", "019", "--url", copy.url], { cwd: root });
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).toContain("error[baseline-differs]");
    expect(outcome.stderr).toContain("+    tempo text");
    expect(await copy.sql`select to_regclass('schema_migrations') as ledger`).toEqual([
      { ledger: null },
    ]);
    const [, scratch = ""] = /throwaway database (\w+)/.exec(outcome.stderr) ?? [];
    expect(scratch).toMatch(/^pgwright_baseline_/);
    expect(await copy.sql`select from pg_database where datname = ${scratch}`).toHaveLength(0);
  });
});
