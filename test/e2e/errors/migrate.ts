/** Exit 4 of migrate and rollback, and the interruption. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually } from "../../support/eventually.ts";
import { findStopped } from "../../support/kill.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

const execute = promisify(execFile);

const users = migration("create table users (id int, name text);", "drop table users;");
const email = migration(
  "alter table users add column email text;",
  "alter table users drop column email;",
);
const two = { "001_create_users.sql": users, "002_add_email.sql": email };

/** A project whose first migrations are applied. */
async function withApplied(
  files: Readonly<Record<string, string>> = two,
): Promise<MigrationProject> {
  const project = await withMigrations(files);
  const { code, stderr } = await project.run(["migrate"]);
  if (code !== 0) throw new Error(stderr);
  return project;
}

export const connectionLost: Scene = {
  says: "The server ends the connection in the middle of a migration.",
  async play(show) {
    await using project = await withMigrations({
      ...two,
      "002_add_email.sql": migration(
        "alter table users add column email text;\nselect pg_terminate_backend(pg_backend_pid());",
        "alter table users drop column email;",
      ),
      "003_next.sql": migration("select 1;", "select 1;"),
    });
    await showOn(show, project, ["migrate"]);
  },
};

export const sqlFailed: Scene = {
  says: "PostgreSQL refuses a statement of the second file; the first one stays applied.",
  async play(show) {
    await using project = await withMigrations({
      ...two,
      "002_add_email.sql": migration(
        "alter table users add column email text;\n\ninsert into users (id, emial)\n  select 1, 'ann@example.invalid';",
        "alter table users drop column email;",
      ),
      "003_next.sql": migration("select 1;", "select 1;"),
    });
    const again = () => project.run(["rollback"]);
    await showOn(show, project, ["migrate"], { again });
  },
};

export const migrationCode: Scene = {
  says: "A migration written in JavaScript throws.",
  async play(show) {
    await using project = await withMigrations({
      "001_create_users.mjs": `export function up(pgm) {
  pgm.createTable("users", { id: "id" });
  pgm.addColumns("users", columns.email);
}
`,
    });
    await showOn(show, project, ["migrate"]);
  },
};

export const migrationsInvalid: Scene = {
  says: "Two files have one version; migrate finds mistakes before it touches the database.",
  async play(show) {
    await using project = await withMigrations({ ...two, "002_add_phone.sql": users });
    await showOn(show, project, ["migrate"]);
  },
};

export const versionUnknown: Scene = {
  says: "--to names a version that no file has.",
  async play(show) {
    await using project = await withMigrations(two);
    await showOn(show, project, ["migrate", "--to", "012"]);
  },
};

export const checksumMismatch: Scene = {
  says: "The file of an applied migration was edited afterwards.",
  async play(show) {
    await using project = await withApplied();
    await project.write("002_add_email.sql", email.replace("email text", "email varchar(200)"));
    await showOn(show, project, ["migrate"]);
  },
};

export const fileMissing: Scene = {
  says: "The file of an applied migration was deleted.",
  async play(show) {
    await using project = await withApplied({
      ...two,
      "003_next.sql": migration("select 1;", "select 1;"),
    });
    await project.remove("002_add_email.sql");
    await showOn(show, project, ["migrate"]);
  },
};

export const migrationLate: Scene = {
  says: "A branch with a lower number was merged after a higher one was applied.",
  async play(show) {
    await using project = await withApplied({
      "001_create_users.sql": users,
      "003_add_email.sql": email,
    });
    await project.write(
      "002_add_index.sql",
      migration("create index i on users (name);", "drop index i;"),
    );
    await showOn(show, project, ["migrate"]);
  },
};

export const keepFailed: Scene = {
  says: "The migration comes again with a column too short for what its rollback kept.",
  async play(show) {
    await using project = await withApplied();
    await project.sql`insert into users values (1, 'Ann', 'ann@example.invalid')`;
    await project.mustRun(["rollback", "--keep-data"]);
    await project.write("002_add_email.sql", email.replace("email text", "email varchar(9)"));
    await showOn(show, project, ["migrate"]);
  },
};

/** A project with a plan in plan.json. */
async function withPlan(): Promise<MigrationProject> {
  const project = await withMigrations(two);
  await project.mustRun(["migrate", "--dry-run", "--output", "plan.json"]);
  return project;
}

export const planUnreadable: Scene = {
  says: "--plan names a file that is something else.",
  async play(show) {
    await using project = await withMigrations(two);
    await showOn(show, project, ["migrate", "--plan", "pgwright.yaml"]);
  },
};

export const planEdited: Scene = {
  says: "Somebody has corrected a statement in the reviewed plan.",
  async play(show) {
    await using project = await withPlan();
    const path = join(project.path, "plan.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.replace("add column email text", "add column mail text"));
    await showOn(show, project, ["migrate", "--plan", "plan.json"]);
  },
};

export const planStale: Scene = {
  says: "Between the review and the run, somebody has changed the database.",
  async play(show) {
    await using project = await withPlan();
    await project.sql`create table users (id int)`;
    await showOn(show, project, ["migrate", "--plan", "plan.json"]);
  },
};

export const backfillRefused: Scene = {
  says: "A table without a key cannot be taken in batches.",
  async play(show) {
    await using project = await withMigrations({
      "001_create_users.sql": users,
      "002_fill_names.sql": migration(
        "-- backfill: batch=1000\nupdate users set name = 'nobody';",
        "select 1;",
      ),
    });
    await project.mustRun(["migrate", "--to", "001"]);
    await showOn(show, project, ["migrate"]);
  },
};

export const renumberRefused: Scene = {
  says: "A branch's file was overtaken, but the developer's database has it.",
  async play(show) {
    await using project = await withApplied({
      "001_create_users.sql": users,
      "003_add_email.sql": email,
    });
    const git = (...args: string[]) =>
      execute("git", ["-c", "user.name=t", "-c", "user.email=t@example.invalid", ...args], {
        cwd: project.path,
      });
    await project.write("004_from_main.sql", migration("select 1;", "select 1;"));
    await git("init", "--quiet", "--initial-branch", "main");
    await git("add", "migrations/001_create_users.sql", "migrations/004_from_main.sql");
    await git("commit", "--quiet", "--message", "first");
    await showOn(show, project, ["renumber", "--base", "main"]);
  },
};

export const databaseAhead: Scene = {
  says: "A newer release has removed a column; this one does not know of it.",
  async play(show) {
    await using project = await withApplied({
      ...two,
      "003_drop_name.sql": migration(
        "alter table users drop column name;",
        "alter table users add column name text;",
      ),
    });
    await project.remove("003_drop_name.sql");
    await showOn(show, project, ["migrate"]);
  },
};

export const journalOpen: Scene = {
  says: "A statement outside a transaction was cut off; nothing can tell whether it took effect.",
  async play(show) {
    await using project = await withMigrations({
      ...two,
      "002_fill_names.sql":
        "-- migrate:up transaction:false\nupdate users set name = 'nobody' where name is null;\nupdate users set name = name || (select '' from pg_sleep(60));\n-- migrate:down\nselect 1;\n",
    });
    await project.remove("002_add_email.sql");
    await project.run(["migrate", "--to", "001"]);
    await project.sql`insert into users values (1, null)`;
    const running = project.start(["migrate"]);
    const worker = await eventually(() => findStopped(project.sql), "the second update");
    await project.sql`select pg_terminate_backend(${worker.pid})`;
    await running.done;
    await showOn(show, project, ["migrate"]);
  },
};

export const journalChanged: Scene = {
  says: "A half-applied file was edited before the point it had reached.",
  async play(show) {
    const write = (table: string) =>
      migration(
        `create table ${table} (id int);\ncreate unique index concurrently users_name on users (name);`,
        `drop index concurrently users_name;\ndrop table ${table};`,
      );
    await using project = await withApplied({ "001_create_users.sql": users });
    await project.sql`insert into users values (1, 'Ann'), (2, 'Ann')`;
    await project.write("002_teams.sql", write("teams"));
    await project.run(["migrate"]);
    await project.write("002_teams.sql", write("groups"));
    await showOn(show, project, ["migrate"]);
  },
};

export const indexInvalid: Scene = {
  says: "PostgreSQL reports success, and the index is not valid (here an event trigger sees to it).",
  async play(show) {
    await using project = await withMigrations({
      "001_index.sql": migration(
        "create index concurrently users_name on users (name);",
        "drop index users_name;",
      ),
    });
    await project.sql.unsafe(`
      create table users (id int, name text);
      create function spoil() returns event_trigger language plpgsql as $$
        begin
          update pg_index set indisvalid = false where indexrelid = to_regclass('users_name');
        end $$;
      create event trigger spoil on ddl_command_end when tag in ('CREATE INDEX')
        execute function spoil();`);
    await showOn(show, project, ["migrate"]);
  },
};

export const irreversible: Scene = {
  says: "A migration says that there is no way back.",
  async play(show) {
    await using project = await withApplied({
      ...two,
      "003_hash.sql": "-- migrate:up\nselect 1;\n-- irreversible: the old hashes are gone\n",
    });
    await showOn(show, project, ["rollback"]);
  },
};

export const dataLoss: Scene = {
  says: "A rollback would lose the values of a column.",
  async play(show) {
    await using project = await withApplied();
    await project.sql`insert into users values (1, 'Ann', 'ann@example.invalid'), (2, 'Bob', null)`;
    await showOn(show, project, ["rollback"]);
  },
};

export const repairRefused: Scene = {
  says: "The ledger says already what the repair would make it say.",
  async play(show) {
    await using project = await withApplied();
    await showOn(show, project, ["repair", "applied", "002", "--reason", "done by hand"]);
  },
};

export const interrupted: Scene = {
  says: "Ctrl-C in the middle of a migration.",
  async play(show) {
    await using project = await withMigrations({
      ...two,
      "002_slow.sql": migration(
        "alter table users add column email text;\nselect pg_sleep(60);",
        "select 1;",
      ),
      "003_next.sql": migration("select 1;", "select 1;"),
    });
    await project.remove("002_add_email.sql");
    await show(
      ["migrate"],
      async (args) => {
        const running = project.start(args);
        await eventually(() => findStopped(project.sql), "the migration to sleep");
        running.child.kill("SIGINT");
        return running.done;
      },
      { hide: { [project.path]: "/project" }, again: () => project.run(["rollback"]) },
    );
  },
};

export const relationUnknown: Scene = {
  says: "An index is to be repaired that is not there.",
  async play(show) {
    await using project = await withApplied();
    await showOn(show, project, ["indexes", "repair", "users_email"]);
  },
};
