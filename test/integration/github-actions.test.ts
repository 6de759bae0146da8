/** The example workflow for GitHub Actions, as far as it runs without GitHub. */
import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { buildProgram, definitionOf, findCommand } from "../../src/cli/program.ts";
import { launcher } from "../support/cli.ts";
import { serverUrl } from "../support/database.ts";
import type { MigrationProject } from "../support/migration-project.ts";
import { migration, withMigrations } from "../support/migration-project.ts";

const folder = join(import.meta.dirname, "..", "..", "examples", "github-actions");
const script = join(folder, "check-migrations.sh");
const execute = promisify(execFile);

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
}

const workflow = parse(await readFile(join(folder, "migrations.yml"), "utf8"));
const steps: readonly Step[] = workflow.jobs.migrations.steps;
const checks = steps.flatMap(({ run }) => {
  const [, line] = /^\.github\/scripts\/check-migrations\.sh (.+)$/.exec(run ?? "") ?? [];
  return line === undefined ? [] : [line.split(" ")];
});

describe("the workflow", () => {
  test("may read the code and comment, and nothing else", () => {
    expect(workflow.permissions).toEqual({ contents: "read", "pull-requests": "write" });
    expect(JSON.stringify(workflow)).not.toContain("secrets.");
  });

  test("runs what there is, with options that there are", () => {
    expect(checks.map(([name]) => name)).toEqual(["validate", "lint", "test"]);
    const program = buildProgram();
    for (const [name = "", ...words] of checks) {
      const command = findCommand(program, [name]);
      // `lint` comes to the list of commands by itself.
      if (!command && name === "lint") continue;
      expect(command && definitionOf(command)?.path).toBe(name);
      const known = [...(command?.options ?? []), ...program.options].map(({ long }) => long);
      const options = words.filter((word) => word.startsWith("--"));
      expect(options.filter((option) => !known.includes(option))).toEqual([]);
    }
  });

  test("goes on to the comment after a check that fails", () => {
    const first = steps.findIndex(({ run }) => run?.includes("check-migrations.sh") === true);
    for (const step of steps.slice(first + 1)) expect(step.if).toContain("!cancelled()");
  });

  test("tries migrations on the version that its server has", () => {
    const [, major] = /:(\d+)$/.exec(workflow.jobs.migrations.services.postgres.image) ?? [];
    expect(checks.at(-1)?.join(" ")).toContain(`--server-version ${major}`);
  });
});

describe("the script", () => {
  let project: MigrationProject;
  let env: Record<string, string | undefined>;

  beforeAll(async () => {
    project = await withMigrations({
      "001_start.sql": migration("create table t (a int);", "select 1;"),
    });
    // `npx pgwright`, without the registry.
    const bin = join(project.path, "bin");
    await mkdir(bin);
    const npx = join(bin, "npx");
    await writeFile(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${launcher}" "$@"\n`);
    await chmod(npx, 0o755);
    env = {
      ...process.env,
      PATH: `${bin}:${process.env["PATH"]}`,
      TEST_DATABASE_URL: serverUrl(),
      REPORT: join(project.path, "report.md"),
      GITHUB_STEP_SUMMARY: join(project.path, "summary.md"),
    };
  });

  afterAll(async () => {
    await project[Symbol.asyncDispose]();
  });

  test("annotates, reports, and fails where a check says no", async () => {
    await execute(script, ["validate"], { cwd: project.path, env });
    const failure = await execute(script, ["test"], { cwd: project.path, env }).catch(
      (error: unknown) => error as { code: number; stdout: string },
    );
    expect(failure).toMatchObject({ code: 1 });
    expect(failure.stdout).toContain("::error file=migrations/001_start.sql,line=4,");
    const report = await readFile(join(project.path, "report.md"), "utf8");
    expect(report).toContain(
      "### `pgwright validate`\n\n```text\n1 migration file read: no mistakes\n",
    );
    expect(report).toContain("### `pgwright test`\n\n```text\nmigration");
    expect(report).toContain("| error | test/not-restored | migrations/001_start.sql:4 |");
    expect(report).toContain("<br>-- migrate:down<br>DROP TABLE public.t; |");
    expect(report).not.toContain("::error");
    expect(await readFile(join(project.path, "summary.md"), "utf8")).toBe(report);
  });

  test("cuts a report that GitHub would not take", async () => {
    await writeFile(join(project.path, "report.md"), "x".repeat(70_000));
    await execute(script, ["validate"], { cwd: project.path, env });
    const report = await readFile(join(project.path, "report.md"), "utf8");
    expect(report.length).toBeLessThan(65_536);
    expect(report).toContain("The rest is in the log of the job.");
  });
});
