/** Pipes, sockets and devices where files are expected. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { open, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launcher, runCommand } from "../support/cli.ts";
import { withFolder } from "../support/folder.ts";

/** A folder with a pipe that has a name. */
async function withPipe(name: string, files: Record<string, string> = { "a.txt": "" }) {
  const folder = await withFolder(files);
  execFileSync("mkfifo", [join(folder.path, name)]);
  return folder;
}

const plan = ["migrate", "--plan", "pipe.sql", "--url", "postgres://nobody@127.0.0.1:1/none"];

test.each([
  ["lint", ["lint", "pipe.sql"]],
  ["migrate --plan", plan],
])("%s waits for a pipe, and SIGTERM ends that", async (_name, args) => {
  await using folder = await withPipe("pipe.sql");
  const child = spawn(process.execPath, [launcher, ...args], { cwd: folder.path });
  const ended = once(child, "close");
  // Opening for writing waits for the reader; nothing is written.
  await using _pipe = await open(join(folder.path, "pipe.sql"), "w");
  child.kill("SIGTERM");
  expect(await ended).toEqual([143, null]);
});

test("lint reads a pipe to its end", async () => {
  await using folder = await withPipe("pipe.sql");
  const running = runCommand(["lint", "pipe.sql", "--json"], { cwd: folder.path });
  const pipe = await open(join(folder.path, "pipe.sql"), "w");
  await pipe.write("SELECT 1;\nDELETE ");
  await pipe.write("FROM t;\n");
  await pipe.close();
  const { findings } = JSON.parse((await running).stdout) as { findings: object[] };
  expect(findings).toMatchObject([
    { rule: "lint/unfiltered-write", at: { file: "pipe.sql", line: 2 } },
  ]);
});

test("lint reads process substitution and what is piped into it", async () => {
  await using folder = await withFolder({ "t.sql": "DELETE FROM t;\n" });
  const lint = `"${process.execPath}" "${launcher}" lint --json`;
  const files = (script: string) => {
    const child = spawn("bash", ["-c", script], { cwd: folder.path });
    let text = "";
    child.stdout.on("data", (part: Buffer) => (text += part.toString()));
    return once(child, "close").then(() => JSON.parse(text) as { findings: object[] });
  };
  const substituted = await files(`${lint} <(cat t.sql) <(cat t.sql t.sql)`);
  expect(substituted.findings).toHaveLength(3);
  expect((await files(`cat t.sql | ${lint} /dev/stdin`)).findings).toHaveLength(1);
  expect((await files(`${lint} /dev/stdin < t.sql`)).findings).toHaveLength(1);
});

test("a pipe in a folder, a socket and a device are no files to lint", async () => {
  await using folder = await withPipe("pipe.sql");
  const server = createServer().listen(join(folder.path, "socket"));
  await once(server, "listening");
  const said = async (path: string) => {
    const { code, stderr } = await runCommand(["lint", path], { cwd: folder.path });
    return `${code} ${stderr.split("\n")[0]}`;
  };
  expect(await said(".")).toMatch(
    /^2 error\[migrations-unreadable\]: `.*pipe\.sql` is a named pipe, not a file$/,
  );
  expect(await said("socket")).toMatch(/socket` is a socket, not a file$/);
  expect(await said("/dev/zero")).toMatch(/`\/dev\/zero` is a device, not a file$/);
  expect(await said("/dev/null")).toMatch(/^0 /);
  server.close();
});

test.each(["itself", "behind a link"])("a pipe among the migrations, %s, stops it", async (how) => {
  await using folder = await withPipe(how === "itself" ? "migrations/002_t.sql" : "pipe", {
    "migrations/001_t.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n",
  });
  if (how !== "itself") await symlink("../pipe", join(folder.path, "migrations", "002_t.sql"));
  for (const command of ["validate", "lint"]) {
    const { code, stderr } = await runCommand([command], { cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error\[migrations-unreadable\]: `.*002_t\.sql` is a named pipe, not a file\n {2}hint: a migration is a file/,
    );
  }
});

test("what is no migration by its name may be anything", async () => {
  await using folder = await withPipe("migrations/notes.txt", {
    "migrations/001_t.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n",
  });
  const { stdout } = await runCommand(["validate"], { cwd: folder.path });
  expect(stdout).toContain("1 migration file read: no mistakes");
});
