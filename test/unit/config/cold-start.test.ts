import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** The packages that importing a file of src/ loads at once, without those behind `import()`. */
async function listEagerPackages(file: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, "../../../src", file)],
    outdir: "unused",
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    loader: { ".sql": "text" },
  });
  const packages = new Set<string>();
  const seen = new Set<string>();
  const visit = (path: string) => {
    const output = metafile.outputs[path];
    if (output === undefined || seen.has(path)) return;
    seen.add(path);
    for (const input of Object.keys(output.inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
      if (name !== undefined) packages.add(name);
    }
    for (const { path: next, kind } of output.imports) {
      if (kind === "import-statement") visit(next);
    }
  };
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint?.endsWith(file)) visit(path);
  }
  expect(seen.size).toBeGreaterThan(0);
  return [...packages].sort();
}

// yaml and zod cost 30 ms: a command in a folder without pgwright.yaml does not pay for them.
test.each(["config/load.ts", "config/database.ts", "config/describe.ts", "init/plan.ts"])(
  "src/%s loads no package",
  async (file) => {
    expect(await listEagerPackages(file)).toEqual([]);
  },
);

test("reading a pgwright.yaml does, so the test above can fail", async () => {
  expect(await listEagerPackages("config/file.ts")).toEqual(["yaml", "zod"]);
});
