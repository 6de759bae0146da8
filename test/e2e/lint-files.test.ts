/** `lint` of files as they come: one long line, an empty folder, a name that is missing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { launcher, runCommand } from "../support/cli.ts";
import { withFolder } from "../support/folder.ts";

test("a line of 50,000 statements takes seconds, not minutes", async () => {
  await using folder = await withFolder({
    "plain.sql": "SELECT 1; ".repeat(50_000),
    // Columns count characters, which these are one each.
    "wide.sql": `${"SELECT '😀'; ".repeat(50_000)}DELETE FROM t`,
  });
  const plain = await runCommand(["lint", "plain.sql"], { cwd: folder.path });
  expect(plain.stdout).toContain("1 file with 50,000 statements");
  const wide = await runCommand(["lint", "wide.sql", "--json"], { cwd: folder.path });
  const { findings } = JSON.parse(wide.stdout) as { findings: { at: object }[] };
  expect(findings.map(({ at }) => at)).toEqual([
    { file: "wide.sql", line: 1, column: 12 * 50_000 + 1 },
  ]);
});

test("so do thousands of statements that might wait for each other", async () => {
  await using folder = await withFolder({ "all.sql": "DELETE FROM t;\n".repeat(20_000) });
  const { stdout } = await runCommand(["lint", "all.sql", "--json"], { cwd: folder.path });
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; at: object }[] };
  expect(findings.at(-1)).toMatchObject({ rule: "lint/unfiltered-write", at: { line: 20_000 } });
});

test("so do thousands of keys, and of whatever else looks through its whole file", async () => {
  const tables = Array.from(
    { length: 20_000 },
    (_, at) => `CREATE TABLE t${at} (id bigint PRIMARY KEY, o bigint REFERENCES p);
CREATE INDEX t${at}_o ON t${at} (o);
`,
  );
  const checks = Array.from({ length: 10_000 }, (_, at) => [
    `ALTER TABLE t${at} ADD CONSTRAINT c CHECK (o > 0) NOT VALID;\n`,
    `ALTER TABLE t${at} VALIDATE CONSTRAINT c;\n`,
  ]);
  await using folder = await withFolder({
    "1.sql": `${tables.join("")}DROP INDEX t19999_o;\n`,
    "2.sql": checks.map(([add]) => add).join("") + checks.map(([, validate]) => validate).join(""),
  });
  const { stdout } = await runCommand(["lint", "1.sql", "2.sql", "--json"], { cwd: folder.path });
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; at: object }[] };
  const of = (name: string) => findings.filter(({ rule }) => rule === `lint/${name}`);
  expect(of("foreign-key-index").map(({ at }) => at)).toMatchObject([{ line: 39_999 }]);
  expect(of("validate-together")).toHaveLength(10_000);
});

test("SIGTERM ends a long run", async () => {
  await using folder = await withFolder({
    "ready.cjs": `process.on("newListener", (name) => {
      if (name === "SIGTERM") process.send("listening");
    });`,
    "many.sql": "CREATE TABLE a (b int); DROP TABLE a;\n".repeat(40_000),
  });
  const child = spawn(
    process.execPath,
    ["--require", "./ready.cjs", launcher, "lint", "many.sql"],
    { cwd: folder.path, stdio: ["ignore", "ignore", "ignore", "ipc"] },
  );
  const ended = once(child, "close");
  await once(child, "message");
  child.kill("SIGTERM");
  expect(await ended).toEqual([143, null]);
});

describe("a directory that is named", () => {
  const migration = "-- migrate:up\nTRUNCATE t;\n-- migrate:down\nSELECT 1;\n";

  test("without SQL is an error, and no reason to judge the migrations", async () => {
    await using folder = await withFolder({
      "migrations/001_a.sql": migration,
      "x.sql/readme.md": "nothing\n",
      "x.sql/y.sql/readme.md": "nothing\n",
    });
    const { code, stdout, stderr } = await runCommand(["lint", "migrations", "x.sql"], {
      cwd: folder.path,
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("error[sql-not-found]: `x.sql` has no SQL file to judge");
    expect(stderr).toContain(
      "`pgwright lint` without a file judges the whole migrations directory",
    );
  });

  test("that is one level off says where the files are", async () => {
    await using folder = await withFolder({
      "db/my app/migrations/001_a.sql": migration,
      "db/node_modules/x/1.sql": "",
      "db/.git/1.sql": "",
      "db/readme.md": "nothing\n",
    });
    const { code, stderr } = await runCommand(["lint", "db"], { cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toContain(
      "there are some below it: `pgwright lint 'db/my app/migrations'` (1 file)\n",
    );
  });

  test("is judged without those below it, and says so", async () => {
    await using folder = await withFolder({
      "db/1.sql": "SELECT 1;\n",
      "db/archive/0.sql": "TRUNCATE t;\n",
      "db/old/0.sql": "TRUNCATE t;\n",
      "db/old/1.sql": "TRUNCATE t;\n",
    });
    const { code, stdout } = await runCommand(["lint", "db", "db/archive"], { cwd: folder.path });
    expect({ code, stdout: stdout.split("\n").slice(0, 2) }).toEqual({
      code: 0,
      stdout: [
        "2 files with 2 statements, judged for PostgreSQL 15: 1 warning",
        "not looked into, for they were not named: db/old (2 SQL files)",
      ],
    });
    const json = await runCommand(["lint", "db", "--json"], { cwd: folder.path });
    expect(JSON.parse(json.stdout).result.passedOver).toEqual([
      { directory: "db/archive", files: 1 },
      { directory: "db/old", files: 2 },
    ]);
  });

  test("is the migrations directory with its code migrations, and may not be empty then", async () => {
    await using folder = await withFolder({
      "migrations/001_a.ts":
        "export const up = (pgm) => pgm.sql('TRUNCATE t'); export const down = false;\n",
      "pgwright.yaml": "migrations: {directory: migrations}\n",
    });
    const run = (...args: string[]) => runCommand(["lint", ...args], { cwd: folder.path });
    expect((await run("migrations")).stdout).toBe((await run()).stdout);
    expect((await run("migrations")).stdout).toContain("1 file with 1 statement");
    await rm(join(folder.path, "migrations/001_a.ts"));
    const off = await run("--dir", ".");
    expect([off.code, off.stdout.includes("not looked into")]).toEqual([0, false]);
    await mkdir(join(folder.path, "migrations/v2"));
    await writeFile(join(folder.path, "migrations/v2/001_a.sql"), migration);
    expect((await run()).stdout).toContain(
      "not looked into, for they were not named: migrations/v2 (1 SQL file)",
    );
    expect([(await run("migrations")).code, (await run()).code]).toEqual([2, 0]);
  });
});

test("an empty name is told, not taken for this folder", async () => {
  await using folder = await withFolder({ "a.sql": "SELECT 1;\n" });
  const { code, stderr } = await runCommand(["lint", ""], { cwd: folder.path });
  expect(code).toBe(2);
  expect(stderr).toContain("error[usage]: the name of a file is empty");
});

test("temporary tables end with their file, and hide no table of the next one", async () => {
  await using folder = await withFolder({
    "1.sql": "CREATE TEMP TABLE orders AS SELECT 1 AS id;\nUPDATE orders SET id = 2;\n",
    "2.sql": "UPDATE orders SET id = 2;\n",
  });
  const { stdout } = await runCommand(["lint", "1.sql", "2.sql", "--json"], { cwd: folder.path });
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; at: object }[] };
  expect(findings).toMatchObject([{ rule: "lint/unfiltered-write", at: { file: "2.sql" } }]);
  expect(findings).toHaveLength(1);
});

test("what spares only a NULL says so where no column is known", async () => {
  const write = "DELETE FROM t WHERE id = id;\nDELETE FROM t WHERE id IS NOT NULL;\n";
  await using folder = await withFolder({
    "write.sql": write,
    "known.sql": `CREATE TABLE t (id bigint PRIMARY KEY);\n`,
  });
  const messages = async (...paths: string[]) => {
    const { stdout } = await runCommand(["lint", ...paths, "--json"], { cwd: folder.path });
    const { findings } = JSON.parse(stdout) as { findings: { message: string }[] };
    return findings.map(({ message }) => message.replace(/: .*/, ""));
  };
  expect(await messages("write.sql")).toEqual([
    "the WHERE lets every row through, unless one has a NULL there",
  ]);
  expect(await messages("known.sql", "write.sql")).toEqual([
    "the WHERE lets every row through",
    "the WHERE lets every row through",
  ]);
});

test("SET SCHEMA says where the names behind it are", async () => {
  await using folder = await withFolder({
    "1.sql": "CREATE TABLE shop.orders (id bigint PRIMARY KEY);\n",
    "2.sql": "SET SCHEMA 'shop';\nDROP TABLE orders;\n",
  });
  const { stdout } = await runCommand(["lint", "1.sql", "2.sql", "--json"], { cwd: folder.path });
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; message: string }[] };
  expect(findings.find(({ rule }) => rule === "lint/drop-table")?.message).toContain("shop.orders");
});

test("a temporary table that is gone, or stands last in the path, hides no table behind it", async () => {
  const end = "CREATE INDEX i ON users (id);\nDELETE FROM users;\n";
  const transactionless = "-- migrate:up transaction:false\n";
  await using folder = await withFolder({
    "discard.sql": `CREATE TEMP TABLE users (id int);\nDISCARD TEMP;\n${end}`,
    "discard-all.sql": `CREATE TEMP TABLE users (id int);\nDISCARD ALL;\n${end}`,
    "last.sql": `SET search_path = public, pg_temp;\nCREATE TEMP TABLE users (id int);\n${end}`,
    "alone.sql": `CREATE TEMP TABLE users (id int) ON COMMIT DROP;\nVACUUM other;\n${end}`,
    "split.sql": `${transactionless}CREATE TEMP TABLE users ON COMMIT DROP AS SELECT 1 AS id;\n${end}`,
    "block.sql": `BEGIN;\nCREATE TEMP TABLE users (id int) ON COMMIT DROP;\nCOMMIT;\n${end}`,
    "first.sql": `SET search_path = pg_temp, public;\nCREATE TEMP TABLE users (id int);\n${end}`,
  });
  const { stdout } = await runCommand(["lint", ".", "--json"], { cwd: folder.path });
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; at: { file: string } }[] };
  const found = new Map<string, string[]>();
  for (const { rule, at } of findings) found.set(at.file, [...(found.get(at.file) ?? []), rule]);
  const both = ["lint/create-index", "lint/unfiltered-write"];
  expect(Object.fromEntries(found)).toEqual({
    "alone.sql": both,
    "block.sql": both,
    "discard-all.sql": both,
    "discard.sql": both,
    "last.sql": both,
    "split.sql": both,
  });
});
