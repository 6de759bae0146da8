import { appendFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolders } from "../db/make-folders.ts";
import { PgwrightError } from "../errors.ts";
import type { InitPlan, InitStep } from "./plan.ts";

/**
 * Carries out a plan. A file that appeared since is not overwritten.
 *
 * @throws PgwrightError `file-exists` or `file-unwritable`, with the files written before it;
 * after the cause is gone `init` can run again, because pgwright.yaml comes last.
 */
export async function applyInit(plan: InitPlan): Promise<void> {
  const written: string[] = [];
  for (const step of plan.steps.filter(({ action }) => action !== "keep")) {
    try {
      await write(plan.directory, step);
    } catch (error) {
      throw failure(join(plan.directory, step.path), written, error as NodeJS.ErrnoException);
    }
    written.push(step.path);
  }
}

async function write(directory: string, { action, path, content }: InitStep): Promise<void> {
  const target = join(directory, path);
  await makeFolders(dirname(target));
  if (action === "append") await appendFile(target, content);
  else await writeFile(target, content, { flag: "wx" });
}

function failure(
  target: string,
  written: readonly string[],
  cause: NodeJS.ErrnoException,
): PgwrightError {
  const code = cause.code === "EEXIST" ? "file-exists" : "file-unwritable";
  const why = cause.message.replace(/, \w+ '.*$/s, "");
  // The folder that could not be made, where it is not the file itself.
  return new PgwrightError(code, `could not write ${cause.path ?? target}: ${why}`, {
    notes: [`written before it: ${written.length === 0 ? "nothing" : written.join(", ")}`],
    hint: "when the cause is gone, run `pgwright init` again: it keeps what is there",
    result: { written },
    // "Nothing was attempted" would be untrue once something is written.
    ...(written.length === 0 ? {} : { exit: 4 }),
    cause,
  });
}
