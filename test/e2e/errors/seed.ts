/** Errors of seeds/. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  migration,
  type MigrationProject,
  withMigrations,
} from "../../support/migration-project.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

async function withShop(seeds: Readonly<Record<string, string>>): Promise<MigrationProject> {
  const project = await withMigrations({
    "001_create_shop.sql": migration(
      "create table flags (is_on boolean unique, name text);",
      "drop table flags;",
    ),
  });
  await project.mustRun(["migrate"]);
  await mkdir(join(project.path, "seeds"), { recursive: true });
  for (const [name, text] of Object.entries(seeds)) {
    await writeFile(join(project.path, "seeds", name), text);
  }
  return project;
}

export const seedsUnreadable: Scene = {
  says: "seeds/shop.yaml is a folder.",
  async play(show) {
    await using project = await withShop({});
    await mkdir(join(project.path, "seeds", "shop.yaml"));
    await showOn(show, project, ["seed"]);
  },
};

export const seedsInvalid: Scene = {
  says: "A seed file names a table and a column that are not there.",
  async play(show) {
    await using project = await withShop({
      "shop.yaml": `tables:
  public.flags:
    columns:
      colour: { values: [red] }
  public.orders:
    rows: 10
`,
    });
    await showOn(show, project, ["seed"]);
  },
};

export const seedImpossible: Scene = {
  says: "More rows are asked for than a boolean that is unique has values.",
  async play(show) {
    await using project = await withShop({
      "shop.yaml": "tables:\n  public.flags:\n    rows: 10\n",
    });
    await showOn(show, project, ["seed"]);
  },
};
