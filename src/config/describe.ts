/** The configuration as people may see it: every value with its origin and without passwords. */
import { redact } from "../db/redact.ts";
import { PgwrightError } from "../errors.ts";
import { chooseDatabase } from "./database.ts";
import type { DatabaseChoice } from "./database.ts";
import { formatDuration } from "./duration.ts";
import type { Config } from "./load.ts";
import { shownPath } from "./mistake.ts";
import { describeOrigin } from "./origin.ts";

export interface ConfigReport {
  readonly file: string | null;
  readonly directory: string;
  readonly envFile: string | null;
  readonly database: DatabaseReport | null;
  /** Why no database can be chosen now; the settings are right all the same. */
  readonly problem: ConfigProblem | null;
  readonly settings: readonly SettingReport[];
}

interface DatabaseReport {
  readonly kind: DatabaseChoice["kind"];
  /** The flag, variable or environment that decided. */
  readonly origin: string;
  readonly environment: string | null;
  readonly isProtected: boolean;
  readonly url?: string;
  readonly directUrl?: string;
}

interface ConfigProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

interface SettingReport {
  /** Dotted path in pgwright.yaml. */
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

/** Describes a configuration and the database it leads to; connects to nothing. */
export function describeConfig(config: Config): ConfigReport {
  return {
    file: config.file ?? null,
    directory: config.directory,
    envFile: config.envFile?.file ?? null,
    ...describeDatabase(config),
    settings: listSettings(config),
  };
}

function describeDatabase(config: Config): Pick<ConfigReport, "database" | "problem"> {
  try {
    const choice = chooseDatabase(config);
    const database: DatabaseReport = {
      kind: choice.kind,
      origin: choice.origin,
      environment: choice.environmentName ?? null,
      isProtected: choice.isProtected,
      ...(choice.kind === "url" ? { url: redact(choice.url) } : {}),
      ...(choice.kind === "url" && choice.directUrl !== undefined
        ? { directUrl: redact(choice.directUrl) }
        : {}),
    };
    return { database, problem: null };
  } catch (error) {
    // Showing why there is none is this report's work; anything else is a bug and goes on.
    if (!(error instanceof PgwrightError)) throw error;
    const { code, message, details } = error;
    return { database: null, problem: { code, message, hint: details.hint ?? null } };
  }
}

function listSettings(config: Config): SettingReport[] {
  return flatten(config.settings, []).map(({ path, value }) => {
    const name = path.join(".");
    const origin = config.origins.get(name);
    return {
      name,
      value: printable(config, path, value),
      origin: origin === undefined ? "default" : describeOrigin(origin),
    };
  });
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: unknown;
}

function flatten(value: unknown, path: readonly string[]): Leaf[] {
  if (value === undefined) return [];
  if (typeof value !== "object" || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, [...path, key]));
}

function printable(config: Config, path: readonly string[], value: unknown): string {
  if (path.length === 1 && typeof value === "number") return formatDuration(value);
  if (path.at(-1) === "directory") return shownPath(config.workingDirectory, String(value));
  return redact(String(value));
}
