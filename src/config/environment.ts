/** One environment of pgwright.yaml, with its variables filled in. */
import type { Location } from "../errors.ts";
import { PgwrightError } from "../errors.ts";
import type { Config } from "./load.ts";
import { findNearest } from "./nearest.ts";
import { fillTemplate, isCredential, listReferences } from "./template.ts";

/** What an environment names. */
export type Target =
  | { readonly kind: "embedded" }
  | { readonly kind: "url"; readonly url: string; readonly directUrl?: string };

/**
 * The database of an environment.
 *
 * @param askedBy what named the environment, for messages: `--env`.
 * @throws PgwrightError `environment-unknown`; `variable-unresolved` for every `${NAME}` that is
 * not set or empty; `connection-invalid` for a value that would change the meaning of the URL.
 */
export function resolveEnvironment(config: Config, name: string, askedBy: string): Target {
  if (!Object.hasOwn(config.settings.environments, name)) {
    throw unknownEnvironment(config, name, askedBy);
  }
  const target = examine(config, name);
  if (target instanceof PgwrightError) throw target;
  return target;
}

/** Every environment that names this very database; those not resolvable now are left out. */
export function listEnvironmentsOf(config: Config, wanted: Target) {
  return Object.entries(config.settings.environments).flatMap(([name, section]) => {
    const target = examine(config, name);
    const isMatch = !(target instanceof PgwrightError) && isSameDatabase(target, wanted);
    return isMatch ? [{ name, target, isProtected: section.protected }] : [];
  });
}

/** Compares URLs as written: two ways to write one database count as different. */
export function isSameDatabase(one: Target, other: Target): boolean {
  return one.kind === "url" && other.kind === "url"
    ? one.url === other.url
    : one.kind === other.kind;
}

function examine(config: Config, name: string): Target | PgwrightError {
  const { url, direct_url: directUrl } = config.settings.environments[name] ?? {};
  if (url === undefined) return { kind: "embedded" };
  const templates = [url, ...(directUrl === undefined ? [] : [directUrl])];
  const references = new Set(templates.flatMap(listReferences));
  const missing = [...references].filter((variable) => !config.variables[variable]?.trim());
  if (missing.length > 0) return unresolvedVariables(config, name, missing);
  for (const variable of references) {
    const value = config.variables[variable] ?? "";
    const isPart = templates.some((template) => isCredential(template, variable));
    if (isPart && breaksUrl(value)) return unsafeCredential(variable);
  }
  const fill = (template: string) =>
    fillTemplate(template, (variable) => config.variables[variable] ?? "").trim();
  return {
    kind: "url",
    url: fill(url),
    ...(directUrl === undefined ? {} : { directUrl: fill(directUrl) }),
  };
}

/** "p@ss" between `:` and `@` would make "ss@host" the server's name. */
function breaksUrl(credential: string): boolean {
  return /[@/?#\s]|%(?![0-9a-f]{2})/i.test(credential);
}

function unsafeCredential(variable: string): PgwrightError {
  return new PgwrightError(
    "connection-invalid",
    `the value of ${variable} has a character that ends a user name or password in a URL`,
    { hint: "percent-encode it: @ is %40, / is %2F, ? is %3F, # is %23, % is %25" },
  );
}

function unresolvedVariables(
  config: Config,
  name: string,
  variables: readonly string[],
): PgwrightError {
  const states = variables.map((variable) =>
    config.variables[variable] === undefined
      ? `${variable} is not set`
      : `${variable} is set but empty`,
  );
  return new PgwrightError(
    "variable-unresolved",
    `environment ${name} needs ${variables.join(" and ")}: ${states.join(", ")}`,
    {
      at: locationOf(config, `environments.${name}.url`),
      hint: `export ${variables[0]}, or write it into .env beside pgwright.yaml`,
    },
  );
}

function unknownEnvironment(config: Config, name: string, askedBy: string): PgwrightError {
  if (config.file === undefined) {
    return new PgwrightError(
      "environment-unknown",
      `${askedBy} names environment ${name}, but there is no pgwright.yaml here or above`,
      { hint: "run it in a project, name its file with --config, or begin one: `pgwright init`" },
    );
  }
  const known = Object.keys(config.settings.environments);
  const nearest = findNearest(name, known);
  return new PgwrightError(
    "environment-unknown",
    `${askedBy} names environment ${name}, which pgwright.yaml does not have`,
    {
      hint:
        nearest !== undefined
          ? `did you mean ${nearest}?`
          : known.length === 0
            ? "pgwright.yaml has no `environments` yet"
            : `it has ${known.join(", ")}`,
    },
  );
}

function locationOf(config: Config, path: string): Location | undefined {
  const origin = config.origins.get(path);
  return origin?.kind === "file" ? origin.at : undefined;
}
