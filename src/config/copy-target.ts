/** Which database a masked copy goes to. */
import { PgwrightError } from "../errors.ts";
import { readerOfEnvFile, readerOfEnvironment, requireValue, withName } from "./choice-source.ts";
import type { Config } from "./load.ts";

const variable = "PGWRIGHT_TARGET_URL";

/**
 * The connection string of `--target`, else of PGWRIGHT_TARGET_URL, else of that in `.env`.
 *
 * @throws PgwrightError `usage` where nothing names one, `variable-unresolved` for an empty one.
 */
export function chooseCopyTarget(config: Config, flag: string | undefined): string {
  const found =
    withName("--target", flag) ??
    readerOfEnvironment(config)(variable) ??
    readerOfEnvFile(config)(variable);
  if (found !== undefined) return requireValue(found);
  throw new PgwrightError("usage", "nothing says where the copy goes", {
    hint: `name an empty database with \`--target <url>\` or ${variable}, or a directory with \`--output <dir>\``,
  });
}
