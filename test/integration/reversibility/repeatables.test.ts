/** Repeatable files stand beside the migrations of a database that is in use, and in the way of some. */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serverUrl } from "../../support/database.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const files = {
  "001_start.sql": migration(
    "create table t (id bigint primary key, a int);",
    "drop view if exists v;\ndrop table t;",
  ),
  "002_b.sql": migration("alter table t add column b int;", "alter table t drop column b;"),
  "R_v.sql": "create or replace view v as select id, b from t;\n",
};

interface Told {
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
  readonly at: { readonly file: string; readonly line: number };
}

async function run(project: MigrationProject, ...args: string[]) {
  const { code, body } = await project.json(["test", ...args], {
    env: { TEST_DATABASE_URL: serverUrl() },
  });
  const told = (body.findings as Told[]).map(
    ({ rule, severity, message, at }) =>
      `${at.file.split("/").at(-1)}:${at.line} ${severity} ${rule}: ${message}`,
  );
  return { code, told, ...body.result };
}

function commit(project: MigrationProject): void {
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.example", ...args], {
      cwd: project.path,
    });
  git("init", "--quiet", "--initial-branch=main");
  git("add", ".");
  git("commit", "--quiet", "--message=start");
}

test("a rollback that they stop fails, one that clears the way is restored", async () => {
  await using project = await withMigrations(files);
  const { code, told, migrations, repeatables } = await run(project);
  expect(code).toBe(1);
  expect(told).toEqual([
    "002_b.sql:4 error test/down-fails: `002_b.sql` cannot be rolled back once the repeatable files have run: cannot drop column b of table t because other objects depend on it (2BP01)",
  ]);
  expect(migrations.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
    "restored",
    "rollback fails",
  ]);
  expect(repeatables).toEqual(["R_v.sql"]);
  await writeFile(
    join(project.path, "migrations/002_b.sql"),
    migration(
      "alter table t add column b int;",
      "drop view if exists v;\nalter table t drop column b;",
    ),
  );
  const mended = await run(project);
  expect([mended.code, mended.told]).toEqual([0, []]);
});

test("one that cannot run is found, also where a branch changes nothing else", async () => {
  await using project = await withMigrations(files);
  commit(project);
  const same = await run(project, "--base", "main");
  expect([same.code, same.told, same.repeatables]).toEqual([0, [], []]);
  await writeFile(
    join(project.path, "migrations/R_v.sql"),
    "-- a view\ncreate or replace view v as select id, nosuch from t;\n",
  );
  const broken = await run(project, "--base", "main");
  expect(broken.code).toBe(1);
  expect(broken.told).toEqual([
    'R_v.sql:2 error test/repeatable-fails: a repeatable file cannot be run behind the migrations: column "nosuch" does not exist (42703)',
  ]);
  expect(broken.migrations).toEqual([]);
});

test("those of the base are there when a branch's migration runs", async () => {
  await using project = await withMigrations(files);
  commit(project);
  await writeFile(
    join(project.path, "migrations/003_wide.sql"),
    migration("alter table t drop column b;", "alter table t add column b int;"),
  );
  const { code, told, migrations } = await run(project, "--base", "main");
  expect(code).toBe(1);
  expect(told).toEqual([
    "003_wide.sql:2 error test/up-fails: `003_wide.sql` cannot be applied: cannot drop column b of table t because other objects depend on it (2BP01)",
  ]);
  expect(migrations[0].verdict).toBe("cannot be applied");
});
