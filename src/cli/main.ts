/** argv to exit code: the only place that catches everything and the only one that decides the exit. */
import { version } from "../version.ts";

/** Runs the command line of `process` and returns its exit code. */
export async function main(process: NodeJS.Process): Promise<number> {
  const argv = process.argv.slice(2);
  // The version answers before anything heavy is loaded: 1.6 times `node -e 0` is the budget.
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    process.stdout.write(`pgwright ${version}\n`);
    return 0;
  }
  // A file of its own in the build.
  const run = "./run.js";
  const { runCommandLine } = (await import(run)) as typeof import("./run.ts");
  return runCommandLine(process, argv);
}
