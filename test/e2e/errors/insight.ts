/** Query statistics. */
import { withMigrations } from "../../support/migration-project.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

export const statisticsMissing: Scene = {
  says: "The database has no extension pg_stat_statements.",
  async play(show) {
    await using project = await withMigrations({});
    await showOn(show, project, ["slow-queries"]);
  },
};

export const queryUnknown: Scene = {
  says: "No recorded query has this id.",
  async play(show) {
    await using project = await withMigrations({});
    await project.sql`create extension pg_stat_statements`;
    await showOn(show, project, ["explain", "0123456789abcdef"]);
  },
};

export const snapshotUnusable: Scene = {
  says: "There is no snapshot to compare with.",
  async play(show) {
    await using project = await withMigrations({});
    await project.sql`create extension pg_stat_statements`;
    await showOn(show, project, ["slow-queries", "--since", "before.jsonl"]);
  },
};
