/** Reads pgwright.yaml. */
import type { Location } from "../errors.ts";
import type { Mistake } from "./mistake.ts";
import type { Settings } from "./schema.ts";
import { configSchema } from "./schema.ts";
import { parseYamlFile } from "./yaml-file.ts";

export interface ConfigFile {
  readonly settings: Settings;
  /** Where a setting's key stands, by dotted path; only what the file itself says. */
  readonly locations: ReadonlyMap<string, Location>;
}

/** Parses and checks the text of a pgwright.yaml; undefined after any mistake. */
export function parseConfigFile(
  source: string,
  file: string,
  mistakes: Mistake[],
): ConfigFile | undefined {
  const parsed = parseYamlFile(configSchema, source, file, mistakes);
  return parsed && { settings: parsed.data, locations: parsed.locations };
}
