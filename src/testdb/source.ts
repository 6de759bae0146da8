import { resolve } from "node:path";
import type { Settings } from "../config/schema.ts";
import { projectSource, type TemplateSource } from "./project.ts";

/**
 * Where a template comes from: the project's files, or a dump.
 *
 * @param from path of the dump, as given; relative to `directory`.
 * @throws PgwrightError `usage` when the dump cannot be read.
 */
export async function chooseSource(
  settings: Settings,
  directory: string,
  from: string | undefined,
): Promise<TemplateSource> {
  if (from === undefined) return projectSource(settings);
  const { dumpSource, requireDump } = await import("./dump-source.ts");
  const path = resolve(directory, from);
  await requireDump(path, from);
  return dumpSource(path, from);
}
