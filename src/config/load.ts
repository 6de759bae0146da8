/** Configuration from flags, environment variables, `.env` and pgwright.yaml, strongest first. */
import { dirname, join, resolve } from "node:path";
import type { Location } from "../errors.ts";
import { PgwrightError } from "../errors.ts";
import { defaultSettings } from "./defaults.ts";
import type { EnvFile } from "./env-file.ts";
import { readEnvFile } from "./env-file.ts";
import type { Mistake } from "./mistake.ts";
import { shownPath, throwMistakes } from "./mistake.ts";
import type { Origin } from "./origin.ts";
import { readTextFile } from "./text-file.ts";
import { absoluteDirectories, applyOverrides, lookUpIn } from "./override.ts";
import { findProjectFile } from "./project.ts";
import type { Settings } from "./schema.ts";

export interface ConfigFlags {
  readonly url?: string | undefined;
  readonly directUrl?: string | undefined;
  readonly config?: string | undefined;
  readonly env?: string | undefined;
  readonly dir?: string | undefined;
  readonly embedded?: boolean | undefined;
  readonly lockTimeout?: string | undefined;
  readonly lockBudget?: string | undefined;
  readonly statementTimeout?: string | undefined;
}

export interface ConfigInput {
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly flags: ConfigFlags;
}

export interface Config {
  /** Absolute path of pgwright.yaml; undefined in a folder that has none. */
  readonly file: string | undefined;
  /** The project: the folder of pgwright.yaml, else the working directory. Absolute. */
  readonly directory: string;
  readonly workingDirectory: string;
  /** Every setting, complete; times in milliseconds, directories absolute. */
  readonly settings: Settings;
  /** Where each setting comes from, by its dotted path: `migrations.directory`. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** The chosen environment; whether it decides the database is for chooseDatabase() to say. */
  readonly environmentName: string | undefined;
  readonly environmentOrigin: Origin | undefined;
  /** Environment variables over those of `.env`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly flags: ConfigFlags;
  /** Environment variables without `.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly envFile: EnvFile | undefined;
}

/**
 * Loads the configuration. pgwright.yaml is looked for from the working directory upward, `.env`
 * beside it (without a project: in the working directory). Opens no connection.
 *
 * @throws PgwrightError `config-invalid` with every mistake in both files, the PGWRIGHT_*
 * variables and the flags at once; `config-not-found` for a missing `--config`.
 */
export async function loadConfig(input: ConfigInput): Promise<Config> {
  const { environment, flags } = input;
  const workingDirectory = resolve(input.workingDirectory);
  const mistakes: Mistake[] = [];
  const file = await findFile(input);
  const directory = file === undefined ? workingDirectory : dirname(file);
  const envPath = join(directory, ".env");
  const envFile = await readEnvFile(envPath, shownPath(workingDirectory, envPath), mistakes);
  const written = file === undefined ? undefined : await readFileSettings(input, file, mistakes);

  const lookUp = lookUpIn({ flags, environment, envFile });
  const stray = envFile?.values.get("PGWRIGHT_CONFIG");
  if (stray !== undefined && flags.config === undefined && !environment["PGWRIGHT_CONFIG"]) {
    mistakes.push({
      at: stray.at,
      message: "PGWRIGHT_CONFIG has no effect here: this file is found through pgwright.yaml",
    });
  }
  const { settings, origins } = applyOverrides(
    written?.settings ?? defaultSettings,
    originsOf(written?.locations),
    lookUp,
    mistakes,
  );
  throwMistakes(mistakes);

  const environmentName = lookUp("env", "PGWRIGHT_ENV") ?? {
    value: settings.default_environment,
    origin: origins.get("default_environment"),
  };
  return {
    file,
    directory,
    workingDirectory,
    settings: absoluteDirectories(settings, origins, { directory, workingDirectory }),
    origins,
    environmentName: environmentName.value,
    environmentOrigin: environmentName.origin,
    variables: { ...valuesOf(envFile), ...environment },
    flags,
    environment,
    envFile,
  };
}

async function findFile({ workingDirectory, environment, flags }: ConfigInput) {
  const named = flags.config ?? environment["PGWRIGHT_CONFIG"];
  if (named === undefined) return findProjectFile(workingDirectory);
  if (named.trim() !== "") return resolve(workingDirectory, named);
  throw new PgwrightError(
    "config-not-found",
    `${flags.config === undefined ? "PGWRIGHT_CONFIG" : "--config"} is empty`,
    { hint: "name a file, or leave it out to search for pgwright.yaml from here upward" },
  );
}

async function readFileSettings(input: ConfigInput, file: string, mistakes: Mistake[]) {
  const shownAs = shownPath(input.workingDirectory, file);
  let source: string;
  try {
    source = await readTextFile(file, shownAs, "config-invalid");
  } catch (error) {
    if (error instanceof PgwrightError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT"
        ? "does not exist"
        : code === "EISDIR"
          ? "is a folder"
          : `cannot be read (${code ?? String(error)})`;
    throw new PgwrightError("config-not-found", `the configuration file ${shownAs} ${why}`, {
      hint:
        code === "ENOENT"
          ? "`pgwright init` writes a new one"
          : code === "EISDIR"
            ? "move the folder away, or name a file with --config"
            : "make it readable, or name another file with --config",
      cause: error,
    });
  }
  // yaml and zod take longer to load than the rest of a command: only where there is a file.
  const { parseConfigFile } = await import("./file.ts");
  return parseConfigFile(source, shownAs, mistakes);
}

function originsOf(locations: ReadonlyMap<string, Location> = new Map()): Map<string, Origin> {
  return new Map([...locations].map(([path, at]) => [path, { kind: "file", at }]));
}

function valuesOf(envFile: EnvFile | undefined): Record<string, string> {
  return Object.fromEntries([...(envFile?.values ?? [])].map(([name, { value }]) => [name, value]));
}
