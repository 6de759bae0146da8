/** With `--format github` the runner of GitHub Actions reads along: no text of somebody else becomes its command. */
import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launcher } from "../support/cli.ts";
import type { MigrationProject } from "../support/migration-project.ts";
import { migration, withMigrations } from "../support/migration-project.ts";

/** In a text, behind blanks of .NET, behind a line break of Windows or of an old Mac, and of the older form. */
const hostile =
  "x\n::stop-commands::abc\n\t \u00A0::error::b\r::warning::c\r\n::add-mask::d\n##[error]e";
const word = (text: string) => text.replaceAll("'", "''");

/** The commands that a runner would find, as ActionCommand.TryParseV2 and TryParse look for them. */
function commandsIn(output: string): string[] {
  return output
    .split(/\r\n|\r|\n/)
    .filter((line) => /^[\s\u0085]*::/.test(line) || line.includes("##["));
}

/** All that a command prints; of that the commands, but for annotations that are its own. */
async function foreignIn(args: readonly string[]): Promise<{ text: string; foreign: string[] }> {
  const { stdout, stderr } = await project.run([...args, "--format", "github"]);
  const isOwn = (line: string) =>
    /^::(?:error|warning|notice) (?:file=\S+,line=\d+,col=\d+,)?title=[\w./-]+::/.test(line);
  return {
    text: stdout + stderr,
    foreign: [
      ...commandsIn(stdout).filter((line) => !isOwn(line)),
      // Annotations are on stdout alone.
      ...commandsIn(stderr),
    ],
  };
}

let project: MigrationProject;
beforeAll(async () => {
  project = await withMigrations({
    "001_start.sql": migration("create table t (id int primary key);", "drop table t;"),
  });
  await project.mustRun(["migrate"]);
});
afterAll(async () => project[Symbol.asyncDispose]());

test("what is in the database: names, comments, bodies, as drift and dump show them", async () => {
  await project.sql.unsafe(`comment on table t is '${word(hostile)}';
    create table "n\n::error::name" (id int);
    create function f() returns text language sql as $$ select '\n::stop-commands::abc\n##[group]x' $$;
    alter table t add column c text default '\n::debug::x';`);
  for (const args of [["drift"], ["dump"], ["diff"], ["doctor"]]) {
    const { text, foreign } = await foreignIn(args);
    expect(foreign, args.join(" ")).toEqual([]);
    expect(text.length, args.join(" ")).toBeGreaterThan(10);
  }
  const { text } = await foreignIn(["drift"]);
  expect(text).toContain(String.raw`\::stop-commands::abc`);
  expect(text).toContain("::error title=drift/");
});

test("what is in a file: SQL, messages of the server and its notices", async () => {
  await project.write(
    "002_next.sql",
    migration(
      `create table "u\n::error::name" (id int);
       do $$ begin raise notice '%', E'\\n::stop-commands::abc\\n##[error]n'; end $$;
       create index on "t" ((id + 1))
       ::warning::broken;`,
      "select 1;",
    ),
  );
  for (const args of [["lint"], ["validate"], ["migrate", "--dry-run"], ["migrate"], ["status"]]) {
    expect((await foreignIn(args)).foreign, args.join(" ")).toEqual([]);
  }
  await project.write(
    "002_next.sql",
    migration(
      `create table "u\n::error::name" (id int);
       create index "i\n::error::name" on "t" (id);
       do $$ begin raise notice '%', E'\\n::stop-commands::abc\\n##[error]n'; end $$;
       do $$ begin raise exception '%', E'\\n::stop-commands::abc\\n##[error]n'; end $$;`,
      "select 1;",
    ),
  );
  for (const args of [
    ["lint"],
    ["migrate", "--dry-run"],
    ["test"],
    ["migrate"],
    ["migrate", "-v"],
  ]) {
    const { text, foreign } = await foreignIn(args);
    expect(foreign, args.join(" ")).toEqual([]);
    expect(text, args.join(" ")).toMatch(/%0A::(?:error|stop)|\\::/);
  }
  await project.remove("002_next.sql");
});

test("what goes into a file is as it is, since nobody obeys that", async () => {
  const path = join(project.path, "schema.sql");
  const file = await open(path, "w");
  const child = spawn(process.execPath, [launcher, "dump", "--format", "github"], {
    cwd: project.path,
    env: { ...process.env, DATABASE_URL: project.database.url },
    stdio: ["ignore", file.fd, "ignore"],
  });
  await new Promise((resolve) => child.on("close", resolve));
  await file.close();
  expect(await readFile(path, "utf8")).toContain("\n::stop-commands::abc");
});
