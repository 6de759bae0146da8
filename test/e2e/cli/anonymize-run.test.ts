/** `anonymize run` as it is typed: a database, a directory, and a kill in the middle. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { withMaskedShop } from "../../support/masked-shop.ts";
import type { MigrationProject } from "../../support/migration-project.ts";

const key = "5f2b8c1d9e04a7f36b1c8d2e7f90a4b35c6d1e8f2a7b9043c5d6e1f8a2b70943";
let project: MigrationProject;

beforeAll(async () => {
  project = await withMaskedShop();
});

afterAll(() => project[Symbol.asyncDispose]());

test("a copy has the same rows with other people in them, and the ledger without its log", async () => {
  await using target = await withDatabase();
  const env = { PGWRIGHT_ANON_KEY: key, PGWRIGHT_TARGET_URL: target.url };
  const { code, stdout, stderr } = await project.run(["anonymize", "run"], { env });
  expect(stderr).not.toContain(key);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^public\.people +1,000 .* email, full_name, born$/m);
  expect(stdout).toContain("copied 4,001 rows of 3 tables to");
  expect(stderr).toMatch(/^into database Test/m);
  const [found] = await target.sql`
    select count(*)::int as people, count(distinct email)::int as emails,
      count(*) filter (where email ~ 'real' or full_name ~ 'Real')::int as originals
    from people`;
  expect(found).toEqual({ people: 1000, emails: 1000, originals: 0 });
  expect(await target.sql`select version from schema_migrations`).toHaveLength(1);
  expect(await target.sql`select to_regclass('schema_migrations_log') as log`).toEqual([
    { log: null },
  ]);
  // The next migrate finds everything applied.
  const status = await project.json(["status", "--exit-code"], { url: target.url });
  expect(status.code).toBe(0);
  expect(status.body.result).toMatchObject({
    counts: { applied: 1, pending: 0 },
    isUpToDate: true,
  });
});

test("the same key gives the same copy, through files too; another one shares nothing", async () => {
  await using first = await withDatabase();
  await using second = await withDatabase();
  await using other = await withDatabase();
  const run = (more: string[], env: Record<string, string> = { PGWRIGHT_ANON_KEY: key }) =>
    project.json(["anonymize", "run", ...more], { env });
  const { body } = await run(["--target", first.url]);
  expect(body.result).toMatchObject({ rows: 4001, beginning: "fresh" });
  expect((await run(["--output", "copy"])).code).toBe(0);
  const output = join(project.path, "copy");
  await promisify(execFile)("psql", ["-X", "-q", "-f", "restore.sql", second.url], { cwd: output });
  expect((await run(["--target", other.url, "--ephemeral-key"], {})).code).toBe(0);
  const emails = (database: typeof first) => database.sql`select id, email from people order by id`;
  expect(await emails(second)).toEqual(await emails(first));
  const known = new Set((await emails(first)).map((row) => row["email"] as string));
  expect((await emails(other)).filter((row) => known.has(row["email"] as string))).toEqual([]);
});

/** Runs a copy into the target up to where it cannot go on: somebody reads a table it would empty. */
async function runUntilBlocked(args: readonly string[], target: TestDatabase) {
  const running = project.start(args, { env: { PGWRIGHT_ANON_KEY: key } });
  const reader = await target.sql.reserve();
  for (let isBlocking = false; !isBlocking;) {
    if (running.child.exitCode !== null) throw new Error(running.output.stderr);
    await reader`begin`;
    isBlocking = await reader`lock table orders in access share mode`.then(
      () => true,
      () => false,
    );
    if (!isBlocking) await reader`rollback`;
  }
  return {
    running,
    async release() {
      await reader`rollback`;
      reader.release();
    },
  };
}

test.each([
  ["SIGKILL", { code: null }],
  ["SIGINT", { code: 130, stderr: expect.stringContaining("is incomplete and marked so") }],
] as const)(
  "after %s the target says incomplete, and the same command makes it whole",
  async (signal, outcome) => {
    await using target = await withDatabase();
    const args = ["anonymize", "run", "--jobs", "1", "--target", target.url];
    const { running, release } = await runUntilBlocked(args, target);
    running.child.kill(signal);
    expect(await running.done).toMatchObject(outcome);
    await release();
    const [mark] = await target.sql`select state from pgwright.anonymized_copy`;
    expect(mark).toEqual({ state: "incomplete" });
    await target.sql.end({ timeout: 1 });
    const again = await project.json(args, { env: { PGWRIGHT_ANON_KEY: key } });
    expect(again.body).toMatchObject({ ok: true, result: { rows: 4001 } });
    // Other tests write to the same server meanwhile, so going on is a matter of luck here.
    expect(["resume", "replace"]).toContain(again.body.result.beginning);
  },
);

test("where it goes is said once", async () => {
  const nowhere = await project.run(["anonymize", "run"], { env: { PGWRIGHT_ANON_KEY: key } });
  expect(nowhere).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("nothing says where the copy goes"),
  });
  const empty = await project.run(["anonymize", "run"], { env: { PGWRIGHT_TARGET_URL: "" } });
  expect(empty).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("PGWRIGHT_TARGET_URL is set but empty"),
  });
  const url = new URL(project.database.url);
  url.pathname = "/pgwright_nowhere";
  url.password = "";
  const missing = await project.run(
    ["anonymize", "run", "--ephemeral-key", "--target", url.href],
    {},
  );
  // Without the URL the command would be about the source.
  expect(missing.stderr).toContain(`\`pgwright db create --url ${url.href}\` creates it`);
  const both = await project.run(["anonymize", "run", "--target", "x", "--output", "y"]);
  expect(both.code).toBe(2);
});
