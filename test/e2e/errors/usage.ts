/** Exit 2: usage and configuration; no database is looked at. */
import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { runCommand } from "../../support/cli.ts";
import { withFolder } from "../../support/folder.ts";
import { showInFolder } from "./scene.ts";
import type { Scene } from "./scene.ts";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "..", "..", "..");

export const usage: Scene = {
  says: "A word of the command line is misspelt.",
  play: (show) => showInFolder(show, {}, ["migrate", "--stpes", "3"]),
};

export const configInvalid: Scene = {
  says: "pgwright.yaml and .env have mistakes; all of them are told at once.",
  play: (show) =>
    showInFolder(
      show,
      {
        "pgwright.yaml": `default_environment: produktion
migrations:
  schema: 7
  tabel: schema_migrations
lock_timeout: soon
environments:
  production:
    url: postgres://app:secret@db.example.com/shop
`,
        ".env": "DATABASE_URL\n",
      },
      ["config", "show"],
    ),
};

export const configNotFound: Scene = {
  says: "--config names a file that does not exist.",
  play: (show) => showInFolder(show, {}, ["status", "--config", "config/pgwright.yaml"]),
};

const twoEnvironments = {
  "pgwright.yaml": `environments:
  development:
    url: postgres://app@localhost/shop
  production:
    url: \${SHOP_URL}
`,
};

export const environmentUnknown: Scene = {
  says: "--env names an environment that pgwright.yaml does not have.",
  play: (show) => showInFolder(show, twoEnvironments, ["status", "--env", "prod"]),
};

export const noDatabase: Scene = {
  says: "There is no project, and nothing else names a database.",
  play: (show) => showInFolder(show, {}, ["status"]),
};

export const databaseAmbiguous: Scene = {
  says: "DATABASE_URL is set and --env names another database.",
  play: (show) =>
    showInFolder(show, twoEnvironments, ["migrate", "--env", "development"], {
      env: { DATABASE_URL: "postgres://app:secret@db.example.com/shop" },
    }),
};

export const variableUnresolved: Scene = {
  says: "The secret of the environment did not arrive.",
  play: (show) =>
    showInFolder(show, twoEnvironments, ["migrate", "--env", "production"], {
      env: { SHOP_URL: "" },
    }),
};

export const connectionInvalid: Scene = {
  says: "The connection string has a value that libpq does not know.",
  play: (show) =>
    showInFolder(show, {}, [
      "status",
      "--url",
      "postgres://app:secret@db.example.com/shop?sslmode=on",
    ]),
};

export const confirmationNeeded: Scene = {
  says: "Destructive work in a script, without --confirm.",
  play: (show) =>
    showInFolder(show, {}, ["db", "drop", "--url", "postgres://app@127.0.0.1:1/shop"]),
};

export const fileExists: Scene = {
  says: "The project is there already.",
  play: (show) => showInFolder(show, { "pgwright.yaml": "migrations: {}\n" }, ["init"]),
};

export const migrationsUnreadable: Scene = {
  says: "--dir names a folder that does not exist.",
  play: (show) =>
    showInFolder(show, { "pgwright.yaml": "migrations: {}\n" }, [
      "validate",
      "--dir",
      "db/changes",
    ]),
};

export const sqlNotFound: Scene = {
  says: "The directory is one level above the files.",
  play: (show) =>
    showInFolder(
      show,
      {
        "pgwright.yaml": "migrations: {}\n",
        "db/migrations/001_t.sql": "-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;\n",
        "db/migrations/002_t.sql": "-- migrate:up\nselect 2;\n-- migrate:down\nselect 1;\n",
        "db/old ones/000_t.sql": "select 0;\n",
      },
      ["lint", "db"],
    ),
};

export const gitFailed: Scene = {
  says: "--base names a revision that the clone does not have.",
  async play(show) {
    await using folder = await withFolder({
      "pgwright.yaml": "migrations: {}\n",
      "migrations/001_t.sql": "-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;\n",
    });
    const git = (...args: string[]) =>
      execute("git", ["-c", "user.name=t", "-c", "user.email=t@example.invalid", ...args], {
        cwd: folder.path,
      });
    await git("init", "--quiet");
    await git("add", ".");
    await git("commit", "--quiet", "--message", "first");
    await show(
      ["validate", "--base", "origin/main"],
      (args) => runCommand(args, { cwd: folder.path }),
      { hide: { [folder.path]: "/project" } },
    );
  },
};

export const programMissing: Scene = {
  says: "psql is wanted and not installed.",
  play: (show) =>
    showInFolder(show, {}, ["db", "psql", "--url", "postgres://app@localhost/shop"], {
      env: { PATH: "/nonexistent" },
    }),
};

export const embeddedMissing: Scene = {
  says: "pgwright was installed without its optional dependencies.",
  async play(show) {
    await using installed = await withFolder();
    for (const part of ["bin", "dist", "package.json"]) {
      await cp(join(root, part), join(installed.path, part), { recursive: true });
    }
    await showInFolder(show, {}, ["server", "start"], {
      launcher: join(installed.path, "bin", "pgwright.cjs"),
    });
  },
};
