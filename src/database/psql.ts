import { keywords, settingVariables } from "../db/libpq/keywords.ts";
import type { ConnectionOptions } from "../db/libpq.ts";
import { PgwrightError } from "../errors.ts";
import { connectionParameters } from "./connection-string.ts";

/** Runs a program in the foreground of the terminal and returns its exit status. */
export type ForegroundRunner = (
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
) => Promise<number>;

/**
 * Opens psql on a connection and returns its exit status. Everything goes through PG* variables:
 * arguments are visible to every user of the machine.
 *
 * @throws PgwrightError `program-missing`.
 */
export async function runPsql(
  options: ConnectionOptions,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  run: ForegroundRunner,
): Promise<number> {
  try {
    return await run("psql", args, psqlEnvironment(options, environment));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new PgwrightError("program-missing", "psql is not installed", {
      cause: error,
      hint: "install PostgreSQL's client programs, or give another client the output of `pgwright db url`",
    });
  }
}

/** The caller's environment with the PG* variables replaced by those of this connection. */
export function psqlEnvironment(
  options: ConnectionOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const result = { ...environment };
  // What is left out below must not come from variables that meant another connection.
  for (const { variable } of keywords.values()) {
    if (variable !== undefined && variable !== "PGPASSFILE") delete result[variable];
  }
  delete result["PGREQUIRESSL"];
  for (const [name, value] of connectionParameters(options)) {
    const variable = keywords.get(name)?.variable;
    if (variable !== undefined) result[variable] = value;
  }
  for (const [variable, setting] of Object.entries(settingVariables)) {
    result[variable] = options.startupSettings[setting];
  }
  return result;
}
