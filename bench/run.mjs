/** `npm run bench [name…]`: each claim of speed beside its peer or its limit, in one run. */
import { build } from "esbuild";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..");
const bundle = join(root, "node_modules/.cache/pgwright/bench.mjs");
const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
await build({
  entryPoints: [join(root, "bench/main.ts")],
  outfile: bundle,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  loader: { ".sql": "text" },
  external: [
    ...Object.keys(packageJson.dependencies),
    ...Object.keys(packageJson.devDependencies),
    ...Object.keys(packageJson.optionalDependencies),
  ],
  // test/support looks for the installed server from its own place in the repository.
  define: { "import.meta.dirname": JSON.stringify(join(root, "test", "support")) },
  logLevel: "warning",
});
// In memory where that can be had: ext4 creates files two to three times slower for a while after
// thousands were deleted, as dropping a database of the contender before does.
if (existsSync("/dev/shm")) process.env["TMPDIR"] ??= "/dev/shm";
const { main } = await import(pathToFileURL(bundle).href);
await main(root, process.argv.slice(2));
