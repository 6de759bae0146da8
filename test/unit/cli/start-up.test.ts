/**
 * What a command line loads before it does anything: read from V8's own record of the
 * functions that were called in the build. Timed assertions would depend on the machine.
 */
import { execFile } from "node:child_process";
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Metafile } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "..", "..", "..");
const build = join(root, "scripts", "bundle.mjs");
let folder: string;
/** By chunk: files whose code runs with it, and those in a function of their own. */
let chunks: Map<string, { readonly eager: readonly string[]; readonly lazy: readonly string[] }>;

beforeAll(async () => {
  const { bundleCommandLine: bundle } = (await import(pathToFileURL(build).href)) as {
    bundleCommandLine(directory: string): Promise<Metafile>;
  };
  // Inside node_modules, so that packages that are not bundled are found.
  const cache = join(root, "node_modules", ".cache");
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, "start-up-"));
  const { outputs } = await bundle(folder);
  // Lines are short in it, and go on after a backslash.
  const broken = await readFile(join(folder, "cli", "run.script.js"), "utf8");
  const text = broken.replaceAll("\\\n", "");
  // esbuild puts what is not always needed into a function that has the name of the file.
  const wrapped = new Set([...text.matchAll(/"([^"\n]+)"\s*\(/g)].map(([, name]) => name));
  chunks = new Map(
    Object.entries(outputs).map(([path, { inputs }]) => {
      const present = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
      const files = present.map(([file]) => file);
      return [
        `./${basename(path)}`,
        {
          eager: files.filter((file) => !wrapped.has(file)),
          lazy: files.filter((file) => wrapped.has(file)),
        },
      ];
    }),
  );
  await writeFile(
    join(folder, "pgwright.cjs"),
    'require("./cli/main.cjs").main(process).then((exit) => { process.exitCode = exit; });\n',
  );
  await writeFile(join(folder, "pgwright.yaml"), "migrations: {}\n");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** Files and packages whose code was run. */
async function load(args: readonly string[], variables: Record<string, string> = {}) {
  const coverage = await mkdtemp(join(folder, "coverage-"));
  await execute(process.execPath, [join(folder, "pgwright.cjs"), ...args], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      NODE_V8_COVERAGE: coverage,
      NODE_DISABLE_COMPILE_CACHE: "1",
      ...variables,
    },
  });
  const [record = ""] = await readdir(coverage);
  const { result } = JSON.parse(await readFile(join(coverage, record), "utf8")) as Coverage;
  const script = result.find(({ url }) => url.endsWith("/run.script.js"));
  const called = new Set(
    (script?.functions ?? [])
      .filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0)
      .map(({ functionName }) => functionName),
  );
  const inputs = [...chunks].flatMap(([name, { eager, lazy }]) =>
    called.has(name) ? [...eager, ...lazy.filter((file) => called.has(file))] : [],
  );
  const packages = inputs.flatMap(
    (file) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  return { packages: [...new Set(packages)].sort(), inputs };
}

const parser = ["@commander-js/extra-typings", "commander"];

test.each([["--version"], ["-V"]])("%s loads nothing but its own line", async (...args) => {
  const { packages, inputs } = await load(args);
  expect(packages).toEqual([]);
  expect(inputs).toEqual([]);
});

test.each([
  [["--help"]],
  [["migrate", "--help"]],
  [["help", "db", "create"]],
  [["--help", "--json"]],
  [["--version", "--json"]],
])("%j loads the command line's parser and no other package", async (args) => {
  // Colour is not for help, and so chalk is not, either.
  const { packages, inputs } = await load(args, { FORCE_COLOR: "1" });
  expect(packages).toEqual(parser);
  expect(inputs.filter((file) => /^src\/(config|db\/connect|migrate)\//.test(file))).toEqual([]);
});

test("what needs more loads more: the tests above can fail", async () => {
  const { packages } = await load(["config", "show", "--url", "postgres://h/d"], {
    FORCE_COLOR: "1",
  });
  expect(packages).toEqual(expect.arrayContaining(["chalk", "commander", "yaml", "zod"]));
});

/** What it has loaded of Node itself: "crypto". */
async function loadOfNode(args: readonly string[]): Promise<string[]> {
  const entry = join(folder, "modules.cjs");
  await writeFile(
    entry,
    `require("./cli/main.cjs").main(process).then(() => {
  process.stderr.write("\\n" + JSON.stringify(process.moduleLoadList));
});
`,
  );
  const { stderr } = await execute(process.execPath, [entry, ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"], NODE_DISABLE_COMPILE_CACHE: "1" },
  });
  const list = JSON.parse(stderr.slice(stderr.lastIndexOf("\n"))) as string[];
  return list.map((module) => module.replace(/^NativeModule /, ""));
}

// Each takes 5 to 9 ms, of the 80 in which one file is linted.
test("lint loads neither crypto nor what starts processes, until git is asked", async () => {
  const file = join(folder, "one.sql");
  await writeFile(file, "SELECT 1;\n");
  const plain = await loadOfNode(["lint", file]);
  expect(plain).toContain("fs");
  expect(plain).not.toContain("crypto");
  expect(plain).not.toContain("child_process");
  await mkdir(join(folder, "migrations"), { recursive: true });
  expect(await loadOfNode(["lint", "--base", "HEAD"])).toContain("child_process");
});
