import { resolve } from "node:path";
import type { Settings } from "../config/schema.ts";
import { PgwrightError } from "../errors.ts";
import { projectSource, type TemplateSource } from "./project.ts";

export interface SourceChoice {
  /** Path of a dump as given, relative to the directory. */
  readonly from: string | undefined;
  /** Numbers of rows of seeds/ times this; undefined leaves the tables empty. */
  readonly seedScale: number | undefined;
}

/**
 * Where a template comes from: the project's files, or a dump.
 *
 * @throws PgwrightError `usage` when the dump cannot be read, or both are asked for.
 */
export async function chooseSource(
  settings: Settings,
  directory: string,
  { from, seedScale }: SourceChoice,
): Promise<TemplateSource> {
  if (from === undefined) return projectSource(settings, directory, seedScale);
  if (seedScale !== undefined) {
    throw new PgwrightError(
      "usage",
      "a dump brings its own rows, and seeds would be added to them",
      {
        hint: "give either the dump or the seeds",
      },
    );
  }
  const { dumpSource, requireDump } = await import("./dump-source.ts");
  const path = resolve(directory, from);
  await requireDump(path, from);
  return dumpSource(path, from);
}
