/**
 * What a command line loads before it does anything: read from V8's own record of the scripts that
 * were run, in a build whose chunks are known. Timed assertions would depend on the machine.
 */
import { execFile } from "node:child_process";
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "..", "..", "..");
let folder: string;
/** What stands in each chunk, by its name. */
let chunks: Map<string, string[]>;

beforeAll(async () => {
  // Inside node_modules, so that packages that are not bundled are found.
  const cache = join(root, "node_modules", ".cache");
  await mkdir(cache, { recursive: true });
  folder = await mkdtemp(join(cache, "start-up-"));
  const { dependencies, optionalDependencies } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  ) as Record<string, Record<string, string>>;
  const common = {
    outdir: join(folder, "cli"),
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    loader: { ".sql": "text" },
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    metafile: true,
  } as const;
  await build({ ...common, entryPoints: ["src/cli/main.ts"], external: ["./run.js"] });
  const { metafile } = await build({
    ...common,
    entryPoints: ["src/cli/run.ts"],
    external: Object.keys({ ...dependencies, ...optionalDependencies }),
    splitting: true,
  });
  chunks = new Map(
    Object.entries(metafile.outputs).map(([file, { inputs }]) => [
      basename(file),
      Object.keys(inputs),
    ]),
  );
  await writeFile(
    join(folder, "pgwright.mjs"),
    'import { main } from "./cli/main.js";\nprocess.exitCode = await main(process);\n',
  );
  await writeFile(join(folder, "pgwright.yaml"), "migrations: {}\n");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Packages whose code was run, and whether anything but main.ts was. */
async function load(args: readonly string[], variables: Record<string, string> = {}) {
  const coverage = await mkdtemp(join(folder, "coverage-"));
  await execute(process.execPath, [join(folder, "pgwright.mjs"), ...args], {
    cwd: folder,
    env: { PATH: process.env["PATH"], NODE_V8_COVERAGE: coverage, ...variables },
  });
  const [record = ""] = await readdir(coverage);
  const { result } = JSON.parse(await readFile(join(coverage, record), "utf8")) as {
    result: { url: string }[];
  };
  const files = result
    .filter(({ url }) => url.startsWith("file:"))
    .map(({ url }) => fileURLToPath(url));
  const inputs = files.flatMap((file) => chunks.get(basename(file)) ?? [file]);
  const packages = inputs.flatMap(
    (file) => /(?:^|\/)node_modules\/(?!\.cache)((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  return { packages: [...new Set(packages)].sort(), inputs };
}

const parser = ["@commander-js/extra-typings", "commander"];

test.each([["--version"], ["-V"]])("%s loads nothing but its own line", async (...args) => {
  const { packages, inputs } = await load(args);
  expect(packages).toEqual([]);
  expect(inputs.some((file) => file.startsWith("src/"))).toBe(false);
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
