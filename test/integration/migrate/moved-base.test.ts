/** `--base` where a branch has moved the migrations: what is compared is where they were. */
import { execFile } from "node:child_process";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { Outcome } from "../../support/cli.ts";
import { runCommand } from "../../support/cli.ts";
import { serverUrl } from "../../support/database.ts";
import { withFolder } from "../../support/folder.ts";
import { migration } from "../../support/migration-project.ts";

const execute = promisify(execFile);

const first = migration("CREATE TABLE t (id bigint PRIMARY KEY, a int);", "DROP TABLE t;");
const second = migration("CREATE TABLE u (id bigint PRIMARY KEY);", "DROP TABLE u;");
const edited = first.replace("a int", "a text");
const dangerous = migration("CREATE INDEX i ON t (a);", "DROP INDEX i;");
const yaml = (directory: string) => `migrations:\n  directory: ${directory}\n`;

const moved =
  "main has the migrations in `migrations`, here they are in `db/migrations`: files of the same name are compared";

interface Repository extends AsyncDisposable {
  readonly path: string;
  git(...args: string[]): Promise<string>;
  write(name: string, text: string): Promise<void>;
  run(...args: string[]): Promise<Outcome>;
}

/** A repository whose `main` has these files, with `work` checked out. */
async function withRepository(files: Readonly<Record<string, string>>): Promise<Repository> {
  const folder = await withFolder(files);
  const git = async (...args: string[]) =>
    (
      await execute("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], {
        cwd: folder.path,
      })
    ).stdout;
  await git("init", "-q", "-b", "main");
  await git("add", "-A");
  await git("commit", "-qm", "first");
  await git("checkout", "-qb", "work");
  return {
    path: folder.path,
    git,
    async write(name, text) {
      const path = join(folder.path, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    run: (...args) =>
      runCommand(args, { cwd: folder.path, env: { TEST_DATABASE_URL: serverUrl() } }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** The folder moves, an applied file is edited, and a new one comes. */
async function moveAll(repository: Repository): Promise<void> {
  await mkdir(join(repository.path, "db"));
  await repository.git("mv", "migrations", "db/");
  await repository.write("pgwright.yaml", yaml("db/migrations"));
  await repository.write("db/migrations/001_a.sql", edited);
  await repository.write("db/migrations/003_c.sql", dangerous);
}

const atMain = {
  "pgwright.yaml": yaml("migrations"),
  "migrations/001_a.sql": first,
  "migrations/002_b.sql": second,
};

describe("where pgwright.yaml says so", () => {
  test("validate finds what is changed, deleted and late", async () => {
    await using repository = await withRepository(atMain);
    await moveAll(repository);
    await rm(join(repository.path, "db/migrations/002_b.sql"));
    const { code, stdout, stderr } = await repository.run("validate", "--base", "main");
    expect(code).toBe(1);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(moved);
    const said = stdout + stderr;
    expect(said).toContain(
      "`001_a.sql` is in main and has changed since: the up section does something else",
    );
    expect(said).toContain("`002_b.sql` is deleted, but it is in main");
    // What it says to type brings the file back.
    const restore = /`(git show [0-9a-f]{12}:migrations\/002_b\.sql > [^`]*002_b\.sql'?)`/;
    const [, command] = restore.exec(said) ?? [];
    await execute("sh", ["-c", command ?? "false"], { cwd: repository.path });
    const after = await repository.run("validate", "--base", "main", "--json");
    const { result, findings } = JSON.parse(after.stdout);
    expect(findings.map(({ rule }: { rule: string }) => rule)).toEqual(["migrations/changed"]);
    expect(result.base).toEqual({
      name: "main",
      mergeBase: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
      directory: "migrations",
      note: moved,
    });
  });

  test("lint judges what is new or changed, and takes the rest for what is there", async () => {
    await using repository = await withRepository(atMain);
    await moveAll(repository);
    const { code, stdout } = await repository.run("lint", "--base", "main", "--json");
    const { result, findings } = JSON.parse(stdout);
    expect(result).toMatchObject({ files: 2, base: { directory: "migrations", note: moved } });
    // Others have its table, though the branch has changed the file that made it.
    expect(findings.map(({ rule }: { rule: string }) => rule)).toEqual(["lint/create-index"]);
    expect(code).toBe(1);
    await repository.write("db/migrations/001_a.sql", first);
    const restored = await repository.run("lint", "--base", "main");
    expect(restored.code).toBe(1);
    expect(restored.stdout).toContain("1 file since main");
    expect(restored.stdout.replaceAll(/\s+/g, " ")).toContain(moved);
    expect(restored.stdout + restored.stderr).toContain("create-index");
  });

  test("a trial is of what is new alone", async () => {
    await using repository = await withRepository(atMain);
    await moveAll(repository);
    await repository.write("db/migrations/001_a.sql", first);
    const { code, stdout } = await repository.run("test", "--base", "main");
    expect(stdout).toContain("003_c.sql");
    expect(stdout).not.toContain("002_b.sql");
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(moved);
    expect(code).toBe(0);
  });

  test("what the base got meanwhile, at the old place or a third one, is known", async () => {
    await using repository = await withRepository(atMain);
    await repository.git("checkout", "-q", "main");
    await mkdir(join(repository.path, "sql"));
    await repository.git("mv", "migrations", "sql/");
    await repository.write("pgwright.yaml", yaml("sql/migrations"));
    await repository.write("sql/migrations/003_theirs.sql", migration("select 3;", "select 3;"));
    await repository.git("add", "-A");
    await repository.git("commit", "-qm", "theirs");
    await repository.git("checkout", "-q", "work");
    await moveAll(repository);
    await repository.write("db/migrations/001_a.sql", first);
    const { code, stdout, stderr } = await repository.run("validate", "--base", "main");
    expect(stdout + stderr).toContain("`003_c.sql` has the version of `003_theirs.sql` in main");
    expect(code).toBe(1);
    const renumbered = await repository.run("renumber", "--base", "main", "--offline");
    expect(renumbered.stdout).toMatch(/003_c\.sql +004_c\.sql/);
    expect(renumbered.stdout.replaceAll(/\s+/g, " ")).toContain(moved);
  });
});

test("where the whole project has moved, its files are found by their names", async () => {
  const files = Object.entries(atMain).map(([name, text]) => [`shop/${name}`, text]);
  // Another project, whose files are called alike, is where it was.
  const others = Object.entries(atMain).map(([name, text]) => [`bank/${name}`, text]);
  await using repository = await withRepository(Object.fromEntries([...files, ...others]));
  await mkdir(join(repository.path, "apps"));
  await rename(join(repository.path, "shop"), join(repository.path, "apps/shop"));
  await repository.write("apps/shop/migrations/001_a.sql", edited);
  const config = ["--config", "apps/shop/pgwright.yaml"];
  const { stdout } = await repository.run(...config, "validate", "--base", "main", "--json");
  const { result, findings } = JSON.parse(stdout);
  expect(findings.map(({ rule }: { rule: string }) => rule)).toEqual(["migrations/changed"]);
  expect(result.base.directory).toBe("shop/migrations");
});

test("a flag that names the directory is asked first, then where the files have gone from", async () => {
  await using repository = await withRepository({
    "old/001_a.sql": first,
    "old/002_b.sql": second,
    "db/notes.txt": "nothing of ours",
  });
  await repository.git("mv", "old/001_a.sql", "old/002_b.sql", "db/");
  await repository.write("db/001_a.sql", edited);
  const { stdout } = await repository.run("--dir", "db", "validate", "--base", "main", "--json");
  const { result, findings } = JSON.parse(stdout);
  expect(findings.map(({ rule }: { rule: string }) => rule)).toEqual(["migrations/changed"]);
  expect(result.base.directory).toBe("old");
});

test("a base without migrations is said to have none", async () => {
  await using repository = await withRepository({
    "pgwright.yaml": yaml("migrations"),
    "README.md": "x",
  });
  await repository.write("migrations/001_a.sql", first);
  const words =
    "main has no migrations, neither in `migrations` nor where its pgwright.yaml says: every file is taken for new";
  for (const command of ["validate", "lint", "test"]) {
    const { code, stdout } = await repository.run(command, "--base", "main");
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(words);
    expect(code).toBe(0);
  }
});

test("a pgwright.yaml of the base that has mistakes is no obstacle", async () => {
  await using repository = await withRepository({ ...atMain, "pgwright.yaml": "migratons: {}\n" });
  await repository.write("pgwright.yaml", yaml("migrations"));
  await repository.write("migrations/001_a.sql", edited);
  const { stdout } = await repository.run("validate", "--base", "main", "--json");
  const { result, findings } = JSON.parse(stdout);
  expect(findings.map(({ rule }: { rule: string }) => rule)).toEqual(["migrations/changed"]);
  expect(result.base.note).toBe(null);
});
