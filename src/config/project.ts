import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { PgwrightError } from "../errors.ts";

const configFileName = "pgwright.yaml";

/**
 * The pgwright.yaml of a folder or of the nearest folder above it; undefined when there is none.
 *
 * @throws PgwrightError `config-not-found` for a pgwright.yml in its place, which would
 * otherwise be passed over in silence.
 */
export function findProjectFile(workingDirectory: string): string | undefined {
  for (let directory = workingDirectory; ; directory = dirname(directory)) {
    const file = join(directory, configFileName);
    if (existsSync(file)) return file;
    const misnamed = join(directory, "pgwright.yml");
    if (existsSync(misnamed)) {
      throw new PgwrightError("config-not-found", `${misnamed} must be called ${configFileName}`, {
        hint: `mv ${misnamed} ${file}`,
      });
    }
    if (dirname(directory) === directory) return undefined;
  }
}
