/** Flags and PGWRIGHT_* variables that replace settings of pgwright.yaml. */
import { resolve } from "node:path";
import { parseDuration } from "./duration.ts";
import type { EnvFile } from "./env-file.ts";
import type { ConfigFlags } from "./load.ts";
import type { Mistake } from "./mistake.ts";
import type { Origin } from "./origin.ts";
import { describeOrigin } from "./origin.ts";
import type { Settings } from "./schema.ts";

interface Sources {
  readonly flags: ConfigFlags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly envFile: EnvFile | undefined;
}

interface Found {
  readonly value: string;
  readonly origin: Origin;
}

/** Finds the strongest of flag, environment variable and `.env`; empty values count. */
export type LookUp = (flag: keyof ConfigFlags, variable: string) => Found | undefined;

export function lookUpIn({ flags, environment, envFile }: Sources): LookUp {
  return (flag, variable) => {
    const typed = flags[flag];
    if (typeof typed === "string") {
      return { value: typed, origin: { kind: "flag", flag: flagName(flag) } };
    }
    const value = environment[variable];
    if (value !== undefined) return { value, origin: { kind: "variable", variable } };
    const entry = envFile?.values.get(variable);
    return entry && { value: entry.value, origin: { kind: "env-file", variable, at: entry.at } };
  };
}

function flagName(flag: keyof ConfigFlags): string {
  return `--${flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

const timeouts = [
  ["lock_timeout", "lockTimeout", "PGWRIGHT_LOCK_TIMEOUT"],
  ["lock_budget", "lockBudget", "PGWRIGHT_LOCK_BUDGET"],
  ["statement_timeout", "statementTimeout", "PGWRIGHT_STATEMENT_TIMEOUT"],
] as const;

/** Puts flags and variables over the settings of the file. */
export function applyOverrides(
  base: Settings,
  origins: Map<string, Origin>,
  lookUp: LookUp,
  mistakes: Mistake[],
): { settings: Settings; origins: Map<string, Origin> } {
  let settings = base;
  const reject = ({ origin }: Found, why: string) => {
    const at = origin.kind === "env-file" ? origin.at : undefined;
    const name = origin.kind === "env-file" ? origin.variable : describeOrigin(origin);
    mistakes.push({ at, message: `${name} ${why}` });
  };
  const directory = lookUp("dir", "PGWRIGHT_DIR");
  if (directory?.value.trim() === "") reject(directory, "is empty");
  else if (directory !== undefined) {
    settings = { ...settings, migrations: { ...settings.migrations, directory: directory.value } };
    origins.set("migrations.directory", directory.origin);
  }
  for (const [setting, flag, variable] of timeouts) {
    const found = lookUp(flag, variable);
    if (found === undefined) continue;
    const duration = parseDuration(found.value.trim());
    if (typeof duration === "number") {
      settings = { ...settings, [setting]: duration };
      origins.set(setting, found.origin);
    } else {
      reject(found, found.value.trim() === "" ? "is empty" : duration.mistake);
    }
  }
  return { settings, origins };
}

/** A directory in pgwright.yaml or `.env` counts from there, one that was typed from here. */
export function absoluteDirectories(
  settings: Settings,
  origins: ReadonlyMap<string, Origin>,
  base: { readonly directory: string; readonly workingDirectory: string },
): Settings {
  const absolute = (section: "migrations" | "policies" | "seeds") => {
    const kind = origins.get(`${section}.directory`)?.kind;
    const isTyped = kind === "flag" || kind === "variable";
    const from = isTyped ? base.workingDirectory : base.directory;
    return resolve(from, settings[section].directory);
  };
  return {
    ...settings,
    migrations: { ...settings.migrations, directory: absolute("migrations") },
    policies: { ...settings.policies, directory: absolute("policies") },
    seeds: { ...settings.seeds, directory: absolute("seeds") },
  };
}
