import { expect, test } from "vitest";
import { plainStyle } from "../../../src/cli/render/style.ts";
import { createView } from "../../../src/cli/render/view.ts";
import { configShow } from "../../../src/commands/config/show.ts";
import { describeConfig } from "../../../src/config/describe.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { withFolder } from "../../support/folder.ts";

const view = createView(plainStyle, 80, false);

async function show(yaml: string, environment: Readonly<Record<string, string>>): Promise<string> {
  await using folder = await withFolder({ "pgwright.yaml": yaml });
  const config = await loadConfig({ workingDirectory: folder.path, environment, flags: {} });
  return configShow.text(describeConfig(config), view, {}).replaceAll(folder.path, "<project>");
}

const yaml =
  'environments:\n  production: { url: "${P}", direct_url: "${Q}", protected: true }\n' +
  "lock_timeout: 2s\n";

test("shows the database, its origin and every setting", async () => {
  const secrets = { P: "postgres://u:hunter2@pool/d", Q: "postgres://u:hunter2@db/d" };
  const text = await show(yaml, { ...secrets, PGWRIGHT_ENV: "production" });
  expect(text.split("\n")).toEqual([
    "project      <project>/pgwright.yaml",
    ".env         none",
    "database     postgres://u:***@pool/d",
    "direct       postgres://u:***@db/d",
    "chosen by    PGWRIGHT_ENV=production",
    "environment  production",
    "protected    yes",
    "",
    "setting                             value              origin",
    "environments.production.url         ${P}               pgwright.yaml:2",
    "environments.production.direct_url  ${Q}               pgwright.yaml:2",
    "environments.production.protected   true               pgwright.yaml:2",
    "migrations.directory                migrations         default",
    "migrations.schema                   public             default",
    "migrations.table                    schema_migrations  default",
    "migrations.online                   false              default",
    "policies.directory                  policies           default",
    "policies.after_migrate              false              default",
    "seeds.directory                     seeds              default",
    "setup.seed_scale                    1                  default",
    "lock_timeout                        2s                 pgwright.yaml:3",
    "lock_budget                         2min               default",
    "statement_timeout                   0                  default",
  ]);
});

test("shows why there is no database", async () => {
  const text = await show(yaml, {});
  expect(text).toContain("database  nothing says which database to use");
  expect(text).toContain("hint      choose one: `--env production`");
});
