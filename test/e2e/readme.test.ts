/** What README.md says people type is typed here, and what it says they see is looked for. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, cp, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stopEmbedded } from "../../src/db/embedded/server.ts";
import { withProject, type TestProject } from "../support/project.ts";

const root = join(import.meta.dirname, "..", "..");
const readme = await readFile(join(root, "README.md"), "utf8");

interface Step {
  readonly command: string;
  /** Lines of output; `…` stands for anything. */
  readonly output: readonly string[];
}

let project: TestProject;
let directory: string;
/** The database that copies go into, once its server runs. */
let targetUrl: string | undefined;

beforeAll(async () => {
  project = await withProject();
  directory = project.directory;
  for (const name of ["migrations", "policies", "seeds", "pgwright.yaml"]) {
    await cp(join(root, name), join(directory, name), { recursive: true });
  }
  const shim = join(directory, "..", "pgwright");
  await writeFile(
    shim,
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, "bin/pgwright.cjs")}" "$@"\n`,
  );
  await chmod(shim, 0o755);
}, 300_000);

afterAll(async () => {
  const shop = join(project.directory, "shop");
  // Not there when the tour ended before it was made.
  if (existsSync(shop)) await stopEmbedded({ ...project.location, projectDirectory: shop });
  await project[Symbol.asyncDispose]();
});

/** Blocks of `$ command` lines with their output. */
function consoleBlocks(): Step[][] {
  return [...readme.matchAll(/^```console\n([\s\S]*?)^```/gm)].map(([, block = ""]) => {
    const steps: { command: string; output: string[] }[] = [];
    for (const line of block.trimEnd().split("\n")) {
      if (line.startsWith("$ ")) steps.push({ command: line.slice(2), output: [] });
      else steps.at(-1)?.output.push(line);
    }
    return steps;
  });
}

function shell(command: string): Promise<{ code: number; output: string }> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PG|DATABASE_URL|TEST_)/.test(name)),
  );
  return new Promise((resolve) => {
    execFile(
      "sh",
      ["-c", command],
      {
        cwd: directory,
        env: {
          ...env,
          PATH: `${join(project.directory, "..")}:${process.env["PATH"]}`,
          ...(targetUrl !== undefined && { PGWRIGHT_TARGET_URL: targetUrl }),
        },
      },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}\n${stderr}` });
      },
    );
  });
}

/** Every line of `expected` in order; `…` anywhere stands for anything, also for no line. */
function matches(output: string, expected: readonly string[]): boolean {
  const parts = expected
    .join("\n")
    .split("…")
    .map((part) => part.trim())
    .filter(Boolean);
  let at = 0;
  for (const part of parts) {
    const found = output.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

test("the first command brings FitnessHub up, a second run changes nothing", async () => {
  const packageJson = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  expect(readme).toContain("```sh\nnpm ci && npm start\n```");
  expect(readme).toContain("```sh\nnpm ci && npm test\n```");
  const start = packageJson.scripts["start"]?.split("&&").at(-1)?.trim();
  expect(start).toBe("node bin/pgwright.cjs setup");
  const first = await shell("pgwright setup");
  expect(first.output).toMatch(
    /applied 19 migrations, brought policies.* filled 17 tables with [\d,]+ rows.* schema version 4\.1\.0/,
  );
  expect(first.code).toBe(0);
  const second = await shell("pgwright setup");
  expect(second.output).toContain("nothing was changed");
  expect(second.code).toBe(0);
});

test("the tour works as it is printed", async () => {
  const blocks = consoleBlocks();
  expect(blocks.length).toBeGreaterThanOrEqual(4);
  const url = new URL((await shell("pgwright db url 2>/dev/null")).output.trim());
  url.pathname = "/analytics";
  targetUrl = url.href;
  for (const steps of blocks) {
    for (const { command, output } of steps) {
      if (command.startsWith("cd ")) {
        directory = join(directory, command.slice(3));
        continue;
      }
      const result = await shell(command);
      expect(result.code, `${command}\n${result.output}`).toBe(0);
      expect(matches(result.output, output), `${command}\n${result.output}`).toBe(true);
    }
  }
  // The developer's file is the one README shows.
  const [, sections = ""] = /^```sql\n([\s\S]*?)^```/m.exec(readme) ?? [];
  const [name = ""] = await readdir(join(directory, "migrations")).then((names) =>
    names.filter((file) => file.endsWith(".sql")),
  );
  await writeFile(join(directory, "migrations", name), sections);
  const setup = await shell("pgwright setup && pgwright redo");
  expect(setup.code, setup.output).toBe(0);
  directory = join(directory, "..");
}, 300_000);
