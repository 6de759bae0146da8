/**
 * Bundles src/ into dist/, a chunk for what is loaded together, so that a cold start reads a few
 * files instead of hundreds: zod alone takes 200 ms from its own.
 */
import { build } from "esbuild";
import { readFileSync, rmSync } from "node:fs";

const packageJson = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

const common = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  loader: { ".sql": "text" },
  // Compiling takes time by the byte. Names stay, for stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 200,
  // Bundled CommonJS packages call require() for Node's own modules.
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  legalComments: "linked",
  logLevel: "warning",
};

// What stays a dependency is loaded from node_modules: it holds WebAssembly, a server, or is rare.
const external = [
  ...Object.keys(packageJson.dependencies),
  ...Object.keys(packageJson.optionalDependencies),
];

rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true });
await Promise.all([
  // Alone, because `--version` must not wait for the rest to be read.
  build({
    ...common,
    entryPoints: ["src/cli/main.ts"],
    outdir: "dist/cli",
    external: ["./run.js"],
  }),
  build({
    ...common,
    entryPoints: ["src/cli/run.ts"],
    outdir: "dist/cli",
    external,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
  }),
  build({ ...common, entryPoints: ["src/index.ts"], outdir: "dist", external }),
]);
