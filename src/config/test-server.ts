/**
 * The rule that says on which server test databases are made: `--url`, else TEST_DATABASE_URL, else
 * the embedded server. What names the application's database (DATABASE_URL, PG*, an environment of
 * pgwright.yaml) has no say: it may be production.
 */
import { PgwrightError } from "../errors.ts";
import {
  ambiguous,
  directUrlFlag,
  readerOfEnvFile,
  readerOfEnvironment,
  urlTarget,
} from "./choice-source.ts";
import type { DatabaseChoice } from "./database.ts";
import type { Target } from "./environment.ts";
import { listEnvironmentsOf } from "./environment.ts";
import type { Config } from "./load.ts";

export type TestServerChoice = Exclude<DatabaseChoice, { readonly kind: "libpq" }>;

const variable = "TEST_DATABASE_URL";

/**
 * Chooses the server; opens nothing.
 *
 * @throws PgwrightError `database-ambiguous`, `variable-unresolved`, `usage` for `--env`.
 */
export function chooseTestServer(config: Config): TestServerChoice {
  const { embedded, url, env } = config.flags;
  if (env !== undefined) {
    throw new PgwrightError(
      "usage",
      "test databases are not made in an environment: `--env` says nothing here",
      {
        hint: `name their server with --url or ${variable}; without them it is the embedded server`,
      },
    );
  }
  if (embedded === true && url !== undefined) throw ambiguous("--embedded", "--url");
  if (embedded === true) return choose(config, { kind: "embedded" }, "--embedded");
  const named =
    url === undefined
      ? (readerOfEnvironment(config)(variable) ?? readerOfEnvFile(config)(variable))
      : { name: "--url", value: url };
  if (named === undefined) return choose(config, { kind: "embedded" }, "the embedded server");
  return choose(config, urlTarget(named, directUrlFlag(config)), named.name);
}

/** A URL that pgwright.yaml has too, under protection, is protected however it was given. */
function choose(config: Config, target: Target, origin: string): TestServerChoice {
  const matches = target.kind === "url" ? listEnvironmentsOf(config, target) : [];
  const match = matches.find(({ isProtected }) => isProtected) ?? matches[0];
  return {
    ...target,
    environmentName: match?.name,
    isProtected: match?.isProtected ?? false,
    origin,
  };
}

// They say which server or database is meant, and it may be production's.
const elsewhere = new Set([
  "PGHOST",
  "PGHOSTADDR",
  "PGPORT",
  "PGDATABASE",
  "PGSERVICE",
  "PGSERVICEFILE",
]);

/** The variables that complete a URL of the server: PGPASSWORD and the like, none that names a place. */
export function completingVariables({ variables }: Config): Config["variables"] {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !elsewhere.has(name)));
}
