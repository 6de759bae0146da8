import { expect, test } from "vitest";
import { describeConfig } from "../../../src/config/describe.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { withFolder } from "../../support/folder.ts";

const yaml = `default_environment: development
environments:
  development: { database: embedded }
  production: { url: "\${PRODUCTION_URL}", protected: true }
  staging: { url: "postgres://app:hunter2@db/app", direct_url: "host=db password=hunter2" }
lock_budget: 90s
`;

test("shows every setting with its origin", async () => {
  await using folder = await withFolder({ "pgwright.yaml": yaml });
  const config = await loadConfig({
    workingDirectory: folder.path,
    environment: { PGWRIGHT_STATEMENT_TIMEOUT: "1h" },
    flags: { dir: "db" },
  });
  const report = describeConfig(config);
  expect(report).toMatchObject({
    file: config.file,
    directory: folder.path,
    envFile: null,
    problem: null,
    database: { kind: "embedded", environment: "development", origin: "environment development" },
  });
  expect(
    report.settings.map(({ name, value, origin }) => `${name} = ${value} (${origin})`),
  ).toEqual([
    "default_environment = development (pgwright.yaml:1)",
    "environments.development.database = embedded (pgwright.yaml:3)",
    "environments.development.protected = false (default)",
    "environments.production.url = ${PRODUCTION_URL} (pgwright.yaml:4)",
    "environments.production.protected = true (pgwright.yaml:4)",
    "environments.staging.url = postgres://app:***@db/app (pgwright.yaml:5)",
    "environments.staging.direct_url = host=db password=*** (pgwright.yaml:5)",
    "environments.staging.protected = false (default)",
    "migrations.directory = db (--dir)",
    "migrations.schema = public (default)",
    "migrations.table = schema_migrations (default)",
    "migrations.online = false (default)",
    "policies.directory = policies (default)",
    "policies.after_migrate = false (default)",
    "seeds.directory = seeds (default)",
    "setup.seed_scale = 1 (default)",
    "lock_timeout = 1s (default)",
    "lock_budget = 90s (pgwright.yaml:6)",
    "statement_timeout = 1h (PGWRIGHT_STATEMENT_TIMEOUT)",
  ]);
});

test("holds no password, whatever the origin", async () => {
  await using folder = await withFolder({
    "pgwright.yaml": yaml,
    ".env": "PGPASSWORD=hunter2\n",
  });
  for (const [flags, environment] of [
    [{ url: "postgres://u:hunter2@h/d", directUrl: "host=h password=hunter2" }, {}],
    [{ env: "staging" }, {}],
    [{ env: "production" }, { PRODUCTION_URL: "postgres://u:hunter2@h/d" }],
    [{ env: "staging" }, { DATABASE_URL: "postgres://u:hunter2@x" }],
    [{}, { PGHOST: "h" }],
  ] as const) {
    const config = await loadConfig({ workingDirectory: folder.path, environment, flags });
    expect(JSON.stringify(describeConfig(config))).not.toContain("hunter2");
  }
});

test("tells why there is no database, and shows the settings all the same", async () => {
  await using folder = await withFolder({ "pgwright.yaml": yaml });
  const config = await loadConfig({
    workingDirectory: folder.path,
    environment: {},
    flags: { env: "production" },
  });
  const report = describeConfig(config);
  expect(report.database).toBeNull();
  expect(report.problem).toMatchObject({ code: "variable-unresolved" });
  expect(report.problem?.hint).toContain("PRODUCTION_URL");
  expect(report.settings.length).toBeGreaterThan(10);
});
