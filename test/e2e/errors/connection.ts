/** Exit 3: no connection or no lock; nothing was committed. */
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lockKey } from "../../../src/db/lock.ts";
import { startCluster } from "../../support/cluster.ts";
import { urlOf, withDatabase } from "../../support/database.ts";
import { authentication, listen, message } from "../../support/fake-server.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";
import { withProject } from "../../support/project.ts";
import { runCommand } from "../../support/cli.ts";
import { showInFolder, showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

const one = { "001_t.sql": migration("create table t (id int);", "drop table t;") };

export const connectionFailed: Scene = {
  says: "Nothing listens at the port.",
  // Port 1 needs root to be listened at, and nobody does.
  play: (show) =>
    showInFolder(show, {}, ["status", "--url", "postgres://app:secret@127.0.0.1:1/shop"]),
};

export const authenticationFailed: Scene = {
  says: "The password is wrong.",
  async play(show) {
    await using cluster = await startCluster({
      hba: "host all all 127.0.0.1/32 scram-sha-256\n",
    });
    await showInFolder(show, {}, [
      "status",
      "--url",
      `postgres://postgres:secret@127.0.0.1:${cluster.port}/postgres`,
    ]);
  },
};

export const databaseMissing: Scene = {
  says: "The server has no database of that name.",
  play: (show) => showInFolder(show, {}, ["status"], { env: { DATABASE_URL: urlOf("shop") } }),
};

export const tlsFailed: Scene = {
  says: "sslmode=require, and the server does without TLS.",
  async play(show) {
    // Its answer to the request for TLS.
    await using server = await listen((socket) => socket.once("data", () => socket.write("N")));
    await showInFolder(show, {}, [
      "status",
      "--url",
      `postgres://app:secret@127.0.0.1:${server.port}/shop?sslmode=require`,
    ]);
  },
};

export const serverStandby: Scene = {
  says: "The server is a standby, and migrate would write.",
  async play(show) {
    await using cluster = await startCluster({ files: { "standby.signal": "" } });
    await using project = await withMigrations(one);
    await showOn(show, project, ["migrate"], { url: cluster.url });
  },
};

export const serverUnsupported: Scene = {
  says: "The server is older than those that are supported.",
  async play(show) {
    const greeting = Buffer.concat([
      authentication(0),
      message("S", "server_version\0", "14.11\0"),
      message("Z", "I"),
    ]);
    await using server = await listen((socket) =>
      socket.once("data", () => socket.write(greeting)),
    );
    await showInFolder(show, {}, ["status"], { env: { DATABASE_URL: server.url } });
  },
};

export const embeddedFailed: Scene = {
  says: "A setting of the embedded server is wrong.",
  async play(show) {
    await using project = await withProject();
    const { directory, location } = project;
    await writeFile(
      join(directory, "pgwright.yaml"),
      "embedded:\n  settings:\n    shared_buffers: plenty\n",
    );
    const env = { XDG_CACHE_HOME: location.cacheDirectory };
    await show(["server", "start"], (args) => runCommand(args, { cwd: directory, env }), {
      hide: { [dirname(directory)]: "/home/app", [basename(directory)]: "project" },
    });
  },
};

export const databaseBusy: Scene = {
  says: "A database is to be dropped while others use it.",
  async play(show) {
    await using database = await withDatabase();
    const session = await database.sql.reserve();
    await session`select set_config('application_name', 'report', false)`;
    await showInFolder(show, {}, ["db", "drop", "--confirm", database.name], {
      env: { DATABASE_URL: database.url },
    });
    session.release();
  },
};

export const migrationLock: Scene = {
  says: "Another migrator is at work for longer than --lock-wait.",
  async play(show) {
    await using project = await withMigrations(one);
    const other = await project.sql.reserve();
    await other`select set_config('application_name', 'pgwright of another job', false)`;
    await other.unsafe(`select pg_advisory_lock(${lockKey("migrate public.schema_migrations")})`);
    await showOn(show, project, ["migrate", "--lock-wait", "1"]);
    other.release();
  },
};

export const lockTimeout: Scene = {
  says: "A transaction of somebody else keeps the table for longer than the budget.",
  async play(show) {
    await using project = await withMigrations({
      "001_alter.sql": migration("alter table t add name text;", "alter table t drop name;"),
      "002_next.sql": migration("select 1;", "select 1;"),
    });
    await project.sql`create table t (id int)`;
    const other = await project.sql.reserve();
    await other`select set_config('application_name', 'report', false)`;
    await other`begin`;
    await other`select from t`;
    await showOn(show, project, ["migrate", "--lock-timeout", "200ms", "--lock-budget", "1s"]);
    await other`rollback`;
    other.release();
  },
};
