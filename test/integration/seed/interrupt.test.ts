/** A seed that is broken off leaves nothing; the next run starts clean. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { connectTo } from "../../support/connection.ts";
import { withDatabase } from "../../support/database.ts";
import { eventually } from "../../support/eventually.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

it.for(["SIGINT", "SIGKILL"] as const)("%s", async (signal) => {
  await using project = await withMigrations({
    "001_create_logs.sql": migration(
      "create table first (id int primary key, name text); create table logs (id int primary key, message text not null, first_id int references first);",
      "drop table logs; drop table first;",
    ),
  });
  await project.mustRun(["migrate"]);
  await mkdir(join(project.path, "seeds"), { recursive: true });
  await writeFile(
    join(project.path, "seeds", "logs.yaml"),
    "tables:\n  public.logs:\n    rows: 3000000\n  public.first:\n    rows: 10\n",
  );
  const running = project.start(["seed"]);
  await eventually(() => running.output.stderr.includes("public.first"), "the first table");
  running.child.kill(signal);
  const { code } = await running.done;
  expect(code).toBe(signal === "SIGINT" ? 130 : null);
  const count = async () => {
    const [row] = await project.sql`
      select (select count(*)::int from first) as first, (select count(*)::int from logs) as logs`;
    return row;
  };
  expect(await count()).toEqual({ first: 0, logs: 0 });
  await writeFile(
    join(project.path, "seeds", "logs.yaml"),
    "tables:\n  public.logs:\n    rows: 3\n  public.first:\n    rows: 10\n",
  );
  await project.mustRun(["seed"]);
  expect(await count()).toEqual({ first: 10, logs: 3 });
});

it("comes through while a session has nothing to ask", async () => {
  await using database = await withDatabase();
  const controller = new AbortController();
  await using session = await connectTo(database.url, { signal: controller.signal });
  const work = async () => {
    for (;;) await session.breathe();
  };
  setTimeout(() => controller.abort(new Error("stopped")), 1);
  await expect(work()).rejects.toThrow("stopped");
});
