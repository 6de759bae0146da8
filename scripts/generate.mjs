/** Writes everything generated: reference pages and the JSON Schema. `--check` only compares. */
import { build } from "esbuild";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..");
const bundle = join(root, "node_modules/.cache/pgwright/reference.mjs");
const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
await build({
  entryPoints: [join(root, "scripts/reference.ts")],
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
  logLevel: "warning",
});
const { referenceFiles } = await import(pathToFileURL(bundle).href);

const isCheck = process.argv.includes("--check");
const stale = [];
for (const [name, text] of referenceFiles()) {
  const path = join(root, name);
  let current;
  try {
    current = readFileSync(path, "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  if (current === text) continue;
  stale.push(name);
  if (isCheck) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
if (isCheck && stale.length > 0) {
  console.error(`out of date: ${stale.join(", ")}\nrun: npm run generate`);
  process.exitCode = 1;
} else if (stale.length > 0) {
  console.log(`written: ${stale.join(", ")}`);
}
