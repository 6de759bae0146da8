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
