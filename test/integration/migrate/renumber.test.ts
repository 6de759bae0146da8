import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

const file = (table: string) => migration(`create table ${table} ();`, `drop table ${table};`);

test("a late file moves behind the last one applied, and migrate takes it", async () => {
  await using project = await withMigrations({ "001_a.sql": file("a"), "003_c.sql": file("c") });
  await project.mustRun(["migrate"]);
  await project.write("002_b.sql", file("b"));
  expect((await project.run(["migrate"])).code).toBe(4);

  const dry = await project.run(["renumber", "--dry-run"]);
  expect(dry.stdout).toBe(
    "from       to\n002_b.sql  004_b.sql\n\nWould rename 1 file behind `003_c.sql`, the last one that is applied\n",
  );
  const renamed = await project.json(["renumber"]);
  expect(renamed.body.result.renamed).toEqual([{ from: "002_b.sql", to: "004_b.sql" }]);
  expect((await project.json(["migrate"])).body.result.applied).toMatchObject([
    { file: "004_b.sql" },
  ]);
  const again = await project.run(["renumber"]);
  expect(again.stdout).toBe(
    "Nothing to rename: all stand behind `004_b.sql`, the last one that is applied\n",
  );
  expect(again.code).toBe(0);
});

test("two files with one version: the hint names the command that mends it", async () => {
  await using project = await withMigrations({ "001_a.sql": file("a"), "002_b.sql": file("b") });
  await project.mustRun(["migrate"]);
  await project.write("002_aa.sql", file("aa"));
  await project.write("003_c.sql", file("c"));
  const refused = await project.json(["migrate"]);
  expect(refused.body.error).toMatchObject({
    message: "`002_b.sql` and `002_aa.sql` have the same version 2",
    hint: expect.stringContaining("`pgwright renumber` moves the one that is not applied"),
  });
  await project.mustRun(["renumber"]);
  expect((await project.json(["migrate"])).body.result.applied).toMatchObject([
    { file: "003_aa.sql" },
    { file: "004_c.sql" },
  ]);
});

test("--offline needs a base", async () => {
  await using project = await withMigrations({});
  const outcome = await project.run(["renumber", "--offline"]);
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain("--base must say what is merged");
});

test("a file that is half applied: the hint names what works", async () => {
  await using project = await withMigrations({
    "001_a.sql": file("a"),
    "002_half.sql":
      "-- migrate:up transaction:false\ncreate table half (id int);\nselect 1 / 0;\n-- migrate:down\ndrop table half;\n",
  });
  expect((await project.run(["migrate"])).stderr).toContain("statement 2 failed");
  await project.write("002_other.sql", file("other"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@example.org", ...args], {
      cwd: project.path,
    });
  git("init", "-q", "-b", "main");
  git("add", "migrations/001_a.sql", "migrations/002_other.sql");
  git("commit", "-q", "-m", "main");
  const renumber = ["renumber", "--base", "main"];
  const refused = await project.json(renumber);
  expect(refused.body.error).toMatchObject({
    code: "renumber-refused",
    message: expect.stringMatching(/^`002_half\.sql` is half applied to database /),
    hint: expect.not.stringContaining("pgwright rollback"),
  });
  const [, version = ""] =
    /`pgwright repair reverted (\d+) --reason "…"`/.exec(refused.body.error.hint) ?? [];
  await project.sql`drop table half`;
  await project.mustRun(["repair", "reverted", version, "--reason", "it gets another number"]);
  expect((await project.json(renumber)).body.result.renamed).toEqual([
    { from: "002_half.sql", to: "003_half.sql" },
  ]);
});
