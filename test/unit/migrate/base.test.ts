import { execFile } from "node:child_process";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { validateFiles } from "../../../src/migrate/validate.ts";
import { migration, withDirectory } from "./directory.ts";
import type { TestDirectory } from "./directory.ts";

const run = promisify(execFile);

/** Variables as in a hook of another repository, which must not lead git astray. */
const environment = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  GIT_DIR: "/nonexistent/.git",
  GIT_INDEX_FILE: "/nonexistent/index",
  GIT_CONFIG_NOSYSTEM: "1",
};

async function git(directory: string, ...args: string[]): Promise<void> {
  await run("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
    cwd: directory,
    env: { PATH: environment.PATH, HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
  });
}

async function commit(directory: string): Promise<void> {
  await git(directory, "add", "-A", ".");
  await git(directory, "commit", "-q", "-m", "x");
}

/** A repository whose `main` has 001 and 003, with `work` checked out. */
async function withRepository(): Promise<TestDirectory> {
  const directory = await withDirectory({
    "001_a.sql": migration("create table a (b int);", "drop table a;"),
    "003_c.sql": migration("create table c (d int);", "drop table c;"),
    "R_v.sql": "create or replace view v as select 1;",
  });
  await git(join(directory.path, ".."), "init", "-q", "-b", "main");
  await commit(directory.path);
  await git(directory.path, "checkout", "-q", "-b", "work");
  return directory;
}

async function findingsOf(directory: TestDirectory, base = "main") {
  const { findings } = await validateFiles(directory.path, { base, environment });
  return findings.map(({ rule, message, at }) => [
    rule.replace("migrations/", ""),
    basename(at?.file ?? ""),
    message,
  ]);
}

describe("validate --base", () => {
  test("accepts new files above the newest, committed or not, and a changed repeatable or down", async () => {
    await using repository = await withRepository();
    await repository.write({
      "004_d.sql": migration("select 4;"),
      "R_v.sql": "create or replace view v as select 2;",
      "001_a.sql": `-- a remark\n${migration("create table a (b int);", "drop table if exists a;")}`,
    });
    await commit(repository.path);
    await repository.write({ "005_e.sql": migration("select 5;") });
    const result = await validateFiles(repository.path, { base: "main", environment });
    expect(result.findings).toEqual([]);
    expect(result.base).toEqual({
      name: "main",
      mergeBase: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      directory: "my migrations",
      note: null,
    });
  });

  test("finds a changed file and tells cosmetic from semantic", async () => {
    await using repository = await withRepository();
    await repository.write({
      "001_a.sql": migration("create table a (\n  b int\n); -- now with a remark", "drop table a;"),
      "003_c.sql": migration("create table c (d bigint);", "drop table c;"),
    });
    expect(await findingsOf(repository)).toEqual([
      [
        "changed",
        "001_a.sql",
        "`001_a.sql` is in main and has changed since: comments or white space of the up section, which its checksum covers",
      ],
      [
        "changed",
        "003_c.sql",
        "`003_c.sql` is in main and has changed since: the up section does something else",
      ],
    ]);
  });

  test("finds deleted files, but no renamed one", async () => {
    await using repository = await withRepository();
    await repository.write({
      "001_a.sql": undefined,
      "003_c.sql": undefined,
      "003_better_name.sql": migration("create table c (d int);", "drop table c;"),
    });
    expect(await findingsOf(repository)).toEqual([
      ["deleted", "001_a.sql", "`001_a.sql` is deleted, but it is in main"],
    ]);
  });

  test("finds a renamed file that has changed too", async () => {
    await using repository = await withRepository();
    await repository.write({ "003_c.sql": undefined, "0003_x.sql": migration("select 3;") });
    expect(await findingsOf(repository)).toEqual([
      [
        "changed",
        "0003_x.sql",
        "`003_c.sql` is in main and has changed since (it is `0003_x.sql` now): the up section does something else",
      ],
    ]);
  });

  test("finds the edit of a file beside a new file with its number", async () => {
    await using repository = await withRepository();
    await repository.write({
      "003_c.sql": migration("create table c (d bigint);", "drop table c;"),
      "0003_y.sql": migration("select 3;"),
    });
    expect(await findingsOf(repository)).toEqual([
      ["duplicate-version", "003_c.sql", "`003_c.sql` and `0003_y.sql` have the same version 3"],
      [
        "changed",
        "003_c.sql",
        "`003_c.sql` is in main and has changed since: the up section does something else",
      ],
    ]);
  });

  test("finds late files and numbers that the base took meanwhile", async () => {
    await using repository = await withRepository();
    await repository.write({
      "004_mine.sql": migration("select 4;"),
      "002_late.sql": migration("select 2;"),
    });
    await commit(repository.path);
    await git(repository.path, "checkout", "-q", "main");
    await repository.write({
      "004_theirs.sql": migration("select 44;"),
      "005_theirs.sql": migration("select 5;"),
    });
    await commit(repository.path);
    await git(repository.path, "checkout", "-q", "work");
    expect(await findingsOf(repository)).toEqual([
      [
        "late",
        "002_late.sql",
        "`002_late.sql` comes before `005_theirs.sql`, which is in main already",
      ],
      [
        "duplicate-version",
        "004_mine.sql",
        "`004_mine.sql` has the version of `004_theirs.sql` in main",
      ],
    ]);
    const { findings } = await validateFiles(repository.path, { base: "main", environment });
    expect(findings.map(({ hint }) => hint)).toEqual([
      "give it the number 006, or say `pgwright renumber --base main`",
      "give it the number 006, or say `pgwright renumber --base main`",
    ]);
  });

  test("a branch that lags behind its base has done nothing wrong", async () => {
    await using repository = await withRepository();
    await git(repository.path, "checkout", "-q", "main");
    await repository.write({ "004_theirs.sql": migration("select 44;"), "001_a.sql": undefined });
    await commit(repository.path);
    await git(repository.path, "checkout", "-q", "work");
    expect(await findingsOf(repository)).toEqual([]);
  });

  test("a base without migrations is no obstacle", async () => {
    await using directory = await withDirectory({ "../README.md": "x" });
    await git(join(directory.path, ".."), "init", "-q", "-b", "main");
    await git(join(directory.path, ".."), "add", "-A");
    await git(join(directory.path, ".."), "commit", "-q", "-m", "x");
    await directory.write({ "001_a.sql": migration("select 1;") });
    expect(await findingsOf(directory)).toEqual([]);
  });

  test("explains a shallow clone", async () => {
    await using repository = await withRepository();
    await repository.write({ "004_d.sql": migration("select 4;") });
    await commit(repository.path);
    const clone = join(repository.path, "..", "clone");
    const source = pathToFileURL(join(repository.path, "..")).href;
    await git(repository.path, "clone", "-q", "--depth", "1", "--branch", "work", source, clone);
    const migrations = join(clone, basename(repository.path));
    await expect(
      validateFiles(migrations, { base: "origin/main", environment }),
    ).rejects.toMatchObject({
      code: "git-failed",
      exit: 2,
      message: "git knows no commit `origin/main`: this clone is shallow and lacks older commits",
      details: { hint: expect.stringContaining("fetch-depth: 0") as string },
    });
    await git(clone, "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main");
    await expect(
      validateFiles(migrations, { base: "origin/main", environment }),
    ).rejects.toMatchObject({
      message: expect.stringContaining("no common history: this clone is shallow") as string,
    });
    await git(clone, "fetch", "-q", "--unshallow", "origin");
    const result = await validateFiles(migrations, { base: "origin/main", environment });
    expect(result.findings).toEqual([]);
  });

  test.each([
    ["nowhere", "git knows no commit `nowhere`"],
    ["--output=x", "git knows no commit `--output=x`"],
  ])("says that it does not know the base %s", async (base, message) => {
    await using repository = await withRepository();
    await expect(validateFiles(repository.path, { base, environment })).rejects.toMatchObject({
      code: "git-failed",
      message,
      details: { hint: "`git fetch`, or name another base" },
    });
  });

  test("says that the directory is in no repository, or that there is no git", async () => {
    await using directory = await withDirectory({ "001_a.sql": migration("select 1;") });
    await expect(
      validateFiles(directory.path, { base: "main", environment }),
    ).rejects.toMatchObject({
      message: "the migrations directory is in no git repository",
    });
    const nothing = { ...environment, PATH: "/nonexistent" };
    await expect(
      validateFiles(directory.path, { base: "main", environment: nothing }),
    ).rejects.toMatchObject({ message: "git is not installed" });
  });
});
