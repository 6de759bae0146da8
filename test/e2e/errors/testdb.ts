/** Errors of test databases. */
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { lockKey } from "../../../src/db/lock.ts";
import { serverUrl } from "../../support/database.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

export const testdbBusy: Scene = {
  says: "Another process is building the template for longer than --lock-wait.",
  async play(show) {
    const id = randomBytes(5).toString("hex");
    await using project = await withMigrations({
      "001_t.sql": migration(`create table t_${id} ();`, `drop table t_${id};`),
    });
    const { stdout } = await project.run(["testdb", "create", "--dry-run"]);
    const name = /pgwright_template_\w+/.exec(stdout)?.[0] ?? "";
    const connection = { application_name: "pgwright" };
    const builder = postgres(serverUrl(), { max: 1, connection, onnotice: () => {} });
    await builder`select pg_advisory_lock(${lockKey(`testdb build ${name}`)}::bigint)`;
    await showOn(show, project, ["testdb", "create", "--lock-wait", "1"], {
      hide: { [name]: "pgwright_template_0123456789abcdef" },
    });
    await builder.end();
  },
};

export const testdbRefused: Scene = {
  says: "A database is to be dropped as a test database, and is none.",
  async play(show) {
    await using project = await withMigrations({});
    await showOn(show, project, ["testdb", "drop", "shop"]);
  },
};
