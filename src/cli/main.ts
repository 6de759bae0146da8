/** argv to exit code: the only place that catches everything and the only one that decides the exit. */
import { join } from "node:path";
import { version } from "../version.ts";
import { loadScript } from "./code-cache.ts";
import { optimiseAsUsual } from "./engine.ts";

/** Runs the command line of `process` and returns its exit code. */
export async function main(process: NodeJS.Process): Promise<number> {
  const argv = process.argv.slice(2);
  // The version answers before anything heavy is loaded: 1.6 times `node -e 0` is the budget.
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    process.stdout.write(`pgwright ${version}\n`);
    return 0;
  }
  // run.ts as the build makes it.
  const path = join(import.meta.dirname, "run.script.js");
  const script = loadScript<typeof import("./run.ts")>(path, process.env, argv);
  const { exit, ran } = await script.exports.runCommandLine(process, argv);
  if (ran !== undefined) {
    optimiseAsUsual(process.versions.node);
    script.keep(ran);
  }
  return exit;
}
