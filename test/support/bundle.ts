import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const project = join(import.meta.dirname, "..", "..");

/**
 * A TypeScript file of test/support as one JavaScript file that `node` can run, for what only a
 * process of its own can show: being killed, racing others, running as another user.
 *
 * It stands inside the project's node_modules by default, so that it finds the packages that are
 * looked up at run time; `folder` puts it elsewhere.
 */
export async function bundle(
  name: string,
  folder?: string,
): Promise<{ readonly path: string } & AsyncDisposable> {
  const cache = join(project, "node_modules", ".cache");
  await mkdir(cache, { recursive: true });
  const own = folder === undefined ? await mkdtemp(join(cache, "pgwright-test-")) : undefined;
  if (own !== undefined) await chmod(own, 0o755); // also for a process of another user
  const path = join(own ?? folder ?? "", `${name}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    loader: { ".sql": "text" },
    logLevel: "error",
  });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(own ?? path, { recursive: true, force: true });
    },
  };
}
