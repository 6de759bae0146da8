import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test, vi } from "vitest";
import { defaultSettings } from "../../../src/config/defaults.ts";
import type * as Library from "../../../src/index.ts";
import { projectDefaults } from "../../../src/migrate/library.ts";
import { countAdvisoryLocks } from "../../support/catalog.ts";
import { launcher } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { findStopped } from "../../support/kill.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

/** What `import … from "pgwright"` gives: the built file, not the source. */
const built = pathToFileURL(join(launcher, "..", "..", "dist", "index.js")).href;
const { PgwrightError, migrate, redo, repair, rollback, status } = (await import(
  built
)) as typeof Library;

const two = {
  "001_t.sql": migration(
    "create table t (id int); do $$ begin raise notice 'hello'; end $$;",
    "drop table t;",
  ),
  "002_u.sql": migration("create table u (id int);", "drop table u;"),
};

test("a connection string is all it needs, and nothing reaches the terminal", async () => {
  await using project = await withMigrations(two);
  const out = vi.spyOn(process.stdout, "write");
  const err = vi.spyOn(process.stderr, "write");
  try {
    const events: Library.Event[] = [];
    const options = {
      url: project.database.url,
      directory: join(project.path, "migrations"),
      onEvent: (event: Library.Event) => events.push(event),
    };
    const dry = await migrate({ ...options, dryRun: true });
    expect(dry.sql).toContain("create table t (id int)");
    expect((await status(options)).counts).toEqual({ applied: 0, pending: 2 });
    const up = await migrate({ ...options, steps: 1 });
    expect(up.applied.map(({ file }) => file)).toEqual(["001_t.sql"]);
    expect(up.left).toEqual(["002_u.sql"]);
    expect((await migrate(options)).schemaVersion).toBe("0.2.0");
    expect((await redo(options)).up?.applied).toHaveLength(1);
    expect((await rollback({ ...options, all: true })).rolledBack).toHaveLength(2);
    const repaired = await repair({ ...options, kind: "applied", version: "1", reason: "test" });
    expect(repaired.file).toBe("001_t.sql");
    expect(events).toContainEqual({ type: "notice", level: "info", message: "001_t.sql: hello" });
    expect(events.map(({ type }) => type)).toContain("step-finished");
    expect(out).not.toHaveBeenCalled();
    expect(err).not.toHaveBeenCalled();
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
});

test("errors carry code, place and what was done", async () => {
  await using project = await withMigrations({
    ...two,
    "002_u.sql": migration("create table u (id nope);", "drop table u;"),
  });
  const directory = join(project.path, "migrations");
  const error = await migrate({ url: project.database.url, directory }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PgwrightError);
  expect(error).toMatchObject({
    code: "sql-failed",
    exit: 4,
    details: {
      sqlstate: "42704",
      at: { file: join(directory, "002_u.sql"), line: 2 },
      result: { applied: [{ file: "001_t.sql" }], failed: { file: "002_u.sql" } },
    },
  });
  await expect(migrate({ url: "postgres://127.0.0.1:1/none", directory })).rejects.toMatchObject({
    code: "connection-failed",
    exit: 3,
  });
  await expect(rollback({ url: "postgres://x", directory: "/nowhere" })).rejects.toBeInstanceOf(
    PgwrightError,
  );
});

test("a signal cancels what runs", async () => {
  await using project = await withMigrations({
    "001_slow.sql": migration("select pg_sleep(60);", "select 1;"),
  });
  const controller = new AbortController();
  const running = migrate({
    url: project.database.url,
    directory: join(project.path, "migrations"),
    signal: controller.signal,
  }).catch((error: unknown) => error);
  await eventually(() => findStopped(project.sql), "the statement");
  controller.abort();
  expect(await running).toMatchObject({ code: "interrupted" });
  expect(await countAdvisoryLocks(project.sql)).toBe(0);
});

test("the defaults are those of the command line", () => {
  expect(projectDefaults).toMatchObject({
    directory: defaultSettings.migrations.directory,
    schema: defaultSettings.migrations.schema,
    table: defaultSettings.migrations.table,
    lockTimeoutMs: defaultSettings.lock_timeout,
    lockBudgetMs: defaultSettings.lock_budget,
    statementTimeoutMs: defaultSettings.statement_timeout,
  });
});

test.each([
  [undefined, "`url`"],
  [{}, "`url`"],
  [{ url: 7 }, "`url`"],
  [{ ulr: "postgres://localhost/x" }, "`ulr`"],
])("migrate(%j) is told which option is wrong", async (options, named) => {
  const call = (migrate as (options: unknown) => Promise<unknown>)(options);
  await expect(call).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining(named) as string,
  });
});
