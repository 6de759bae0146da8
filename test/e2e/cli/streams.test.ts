/** Streams, colours, exit statuses and signals of the built command line, without a terminal. */
import { execFile, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Outcome, runCommand, startCommand } from "../../support/cli.ts";
import { eventually } from "../../support/eventually.ts";
import { withFolder } from "../../support/folder.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const launcher =
  process.env["PGWRIGHT_TEST_BIN"] ??
  join(import.meta.dirname, "..", "..", "..", "bin", "pgwright.cjs");

const wrongFile = {
  "migrations/001_t.sql": "-- migrate:up\ncreate tabel t ();\n-- migrate:down\nselect 1;\n",
};
const project = { "pgwright.yaml": "migrations: {}\n", ...wrongFile };
const escape = "\u001b[";

/** A line of sh with `pgwright` in it; the exit status of each part of its pipe is in `statuses`. */
async function shell(
  line: string,
  cwd: string,
): Promise<{ stdout: string; stderr: string; statuses: string }> {
  const script = `pgwright() { '${process.execPath}' '${launcher}' "$@"; }\n${line}\necho "\${PIPESTATUS[*]}" >&3`;
  const child = spawn("bash", ["-c", script], { cwd, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const texts = ["", "", ""];
  for (const [i, stream] of [child.stdout, child.stderr, child.stdio[3]].entries()) {
    stream?.on("data", (data: Buffer) => (texts[i] += data.toString()));
  }
  await new Promise((resolve) => child.once("close", resolve));
  const [stdout = "", stderr = "", statuses = ""] = texts;
  return { stdout, stderr, statuses: statuses.trim() };
}

describe("help", () => {
  test("goes to stdout when asked for, and to stderr where a command is missing", async () => {
    await using folder = await withFolder();
    const run = (...args: string[]) => runCommand(args, { cwd: folder.path });
    const [asked, bare, group] = await Promise.all([run("--help"), run(), run("server")]);
    expect(asked).toMatchObject({ code: 0, stderr: "" });
    expect(bare).toEqual({ code: 2, stdout: "", stderr: asked.stdout });
    expect(group).toMatchObject({ code: 2, stdout: "" });
    expect(group.stderr).toContain("Usage: pgwright server <command>");
    expect(await run("help", "server")).toMatchObject({ code: 0, stdout: group.stderr });
  });
});

describe("a reader that goes away", () => {
  test("is no failure, and the exit status of the work stays", async () => {
    await using folder = await withFolder(project);
    expect(await shell("pgwright completion bash | head -n 1", folder.path)).toMatchObject({
      stdout: "# bash completion for pgwright\n",
      stderr: "",
      statuses: "0 0",
    });
    expect(await shell("pgwright validate --json | true", folder.path)).toMatchObject({
      stderr: "",
      statuses: "1 0",
    });
  });

  // Linux alone has a file that is always full.
  test.skipIf(process.platform !== "linux")("a disk that is full is one", async () => {
    await using folder = await withFolder(project);
    const { stderr, statuses } = await shell("pgwright completion bash > /dev/full", folder.path);
    expect(statuses).toBe("4");
    expect(stderr).toContain("error[file-unwritable]: stdout does not take it: ENOSPC");
  });
});

describe("colour", () => {
  const status = async (env: Record<string, string>, ...args: string[]): Promise<Outcome> => {
    await using folder = await withFolder(project);
    return await runCommand(["validate", "--verbose", ...args], { cwd: folder.path, env });
  };

  test("none into pipes, some where it is forced, none where it is forbidden", async () => {
    expect((await status({})).stdout).not.toContain(escape);
    expect((await status({ FORCE_COLOR: "1" })).stdout).toContain(escape);
    expect((await status({ FORCE_COLOR: "1", NO_COLOR: "1" })).stdout).not.toContain(escape);
    expect((await status({ FORCE_COLOR: "1" }, "--no-color")).stdout).not.toContain(escape);
    expect((await status({ FORCE_COLOR: "1", PGWRIGHT_NO_COLOR: "1" })).stdout).not.toContain(
      escape,
    );
    expect((await status({ FORCE_COLOR: "1" }, "--json")).stdout).not.toContain(escape);
  });

  test("of errors on stderr as well", async () => {
    await using folder = await withFolder();
    const run = (env: Record<string, string>) => runCommand(["nope"], { cwd: folder.path, env });
    expect((await run({ FORCE_COLOR: "1" })).stderr).toContain(escape);
    expect((await run({})).stderr).toMatch(/^error\[usage\]/);
  });
});

describe("quiet and verbose", () => {
  test("quiet leaves results, warnings and errors", async () => {
    await using migrations = await withMigrations({
      "001_t.sql": migration("do $$ begin raise warning 'careful'; end $$;", "select 1;"),
    });
    const { stdout, stderr } = await migrations.run(["up", "--quiet"]);
    expect(stderr).toBe("warning: 001_t.sql: careful\n");
    expect(stdout).toContain("Applied 1 migration");
    const { stderr: spoken } = await migrations.run(["up"]);
    expect(spoken).toContain("`up` is called `migrate` here");
    expect(spoken).toContain(`database ${migrations.database.name} on `);
    await migrations.write("002_bad.sql", migration("select nothing;", "select 1;"));
    expect((await migrations.run(["migrate", "-q"])).stderr).toMatch(/^error\[sql-failed\]/);
    expect((await migrations.run(["migrate", "-qv"])).stderr).toMatch(/\ncaused by: PostgresError/);
  });
});

describe("GitHub", () => {
  test("findings and errors become annotations with paths from the top of the checkout", async () => {
    await using folder = await withFolder(
      Object.fromEntries(Object.entries(project).map(([name, text]) => [`db/${name}`, text])),
    );
    const cwd = join(folder.path, "db");
    const summary = join(folder.path, "summary.md");
    const env = { GITHUB_WORKSPACE: folder.path, GITHUB_STEP_SUMMARY: summary };
    const { code, stdout } = await runCommand(["validate", "--format", "github"], { cwd, env });
    expect(code).toBe(1);
    expect(stdout).toContain("::error file=db/migrations/001_t.sql,line=2,col=8,title=migrations/");
    expect(await readFile(summary, "utf8")).toContain("| error | migrations/");
    const wrong = await runCommand(["nope", "--format", "github"], { cwd, env });
    expect(wrong.stdout).toBe(
      "::error title=usage::there is no command `nope`%0A`pgwright --help` lists the commands\n",
    );
    expect(wrong.stderr).toContain("error[usage]");
    await writeFile(join(cwd, "pgwright.yaml"), "migrations: 1\n");
    const config = await runCommand(["validate", "--format", "github"], { cwd, env });
    expect(config.stdout).toContain(
      "::error file=db/pgwright.yaml,line=1,col=13,title=config-invalid::",
    );
  });

  test("a summary that cannot be written does not change the answer", async () => {
    await using folder = await withFolder(project);
    const env = { GITHUB_STEP_SUMMARY: join(folder.path, "missing", "summary.md") };
    const { code, stderr } = await runCommand(["validate", "--format", "github"], {
      cwd: folder.path,
      env,
    });
    expect(code).toBe(1);
    expect(stderr).toContain("warning: no step summary: ENOENT");
  });
});

describe("bugs", () => {
  // The parser is loaded in a way that no code of ours foresees.
  const spoil = (body: string) => `const { compile } = WebAssembly;
WebAssembly.compile = async (...args) => {
  ${body}
  return compile(...args);
};
`;
  const spoiled = async (body: string, ...args: string[]) => {
    await using folder = await withFolder({ ...project, "spoil.mjs": spoil(body) });
    const NODE_OPTIONS = `--import=${pathToFileURL(join(folder.path, "spoil.mjs")).href}`;
    return await runCommand(["validate", ...args], { cwd: folder.path, env: { NODE_OPTIONS } });
  };
  const stray = `void Promise.reject(new Error("stray postgres://u:pw@h/d")); await new Promise(() => setTimeout(() => {}, 60_000));`;
  const stall = "await new Promise(() => {});";

  test("a rejection that nobody waits for", async () => {
    const { code, stdout, stderr } = await spoiled(stray);
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toContain("error[internal]: stray postgres://u:***@h/d");
    expect(stderr).toContain("this is a bug in pgwright");
    expect(stderr).not.toMatch(/^ +at /m);
    expect((await spoiled(stray, "--verbose")).stderr).toMatch(/^ +at /m);
  });

  test("work that stops without an end", async () => {
    const { code, stderr } = await spoiled(stall);
    expect(code).toBe(4);
    expect(stderr).toContain("error[internal]: the command stopped without an end");
  });

  test.each([stray, stall])("are JSON where that is asked for", async (body) => {
    const { code, stdout } = await spoiled(body, "--json");
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      exitCode: 4,
      error: { code: "internal" },
    });
  });
});

describe("the code of a migration", () => {
  const run = async (up: string, args: readonly string[]) => {
    await using migrations = await withMigrations({
      "001_code.mjs": `export const up = ${up};\nexport const down = false;\n`,
    });
    return await migrations.run(args);
  };

  test("prints to stderr; stdout stays ours", async () => {
    const up =
      "(pgm) => { console.log('one'); process.stdout.write('two\\n'); pgm.sql('select 1'); }";
    const { code, stdout, stderr } = await run(up, ["migrate", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    expect(stderr).toContain("one\ntwo\n");
  });

  test.each([
    ["() => process.exit(0)", "`process.exit(0)` was called"],
    [
      "() => new Promise(() => setTimeout(() => process.exit(0), 5))",
      "`process.exit(0)` was called",
    ],
    ["() => new Promise(() => setTimeout(() => { throw new Error('late'); }, 5))", "late"],
  ])("%s fails with the file named", async (up, message) => {
    const migrated = await run(up, ["migrate"]);
    expect(migrated.stderr).toContain(`error[migration-code]: \`001_code.mjs\`: ${message}`);
    expect(migrated.code).toBe(4);
    const validated = await run(up, ["validate"]);
    expect(validated.stdout).toContain(`\`001_code.mjs\`: ${message}`);
    expect(validated.code).toBe(1);
  });

  test("that never finishes is told by its name", async () => {
    const { code, stdout } = await run("() => new Promise(() => {})", ["validate"]);
    expect(stdout).toContain("`001_code.mjs`: its `up` never finished");
    expect(code).toBe(1);
  });
});

describe("dump --output", () => {
  test.each(["-", "/dev/stdout"])("%s is stdout", async (name) => {
    await using migrations = await withMigrations({});
    const { code, stdout } = await migrations.run(["dump", "--output", name]);
    expect(code).toBe(0);
    expect(stdout).toBe((await migrations.run(["dump"])).stdout);
  });

  test("a device is written to and never read", async () => {
    await using migrations = await withMigrations({});
    const null_ = await migrations.run(["dump", "--output", "/dev/null"]);
    expect(null_).toMatchObject({ code: 0, stdout: "Wrote /dev/null\n" });
    const full = await migrations.run(["dump", "--output", "/dev/full"]);
    expect(full.code).toBe(4);
    expect(full.stderr).toContain("error[file-unwritable]: /dev/full cannot be written");
  });
});

describe("signals", () => {
  const endless = {
    "001_endless.mjs":
      "export async function up() {\n  process.stderr.write('endless\\n');\n  await new Promise(() => setInterval(() => {}, 1000));\n}\nexport const down = false;\n",
  };
  const slow = { "001_slow.sql": migration("select pg_sleep(60);", "select 1;") };

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s ends the work, and the status says so", async (signal, code) => {
    await using migrations = await withMigrations(slow);
    const running = migrations.start(["migrate"]);
    await eventually(async () => {
      const [row] = await migrations.sql`
        select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`;
      return row;
    }, "the migration to sleep");
    running.child.kill(signal);
    const outcome = await running.done;
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain("error[interrupted]: interrupted in 001_slow.sql");
    // Nobody sits there to press Ctrl-C again.
    expect(outcome.stderr).not.toContain("stopping");
  });

  test("one ends code that never would", async () => {
    await using migrations = await withMigrations(endless);
    const running = migrations.start(["migrate"]);
    await eventually(() => running.output.stderr.includes("endless"), "the migration to begin");
    running.child.kill("SIGINT");
    const { code, stderr } = await running.done;
    expect({ code, stderr }).toMatchObject({ code: 130 });
    expect(stderr).toContain("error[interrupted]");
  });

  test("a second one leaves at once, also from a pipe that nobody reads", async () => {
    await using migrations = await withMigrations({});
    await promisify(execFile)("mkfifo", [join(migrations.path, "pipe")]);
    const running = migrations.start(["dump", "--output", "pipe"]);
    await eventually(() => running.output.stderr.includes("database "), "the connection");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    running.child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(running.child.exitCode).toBe(null);
    running.child.kill("SIGTERM");
    await running.done;
    expect(running.child.signalCode).toBe("SIGTERM");
  });

  test("a program in the foreground has its own way with Ctrl-C, and SIGTERM reaches it", async () => {
    await using folder = await withFolder();
    const bin = join(folder.path, "psql");
    await writeFile(
      bin,
      "#!/bin/sh\ntrap 'echo ended; exit 0' TERM\necho ready\nwhile :; do sleep 0.1; done\n",
      { mode: 0o755 },
    );
    const running = startCommand(["db", "psql", "--url", "postgres://a@127.0.0.1:1/d"], {
      cwd: folder.path,
      env: { PATH: `${folder.path}:${process.env["PATH"]}` },
    });
    await eventually(() => running.output.stdout.includes("ready"), "psql to begin");
    running.child.kill("SIGINT");
    running.child.kill("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(running.child.exitCode).toBe(null);
    running.child.kill("SIGTERM");
    expect(await running.done).toMatchObject({ code: 0, stdout: "ready\nended\n" });
  });
});

test("the launcher reports the version without anything else", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [launcher, "--version"]);
  expect(stdout).toMatch(/^pgwright \d+\.\d+\.\d+\n$/);
});
