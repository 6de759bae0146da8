/** `--json` prints exactly one object on stdout, whatever the outcome. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../support/cli.ts";
import { withFolder } from "../../support/folder.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const wrongFile = {
  "migrations/001_t.sql": "-- migrate:up\ncreate tabel t ();\n-- migrate:down\nselect 1;\n",
};

/** Fails unless stdout is one JSON object and nothing else. */
async function readJson(args: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runCommand(args, { cwd, env });
  const body = JSON.parse(stdout);
  expect(body.exitCode).toBe(code);
  expect(body.ok).toBe(code === 0);
  return { code, body, stderr };
}

describe("every outcome", () => {
  test.each([
    [["--help"], 0, null],
    [["db", "--help"], 0, "db"],
    [["migrate", "--help"], 0, "migrate"],
    [["help", "db", "create"], 0, "db create"],
    [["up", "--help"], 0, "migrate"],
    [["--version"], 0, null],
    [[], 2, null],
    [["db"], 2, "db"],
    [["nope"], 2, null],
    [["migrate", "--nope"], 2, "migrate"],
    [["--wait", "x", "migrate"], 2, null],
    [["status"], 2, "status"],
    [["status", "--url", "postgres://a:pw@127.0.0.1:1/d"], 3, "status"],
    [["init", "--dry-run"], 0, "init"],
    [["completion", "bash"], 0, "completion"],
    [["config", "show", "--url", "postgres://a:pw@h/d"], 0, "config show"],
  ] as const)("%j exits %i", async (args, exit, command) => {
    await using folder = await withFolder();
    const { code, body, stderr } = await readJson([...args, "--json"], folder.path);
    expect(code).toBe(exit);
    expect(body.command).toBe(command);
    expect("error" in body).toBe(exit !== 0);
    expect(JSON.stringify(body)).not.toContain("pw@");
    expect(stderr).not.toContain("error[");
  });

  test("--format json and PGWRIGHT_FORMAT are the same", async () => {
    await using folder = await withFolder();
    const outcomes = await Promise.all([
      readJson(["nope", "--json"], folder.path),
      readJson(["nope", "--format", "json"], folder.path),
      readJson(["nope", "--format=json"], folder.path),
      readJson(["nope"], folder.path, { PGWRIGHT_FORMAT: "json" }),
    ]);
    const [first] = outcomes;
    expect(first?.body.error.code).toBe("usage");
    expect(outcomes).toEqual(outcomes.map(() => first));
  });
});

test("help is data, too", async () => {
  await using folder = await withFolder();
  const { body } = await readJson(["migrate", "--help", "--json"], folder.path);
  expect(body.result).toMatchObject({
    usage: "pgwright migrate [options]",
    summary: "Apply pending migrations in order",
    options: expect.arrayContaining([
      expect.objectContaining({ flags: "--to <version>", isRequired: false }),
    ]),
    examples: expect.arrayContaining([{ run: "pgwright migrate", says: expect.any(String) }]),
  });
  const { body: group } = await readJson(["db", "--help", "--json"], folder.path);
  expect(group.result.commands).toContainEqual({ name: "create", summary: expect.any(String) });
});

test("findings stand beside the result, with paths as seen from here, without the files' text", async () => {
  await using folder = await withFolder({ "pgwright.yaml": "migrations: {}\n", ...wrongFile });
  const sub = join(folder.path, "sub");
  await mkdir(sub);
  const { code, body } = await readJson(["validate", "--json"], sub);
  expect(code).toBe(1);
  expect(body.findings).toEqual([
    {
      rule: expect.stringMatching(/^migrations\//),
      severity: "error",
      message: expect.stringContaining("tabel"),
      at: { file: "../migrations/001_t.sql", line: 2, column: 8 },
    },
  ]);
  expect(body.result).not.toHaveProperty("findings");
  const { stdout } = await runCommand(["validate"], { cwd: sub });
  expect(stdout).toContain("→ ../migrations/001_t.sql:2:8");
});

test("progress and messages go to stderr, and the database is named", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("do $$ begin raise warning 'careful'; end $$;", "select 1;"),
  });
  const { body, stderr, code } = await project.json(["migrate"]);
  expect(code).toBe(0);
  expect(stderr).toContain("✓ 001_t.sql");
  expect(stderr).toContain("warning: 001_t.sql: careful");
  expect(body.database).toMatchObject({ name: project.database.name, host: "127.0.0.1" });
  expect(Object.keys(body)).toEqual([
    "command",
    "database",
    "ok",
    "exitCode",
    "result",
    "findings",
  ]);
});

test("a failure has what was done before it, and with --verbose the stack", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t ();", "drop table t;"),
    "002_bad.sql": migration("select nothing;", "select 1;"),
  });
  const { body } = await project.json(["migrate", "--verbose"]);
  expect(body).toMatchObject({
    ok: false,
    exitCode: 4,
    result: { applied: [{ file: "001_t.sql" }] },
    error: { code: "sql-failed", stack: expect.stringMatching(/^PgwrightError: .*\n +at /) },
  });
  expect((await project.json(["migrate"])).body.error).not.toHaveProperty("stack");
});

test("what a program in the foreground prints goes to stderr", async () => {
  await using folder = await withFolder();
  const bin = join(folder.path, "bin");
  await mkdir(bin);
  await writeFile(join(bin, "psql"), "#!/bin/sh\necho printed by psql\nexit 3\n", { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env["PATH"]}` };
  const args = ["db", "psql", "--url", "postgres://a@127.0.0.1:1/d"];
  const { code, body, stderr } = await readJson([...args, "--json"], folder.path, env);
  expect(code).toBe(4);
  expect(body.result).toEqual({ status: 3 });
  expect(stderr).toContain("printed by psql");
  expect((await runCommand(args, { cwd: folder.path, env })).stdout).toBe("printed by psql\n");
});
