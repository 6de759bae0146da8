/**
 * The rule that says which database a command uses: flags, then environment variables, then
 * `.env`, then pgwright.yaml. An environment that is named uses only its own section.
 */
import { PgwrightError } from "../errors.ts";
import type { Named, Reader } from "./choice-source.ts";
import {
  ambiguous,
  directUrlFlag,
  findVariable,
  isOn,
  readerOfEnvFile,
  readerOfEnvironment,
  requireValue,
  urlTarget,
  withName,
} from "./choice-source.ts";
import type { Target } from "./environment.ts";
import { isSameDatabase, listEnvironmentsOf, resolveEnvironment } from "./environment.ts";
import type { Config } from "./load.ts";
import { describeOrigin } from "./origin.ts";

interface ChoiceBase {
  /** The environment of pgwright.yaml this database belongs to. */
  readonly environmentName: string | undefined;
  readonly isProtected: boolean;
  /** What decided, in words: "DATABASE_URL", "--env production". */
  readonly origin: string;
}

export type DatabaseChoice = ChoiceBase & (Target | { readonly kind: "libpq" });

/**
 * Chooses the database; opens nothing.
 *
 * @throws PgwrightError `no-database`, `database-ambiguous`, `variable-unresolved`,
 * `environment-unknown`, `connection-invalid`, or `config-invalid` for PGWRIGHT_EMBEDDED.
 */
export function chooseDatabase(config: Config): DatabaseChoice {
  const choice =
    chooseByFlag(config) ??
    chooseNamedEnvironment(config) ??
    chooseByVariable(config, readerOfEnvironment(config)) ??
    chooseByVariable(config, readerOfEnvFile(config)) ??
    chooseDefaultEnvironment(config);
  if (choice === undefined) throw noDatabase(config);
  return choice;
}

function chooseByFlag(config: Config): DatabaseChoice | undefined {
  const { embedded, url, env } = config.flags;
  const direct = directUrlFlag(config);
  const isEmbedded = embedded === true;
  if (!isEmbedded && url === undefined) return undefined;
  if (isEmbedded && url !== undefined) throw ambiguous("--embedded", "--url");
  if (isEmbedded && direct !== undefined) throw ambiguous("--embedded", direct.name);
  const flag = isEmbedded ? "--embedded" : "--url";
  const target: Target =
    url === undefined ? { kind: "embedded" } : urlTarget({ name: flag, value: url }, direct);
  if (env !== undefined && !isSameDatabase(target, resolveNamed(config, env, "--env"))) {
    throw ambiguous(flag, `--env ${env}`);
  }
  return choose(config, target, flag, env);
}

function chooseNamedEnvironment(config: Config): DatabaseChoice | undefined {
  const { environmentName: name, environmentOrigin: origin } = config;
  if (name === undefined || origin === undefined || origin.kind === "file") return undefined;
  const askedBy = describeOrigin(origin);
  const target = resolveNamed(config, name, askedBy);
  const asked = `${askedBy}${origin.kind === "flag" ? " " : "="}${name}`;
  for (const variable of ["PGWRIGHT_URL", "DATABASE_URL"]) {
    const rival = findVariable(config, variable);
    if (rival !== undefined && !isSameDatabase(target, { kind: "url", url: rival.value.trim() })) {
      throw ambiguous(
        asked,
        rival.name,
        `unset ${variable} for this command, or leave out ${askedBy}`,
      );
    }
  }
  const embedded = findVariable(config, "PGWRIGHT_EMBEDDED");
  if (target.kind !== "embedded" && embedded !== undefined && isOn(embedded)) {
    throw ambiguous(asked, embedded.name);
  }
  return chooseSection(config, name, target, asked);
}

function chooseDefaultEnvironment(config: Config): DatabaseChoice | undefined {
  const name = config.settings.default_environment;
  if (name === undefined) return undefined;
  const target = resolveEnvironment(config, name, "default_environment");
  return chooseSection(config, name, target, `environment ${name}`);
}

/** An environment's section, with --direct-url over its own; another direct URL beside it is an error. */
function chooseSection(config: Config, name: string, target: Target, origin: string) {
  const flag = directUrlFlag(config);
  if (target.kind === "embedded") {
    const direct = flag ?? findVariable(config, "PGWRIGHT_DIRECT_URL");
    if (direct !== undefined) throw ambiguous(direct.name, `${origin} (the embedded server)`);
    return choose(config, target, origin, name);
  }
  if (flag !== undefined) {
    return choose(config, { ...target, directUrl: requireValue(flag) }, origin, name);
  }
  const rival = findVariable(config, "PGWRIGHT_DIRECT_URL");
  if (rival !== undefined && rival.value.trim() !== target.directUrl) {
    throw ambiguous(rival.name, origin, `write it as environments.${name}.direct_url`);
  }
  return choose(config, target, origin, name);
}

function chooseByVariable(config: Config, read: Reader): DatabaseChoice | undefined {
  const embedded = read("PGWRIGHT_EMBEDDED");
  const url = read("PGWRIGHT_URL") ?? read("DATABASE_URL");
  const direct = directUrlFlag(config) ?? read("PGWRIGHT_DIRECT_URL");
  if (embedded !== undefined && isOn(embedded)) {
    const rival = [read("PGWRIGHT_URL"), direct].find((other) => other?.value.trim());
    if (rival !== undefined) throw ambiguous(embedded.name, rival.name);
    return choose(config, { kind: "embedded" }, embedded.name);
  }
  if (url !== undefined) {
    refuseForeignDirectUrl(config, url, direct);
    return choose(config, urlTarget(url, direct), url.name);
  }
  return chooseByLibpq(read, direct);
}

/** A direct URL from the environment beside a URL from the weaker `.env` is no pair. */
function refuseForeignDirectUrl(config: Config, url: Named, direct: Named | undefined): void {
  const stronger = withName("PGWRIGHT_DIRECT_URL", config.environment["PGWRIGHT_DIRECT_URL"]);
  const isPair = direct?.name === "--direct-url" || !url.name.endsWith(" in .env");
  if (!isPair && stronger?.value.trim()) throw ambiguous(stronger.name, url.name);
}

function chooseByLibpq(read: Reader, direct: Named | undefined): DatabaseChoice | undefined {
  const found = ["PGSERVICE", "PGHOST", "PGDATABASE"].flatMap((variable) => read(variable) ?? []);
  if (found[0] === undefined) return undefined;
  for (const variable of found) requireValue(variable);
  if (direct !== undefined) {
    throw ambiguous(direct.name, found[0].name, `give the pooled one as a URL too, with --url`);
  }
  const origin = found.map(({ name }) => name).join(", ");
  return { kind: "libpq", environmentName: undefined, isProtected: false, origin };
}

/**
 * A URL that pgwright.yaml also has belongs to that environment, however it was given: otherwise
 * production named by DATABASE_URL would not be protected.
 */
function choose(config: Config, target: Target, origin: string, name?: string): DatabaseChoice {
  const matches = listEnvironmentsOf(config, target);
  const match =
    matches.find((one) => one.name === (name ?? config.environmentName)) ??
    matches.find((one) => one.isProtected) ??
    matches[0];
  const inherited = match?.target.kind === "url" ? match.target.directUrl : undefined;
  const complete: Target =
    target.kind === "url" && target.directUrl === undefined && inherited !== undefined
      ? { ...target, directUrl: inherited }
      : target;
  return {
    ...complete,
    environmentName: name ?? match?.name,
    isProtected: matches.some((one) => one.isProtected),
    origin,
  };
}

function resolveNamed(config: Config, name: string, askedBy: string): Target {
  return resolveEnvironment(config, requireValue({ name: askedBy, value: name }), askedBy);
}

function noDatabase(config: Config): PgwrightError {
  const names = Object.keys(config.settings.environments);
  return new PgwrightError("no-database", "nothing says which database to use", {
    notes: [
      config.file === undefined
        ? `there is no pgwright.yaml in ${config.directory} or above`
        : names.length > 0
          ? `pgwright.yaml has ${names.join(", ")}, but neither --env nor default_environment chooses one`
          : "pgwright.yaml has no environments",
    ],
    hint: [
      ...(names.length > 0
        ? [
            `choose one: \`--env ${names[0]}\`, or \`default_environment: ${names[0]}\` in pgwright.yaml`,
          ]
        : []),
      `${names.length > 0 ? "or " : ""}name a database: \`--url postgres://user@host/database\` or DATABASE_URL`,
      "or use the embedded server: `--embedded` or `database: embedded` in an environment of pgwright.yaml" +
        (config.file === undefined ? "; `pgwright init` writes one" : ""),
    ].join("\n"),
  });
}
