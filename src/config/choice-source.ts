/** Values that name a database, each with the flag or variable it comes from. */
import { PgwrightError } from "../errors.ts";
import type { Target } from "./environment.ts";
import type { Config } from "./load.ts";
import { listReferences } from "./template.ts";

export interface Named {
  /** As messages show it: `--url`, `DATABASE_URL`, `DATABASE_URL in .env`. */
  readonly name: string;
  readonly value: string;
}

/** Reads variables of one level; everything a strong level says comes before a weaker one. */
export type Reader = (variable: string) => Named | undefined;

export function readerOfEnvironment(config: Config): Reader {
  return (variable) => withName(variable, config.environment[variable]);
}

export function readerOfEnvFile(config: Config): Reader {
  return (variable) => withName(`${variable} in .env`, config.envFile?.values.get(variable)?.value);
}

/** The strongest of environment variable and `.env`; one that is empty names nothing. */
export function findVariable(config: Config, variable: string): Named | undefined {
  const found = readerOfEnvironment(config)(variable) ?? readerOfEnvFile(config)(variable);
  return found === undefined || found.value.trim() === "" ? undefined : found;
}

export function directUrlFlag(config: Config): Named | undefined {
  return withName("--direct-url", config.flags.directUrl);
}

export function withName(name: string, value: string | undefined): Named | undefined {
  return value === undefined ? undefined : { name, value };
}

export function urlTarget(url: Named, direct: Named | undefined): Target & { kind: "url" } {
  return {
    kind: "url",
    url: requireValue(url),
    ...(direct === undefined ? {} : { directUrl: requireValue(direct) }),
  };
}

/**
 * The value without surrounding white space, which secrets pick up on their way.
 *
 * @throws PgwrightError `variable-unresolved` when nothing is left, or a `${NAME}` is in it that
 * a shell or `.env` was expected to replace: a lost secret must never look like success.
 */
export function requireValue({ name, value }: Named): string {
  const text = value.trim();
  if (text === "") {
    const isFlag = name.startsWith("--");
    throw new PgwrightError(
      "variable-unresolved",
      isFlag ? `${name} is empty` : `${name} is set but empty`,
      { hint: `give it a value, or ${isFlag ? "leave it out" : "unset it"}` },
    );
  }
  const [reference] = listReferences(text);
  if (reference !== undefined) {
    throw new PgwrightError(
      "variable-unresolved",
      `${name} contains \`\${${reference}}\`, which nothing replaced`,
      { hint: "only `environments` of pgwright.yaml replaces variables; write the value out here" },
    );
  }
  return text;
}

/** True for a switch that is on. */
export function isOn({ name, value }: Named): boolean {
  const text = value.trim().toLowerCase();
  if (["1", "true", "yes", "on"].includes(text)) return true;
  if (["0", "false", "no", "off"].includes(text)) return false;
  throw new PgwrightError("config-invalid", `${name} must be true or false`);
}

/** Two settings that cannot both hold. */
export function ambiguous(one: string, other: string, hint?: string): PgwrightError {
  return new PgwrightError("database-ambiguous", `${one} and ${other} name different databases`, {
    hint: hint ?? `keep one of them`,
  });
}
