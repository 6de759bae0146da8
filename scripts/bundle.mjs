/** How src/ becomes dist/: esbuild's options, for the build and for the test that reads what it made. */
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

// What stays a dependency is loaded from node_modules: it holds WebAssembly, a server, or is rare.
const external = [
  ...Object.keys(packageJson.dependencies),
  ...Object.keys(packageJson.optionalDependencies),
];

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  loader: { ".sql": "text" },
  // Compiling takes time by the byte. Names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 200,
  legalComments: "linked",
  logLevel: "warning",
  metafile: true,
};

/**
 * Only a module may call `import()` here, as V8 forgets who asked when bytecode comes from a cache:
 * in the script, `import("jiti")` of what is not bundled becomes a call of `importOutside`. The
 * stand-in exports `then`, and so `import()` of it waits for that, and gives what that gives.
 */
const outside = {
  name: "outside",
  setup({ onResolve, onLoad }) {
    const packages = external.map((name) => name.replaceAll(/[^\w-]/g, "\\$&"));
    onResolve(
      { filter: new RegExp(`^(?:node:.*|(?:${packages.join("|")})(?:/.*)?)$`) },
      ({ kind, path }) => (kind === "dynamic-import" ? { path, namespace: "outside" } : undefined),
    );
    onLoad({ filter: /.*/, namespace: "outside" }, ({ path }) => ({
      contents: `export const then = (done, failed) => importOutside(${JSON.stringify(path)}).then(done, failed);`,
    }));
  },
};

/** Writes the command line's files to `directory`/cli; returns esbuild's record of the script. */
export async function bundleCommandLine(directory) {
  const outdir = join(directory, "cli");
  const [{ metafile }] = await Promise.all([
    // One script, as only a script can be given bytecode on every version of Node.
    build({
      ...common,
      entryPoints: { "run.script": "src/cli/run.ts" },
      outdir,
      external,
      format: "cjs",
      // Read as Latin-1, which is a copy and not a decoding.
      charset: "ascii",
      plugins: [outside],
      define: { "import.meta.url": "scriptUrl" },
      // src/cli/code-cache.ts calls this.
      banner: { js: "(function (require, module, scriptUrl, importOutside) {" },
      footer: { js: "})" },
    }),
    // Alone, because `--version` must not wait for the rest to be read.
    build({ ...common, entryPoints: ["src/cli/main.ts"], outdir, format: "esm" }),
  ]);
  const script = readFileSync(join(outdir, "run.script.js"), "latin1");
  // eslint-disable-next-line no-control-regex
  const odd = /[^\x00-\x7f]/.exec(script);
  if (odd !== null) {
    const around = script.slice(odd.index - 40, odd.index + 10);
    throw new Error(`the script must be ASCII; esbuild escapes no regular expressions: ${around}`);
  }
  return metafile;
}

/** Writes the library to `directory`/index.js and testing.js, which share one PgwrightError. */
export async function bundleLibrary(directory) {
  await build({
    ...common,
    entryPoints: ["src/index.ts", "src/testing.ts"],
    outdir: directory,
    external,
    format: "esm",
    splitting: true,
    chunkNames: "library/[name]-[hash]",
    // Bundled CommonJS packages call require() for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
}
