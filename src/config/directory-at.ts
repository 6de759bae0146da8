/** Where the migrations are by an older text of pgwright.yaml. */
import { join } from "node:path";
import { defaultSettings } from "./defaults.ts";
import type { Config } from "./load.ts";
import type { Mistake } from "./mistake.ts";

/** How this project says where its migrations are, by which a revision of it can be asked too. */
export function directorySetting({ file, directory, origins }: Config) {
  const path = file ?? join(directory, "pgwright.yaml");
  const kind = origins.get("migrations.directory")?.kind;
  return {
    file: path,
    isOverridden: kind === "flag" || kind === "variable" || kind === "env-file",
    /** As it is written; undefined where the text has mistakes. Without a file it is the usual one. */
    async read(text: string | undefined): Promise<string | undefined> {
      if (text === undefined) return defaultSettings.migrations.directory;
      const { parseConfigFile } = await import("./file.ts");
      const mistakes: Mistake[] = [];
      return parseConfigFile(text, path, mistakes)?.settings.migrations.directory;
    },
  };
}
