import { describe, expect, test } from "vitest";
import { chooseDatabase } from "../../../src/config/database.ts";
import type { ConfigFlags } from "../../../src/config/load.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { PgwrightError } from "../../../src/errors.ts";
import { withFolder } from "../../support/folder.ts";

interface Case {
  readonly flags?: ConfigFlags;
  readonly variables?: Readonly<Record<string, string>>;
  /** Text of `.env`. */
  readonly dotenv?: string;
  /** Text of pgwright.yaml; null for a folder without. */
  readonly yaml?: string | null;
}

const project = `
default_environment: development
environments:
  development: { database: embedded }
  staging:
    url: postgres://staging
    direct_url: postgres://staging-direct
  production:
    url: "\${PRODUCTION_URL}"
    direct_url: "\${PRODUCTION_DIRECT_URL}"
    protected: true
  parts: { url: "postgres://app:\${APP_PASSWORD}@db.example/app" }
`;

const withoutDefault = project.replace(/^default_environment.*$/m, "");

const production = {
  PRODUCTION_URL: "postgres://production",
  PRODUCTION_DIRECT_URL: "postgres://production-direct",
};

async function choose({ flags = {}, variables = {}, dotenv, yaml = project }: Case) {
  await using folder = await withFolder({
    ...(dotenv === undefined ? {} : { ".env": dotenv }),
    ...(yaml === null ? {} : { "pgwright.yaml": yaml }),
  });
  const config = await loadConfig({
    workingDirectory: folder.path,
    environment: variables,
    flags,
  });
  return chooseDatabase(config);
}

/** "code: message" of the refusal. */
async function refusal(input: Case): Promise<string> {
  const error = await choose(input).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PgwrightError)) throw error ?? new Error("nothing was refused");
  expect(error.exit).toBe(2);
  return `${error.code}: ${error.message}`;
}

const url = (text: string) => ({ kind: "url", url: text });
const embedded = { kind: "embedded" };

describe("from the strongest to the weakest", () => {
  const everything = {
    flags: { url: "postgres://flag" },
    variables: {
      PGWRIGHT_URL: "postgres://own",
      DATABASE_URL: "postgres://common",
      PGHOST: "libpq",
    },
    dotenv: "PGWRIGHT_URL=postgres://dotenv-own\nDATABASE_URL=postgres://dotenv-common\nPGHOST=d\n",
  };
  const { variables } = everything;
  test.each<[string, Case, object]>([
    ["--url", everything, { ...url("postgres://flag"), origin: "--url" }],
    [
      "PGWRIGHT_URL",
      { ...everything, flags: {} },
      { ...url("postgres://own"), origin: "PGWRIGHT_URL" },
    ],
    [
      "DATABASE_URL",
      {
        ...everything,
        flags: {},
        variables: { DATABASE_URL: variables.DATABASE_URL, PGHOST: "h" },
      },
      { ...url("postgres://common"), origin: "DATABASE_URL" },
    ],
    [
      "PGHOST, which is stronger than all of .env",
      { ...everything, flags: {}, variables: { PGHOST: "h" } },
      { kind: "libpq", origin: "PGHOST" },
    ],
    ["PGSERVICE", { variables: { PGSERVICE: "s" } }, { kind: "libpq", origin: "PGSERVICE" }],
    [
      "PGDATABASE",
      { variables: { PGDATABASE: "d", PGSERVICE: "s" } },
      { kind: "libpq", origin: "PGSERVICE, PGDATABASE" },
    ],
    [
      "PGWRIGHT_URL in .env",
      { ...everything, flags: {}, variables: {} },
      { ...url("postgres://dotenv-own"), origin: "PGWRIGHT_URL in .env" },
    ],
    [
      "DATABASE_URL in .env",
      { dotenv: "DATABASE_URL=postgres://dotenv-common\nPGHOST=h" },
      { ...url("postgres://dotenv-common"), origin: "DATABASE_URL in .env" },
    ],
    ["PGHOST in .env", { dotenv: "PGHOST=h" }, { kind: "libpq", origin: "PGHOST in .env" }],
    [
      "default_environment",
      {},
      { ...embedded, environmentName: "development", origin: "environment development" },
    ],
  ])("%s", async (_, input, choice) => {
    expect(await choose(input)).toMatchObject(choice);
  });

  test("a variable of the environment replaces the one in .env", async () => {
    const input = {
      variables: { DATABASE_URL: "postgres://real" },
      dotenv: "DATABASE_URL=postgres://dotenv",
    };
    expect(await choose(input)).toMatchObject(url("postgres://real"));
  });

  test("PGUSER, PGPORT and PGPASSWORD alone name no database", async () => {
    const variables = { PGUSER: "u", PGPORT: "1", PGPASSWORD: "p" };
    expect(await choose({ variables })).toMatchObject(embedded);
    expect(await refusal({ variables, yaml: null })).toMatch(/^no-database:/);
  });

  test("works without a project", async () => {
    expect(await choose({ yaml: null, variables: { DATABASE_URL: " postgres://a\n" } })).toEqual({
      ...url("postgres://a"),
      environmentName: undefined,
      isProtected: false,
      origin: "DATABASE_URL",
    });
  });
});

describe("--env", () => {
  test.each<[string, Case, object]>([
    [
      "uses its section",
      { flags: { env: "staging" } },
      {
        ...url("postgres://staging"),
        directUrl: "postgres://staging-direct",
        environmentName: "staging",
        isProtected: false,
        origin: "--env staging",
      },
    ],
    [
      "fills in variables",
      { flags: { env: "production" }, variables: production },
      {
        ...url("postgres://production"),
        directUrl: "postgres://production-direct",
        environmentName: "production",
        isProtected: true,
      },
    ],
    [
      "fills in variables of .env",
      { flags: { env: "parts" }, dotenv: "APP_PASSWORD=a%40b" },
      url("postgres://app:a%40b@db.example/app"),
    ],
    ["may name the embedded server", { flags: { env: "development" } }, embedded],
    [
      "passes over PG* variables, which only fill gaps",
      { flags: { env: "staging" }, variables: { PGHOST: "h", PGDATABASE: "d", PGUSER: "u" } },
      url("postgres://staging"),
    ],
    [
      "agrees with the same DATABASE_URL",
      { flags: { env: "staging" }, variables: { DATABASE_URL: "postgres://staging" } },
      { ...url("postgres://staging"), origin: "--env staging" },
    ],
    [
      "agrees with the same --url",
      { flags: { env: "staging", url: "postgres://staging" } },
      { ...url("postgres://staging"), environmentName: "staging", origin: "--url" },
    ],
    [
      "wins over PGWRIGHT_ENV",
      { flags: { env: "staging" }, variables: { PGWRIGHT_ENV: "production" } },
      { environmentName: "staging" },
    ],
    [
      "wins over an empty DATABASE_URL",
      { flags: { env: "staging" }, variables: { DATABASE_URL: "" } },
      url("postgres://staging"),
    ],
    [
      "has a variable",
      { variables: { PGWRIGHT_ENV: "staging" } },
      { ...url("postgres://staging"), origin: "PGWRIGHT_ENV=staging" },
    ],
    ["can stand in .env", { dotenv: "PGWRIGHT_ENV=staging" }, url("postgres://staging")],
    [
      "in a variable is weaker than --url",
      { flags: { url: "postgres://x" }, variables: { PGWRIGHT_ENV: "staging" } },
      { ...url("postgres://x"), environmentName: undefined, isProtected: false },
    ],
    [
      "leaves unresolved variables of other sections alone",
      { flags: { env: "staging" }, variables: { PRODUCTION_URL: "" } },
      url("postgres://staging"),
    ],
  ])("%s", async (_, input, choice) => {
    expect(await choose(input)).toMatchObject(choice);
  });

  test.each<[string, Case, string]>([
    [
      "a different DATABASE_URL",
      { flags: { env: "staging" }, variables: { DATABASE_URL: "postgres://u:secret@x" } },
      "database-ambiguous: --env staging and DATABASE_URL name different databases",
    ],
    [
      "a different PGWRIGHT_URL",
      { flags: { env: "staging" }, variables: { PGWRIGHT_URL: "postgres://x" } },
      "database-ambiguous: --env staging and PGWRIGHT_URL name different databases",
    ],
    [
      "a different DATABASE_URL in .env",
      { flags: { env: "staging" }, dotenv: "DATABASE_URL=postgres://x" },
      "database-ambiguous: --env staging and DATABASE_URL in .env name different databases",
    ],
    [
      "DATABASE_URL beside the embedded server",
      { flags: { env: "development" }, variables: { DATABASE_URL: "postgres://x" } },
      "database-ambiguous: --env development and DATABASE_URL name different databases",
    ],
    [
      "DATABASE_URL beside PGWRIGHT_ENV",
      { variables: { PGWRIGHT_ENV: "staging", DATABASE_URL: "postgres://x" } },
      "database-ambiguous: PGWRIGHT_ENV=staging and DATABASE_URL name different databases",
    ],
    [
      "PGWRIGHT_EMBEDDED beside a URL",
      { flags: { env: "staging" }, variables: { PGWRIGHT_EMBEDDED: "1" } },
      "database-ambiguous: --env staging and PGWRIGHT_EMBEDDED name different databases",
    ],
    [
      "a different --url",
      { flags: { env: "staging", url: "postgres://x" } },
      "database-ambiguous: --url and --env staging name different databases",
    ],
    [
      "a foreign direct URL",
      { flags: { env: "staging" }, variables: { PGWRIGHT_DIRECT_URL: "postgres://x" } },
      "database-ambiguous: PGWRIGHT_DIRECT_URL and --env staging name different databases",
    ],
    [
      "missing variables, all of them",
      { flags: { env: "production" } },
      "variable-unresolved: environment production needs PRODUCTION_URL and PRODUCTION_DIRECT_URL: " +
        "PRODUCTION_URL is not set, PRODUCTION_DIRECT_URL is not set",
    ],
    [
      "an empty variable, even where .env has a value",
      {
        flags: { env: "production" },
        variables: { ...production, PRODUCTION_URL: " " },
        dotenv: "PRODUCTION_URL=postgres://x",
      },
      "variable-unresolved: environment production needs PRODUCTION_URL: PRODUCTION_URL is set but empty",
    ],
    [
      "a lost direct URL",
      { flags: { env: "production" }, variables: { PRODUCTION_URL: "postgres://x" } },
      "variable-unresolved: environment production needs PRODUCTION_DIRECT_URL: " +
        "PRODUCTION_DIRECT_URL is not set",
    ],
    [
      "a password that would change the URL's meaning",
      { flags: { env: "parts" }, variables: { APP_PASSWORD: "p@ss" } },
      "connection-invalid: the value of APP_PASSWORD has a character that ends a user name or password in a URL",
    ],
    [
      "a password that is no percent encoding",
      { flags: { env: "parts" }, variables: { APP_PASSWORD: "50%" } },
      "connection-invalid: the value of APP_PASSWORD has a character that ends a user name or password in a URL",
    ],
    ["an empty name", { flags: { env: "" } }, "variable-unresolved: --env is empty"],
    [
      "an empty PGWRIGHT_ENV, although there is a default",
      { variables: { PGWRIGHT_ENV: "" } },
      "variable-unresolved: PGWRIGHT_ENV is set but empty",
    ],
    [
      "an unknown environment",
      { flags: { env: "stagin" } },
      "environment-unknown: --env names environment stagin, which pgwright.yaml does not have",
    ],
    [
      "a name every object has",
      { flags: { env: "constructor" } },
      "environment-unknown: --env names environment constructor, which pgwright.yaml does not have",
    ],
    [
      "an environment without a project",
      { flags: { env: "staging" }, yaml: null },
      "environment-unknown: --env names environment staging, but there is no pgwright.yaml here or above",
    ],
  ])("refuses %s", async (_, input, message) => {
    expect(await refusal(input)).toBe(message);
  });
});

describe("--embedded", () => {
  test.each<[string, Case, object]>([
    [
      "beats every variable",
      {
        flags: { embedded: true },
        variables: {
          PGWRIGHT_URL: "postgres://x",
          DATABASE_URL: "",
          PGWRIGHT_ENV: "production",
          PGWRIGHT_DIRECT_URL: "postgres://y",
        },
      },
      { ...embedded, origin: "--embedded" },
    ],
    ["works without a project", { flags: { embedded: true }, yaml: null }, embedded],
    [
      "agrees with an embedded environment",
      { flags: { embedded: true, env: "development" } },
      { ...embedded, environmentName: "development" },
    ],
    [
      "has a variable, which beats DATABASE_URL",
      { variables: { PGWRIGHT_EMBEDDED: "true", DATABASE_URL: "postgres://x" } },
      { ...embedded, origin: "PGWRIGHT_EMBEDDED" },
    ],
    [
      "in a variable is weaker than --url",
      { flags: { url: "postgres://x" }, variables: { PGWRIGHT_EMBEDDED: "1" } },
      url("postgres://x"),
    ],
    [
      "can be off",
      { variables: { PGWRIGHT_EMBEDDED: "0", DATABASE_URL: "postgres://x" } },
      url("postgres://x"),
    ],
    ["can stand in .env", { dotenv: "PGWRIGHT_EMBEDDED=yes", yaml: null }, embedded],
  ])("%s", async (_, input, choice) => {
    expect(await choose(input)).toMatchObject(choice);
  });

  test.each<[string, Case, string]>([
    [
      "--url",
      { flags: { embedded: true, url: "postgres://x" } },
      "database-ambiguous: --embedded and --url name different databases",
    ],
    [
      "--direct-url",
      { flags: { embedded: true, directUrl: "postgres://x" } },
      "database-ambiguous: --embedded and --direct-url name different databases",
    ],
    [
      "an environment with a URL",
      { flags: { embedded: true, env: "staging" } },
      "database-ambiguous: --embedded and --env staging name different databases",
    ],
    [
      "PGWRIGHT_URL beside PGWRIGHT_EMBEDDED",
      { variables: { PGWRIGHT_EMBEDDED: "1", PGWRIGHT_URL: "postgres://x" } },
      "database-ambiguous: PGWRIGHT_EMBEDDED and PGWRIGHT_URL name different databases",
    ],
    [
      "PGWRIGHT_EMBEDDED that is neither",
      { variables: { PGWRIGHT_EMBEDDED: "" } },
      "config-invalid: PGWRIGHT_EMBEDDED must be true or false",
    ],
  ])("refuses %s", async (_, input, message) => {
    expect(await refusal(input)).toBe(message);
  });
});

describe("a lost secret never looks like success", () => {
  test.each<[string, Case, string]>([
    ["--url", { flags: { url: "" } }, "--url is empty"],
    ["--url of white space", { flags: { url: " \n" } }, "--url is empty"],
    [
      "PGWRIGHT_URL, although DATABASE_URL is there",
      { variables: { PGWRIGHT_URL: "", DATABASE_URL: "postgres://x" } },
      "PGWRIGHT_URL is set but empty",
    ],
    [
      "DATABASE_URL, although there is a default environment",
      { variables: { DATABASE_URL: "" } },
      "DATABASE_URL is set but empty",
    ],
    [
      "DATABASE_URL, although .env has one",
      { variables: { DATABASE_URL: "" }, dotenv: "DATABASE_URL=postgres://x" },
      "DATABASE_URL is set but empty",
    ],
    ["DATABASE_URL in .env", { dotenv: "DATABASE_URL=" }, "DATABASE_URL in .env is set but empty"],
    ["PGHOST", { variables: { PGHOST: "" } }, "PGHOST is set but empty"],
    [
      "PGHOST, although PGDATABASE is there",
      { variables: { PGHOST: "", PGDATABASE: "d" } },
      "PGHOST is set but empty",
    ],
    [
      "PGWRIGHT_DIRECT_URL",
      { variables: { PGWRIGHT_URL: "postgres://x", PGWRIGHT_DIRECT_URL: "" } },
      "PGWRIGHT_DIRECT_URL is set but empty",
    ],
    [
      "--direct-url beside an environment",
      { flags: { env: "staging", directUrl: "" } },
      "--direct-url is empty",
    ],
    [
      "a reference that nothing replaced",
      { variables: { DATABASE_URL: "postgres://u:${PASSWORD}@h/d" } },
      "DATABASE_URL contains `${PASSWORD}`, which nothing replaced",
    ],
  ])("%s", async (_, input, message) => {
    expect(await refusal(input)).toBe(`variable-unresolved: ${message}`);
  });
});

describe("the direct URL belongs to its URL", () => {
  test.each<[string, Case, object]>([
    [
      "--direct-url with --url",
      { flags: { url: "postgres://a", directUrl: "postgres://b" } },
      { ...url("postgres://a"), directUrl: "postgres://b" },
    ],
    [
      "PGWRIGHT_DIRECT_URL with DATABASE_URL",
      { variables: { DATABASE_URL: "postgres://a", PGWRIGHT_DIRECT_URL: "postgres://b" } },
      { ...url("postgres://a"), directUrl: "postgres://b" },
    ],
    [
      "--direct-url over PGWRIGHT_DIRECT_URL",
      {
        flags: { directUrl: "postgres://c" },
        variables: { DATABASE_URL: "postgres://a", PGWRIGHT_DIRECT_URL: "postgres://b" },
      },
      { ...url("postgres://a"), directUrl: "postgres://c" },
    ],
    [
      "--direct-url over an environment's",
      { flags: { env: "staging", directUrl: "postgres://c" } },
      { ...url("postgres://staging"), directUrl: "postgres://c" },
    ],
    [
      "both in .env",
      { dotenv: "DATABASE_URL=postgres://a\nPGWRIGHT_DIRECT_URL=postgres://b" },
      { ...url("postgres://a"), directUrl: "postgres://b" },
    ],
    [
      "an environment's, for its URL given by --url",
      { flags: { url: "postgres://staging" } },
      { directUrl: "postgres://staging-direct", environmentName: "staging" },
    ],
  ])("%s", async (_, input, choice) => {
    expect(await choose(input)).toMatchObject(choice);
  });

  test.each<[string, Case]>([
    [
      "PGWRIGHT_DIRECT_URL with --url",
      {
        flags: { url: "postgres://a" },
        variables: { PGWRIGHT_DIRECT_URL: "postgres://b" },
      },
    ],
    [
      "the one in .env with DATABASE_URL from outside",
      {
        variables: { DATABASE_URL: "postgres://a" },
        dotenv: "PGWRIGHT_DIRECT_URL=postgres://b",
      },
    ],
  ])("%s is left out", async (_, input) => {
    expect(await choose(input)).not.toHaveProperty("directUrl");
  });

  test.each<[string, Case, string]>([
    [
      "one from outside with a URL from .env",
      {
        variables: { PGWRIGHT_DIRECT_URL: "postgres://b" },
        dotenv: "DATABASE_URL=postgres://a",
      },
      "PGWRIGHT_DIRECT_URL and DATABASE_URL in .env name different databases",
    ],
    [
      "one with PGHOST",
      { flags: { directUrl: "postgres://b" }, variables: { PGHOST: "h" } },
      "--direct-url and PGHOST name different databases",
    ],
    [
      "one with the embedded server",
      { flags: { directUrl: "postgres://b" } },
      "--direct-url and environment development (the embedded server) name different databases",
    ],
    [
      "a foreign one with the default environment",
      { variables: { PGWRIGHT_DIRECT_URL: "postgres://b" } },
      "PGWRIGHT_DIRECT_URL and environment development (the embedded server) name different databases",
    ],
  ])("%s is refused", async (_, input, message) => {
    expect(await refusal(input)).toBe(`database-ambiguous: ${message}`);
  });
});

describe("a protected database stays protected however it is named", () => {
  test.each<[string, Case]>([
    ["--url", { flags: { url: "postgres://production" }, variables: production }],
    ["DATABASE_URL", { variables: { ...production, DATABASE_URL: "postgres://production" } }],
    [
      "another environment",
      {
        flags: { env: "other" },
        variables: production,
        yaml: `${project}  other: { url: "postgres://production" }\n`,
      },
    ],
  ])("%s", async (_, input) => {
    expect(await choose(input)).toMatchObject({
      ...url("postgres://production"),
      isProtected: true,
    });
  });

  test("its name is told", async () => {
    const input = { variables: { ...production, DATABASE_URL: "postgres://production" } };
    expect(await choose(input)).toMatchObject({
      environmentName: "production",
      origin: "DATABASE_URL",
    });
  });
});

describe("nothing configured", () => {
  test.each<[string, Case, RegExp]>([
    ["without a project", { yaml: null }, /there is no pgwright.yaml in .* or above/],
    ["in a project without environments", { yaml: "" }, /pgwright.yaml has no environments/],
    [
      "in a project that chooses none",
      { yaml: withoutDefault },
      /has development, staging, production, parts, but neither --env nor default_environment/,
    ],
  ])("%s names both ways", async (_, input, note) => {
    const error = await choose(input).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(PgwrightError);
    const { code, exit, details } = error as PgwrightError;
    expect([code, exit]).toEqual(["no-database", 2]);
    expect(details.notes?.join("\n")).toMatch(note);
    expect(details.hint).toContain("--url");
    expect(details.hint).toContain("DATABASE_URL");
    expect(details.hint).toContain("--embedded");
  });
});
