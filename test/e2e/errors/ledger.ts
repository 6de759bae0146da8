/** Exit 4: refusals that come from the state of the database or of this machine. */
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { runCommand } from "../../support/cli.ts";
import { urlFor, withRole } from "../../support/doctor.ts";
import { withFolder } from "../../support/folder.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";
import { withPooler } from "../../support/pooler.ts";
import { withPartitions } from "../../support/partition-project.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

const one = { "001_t.sql": migration("create table t (id int);", "drop table t;") };

export const baselineRefused: Scene = {
  says: "A database that has a ledger already is to be taken over.",
  async play(show) {
    await using project = await withMigrations(one);
    await project.run(["migrate"]);
    await showOn(show, project, ["baseline", "--at", "001"]);
  },
};

export const baselineDiffers: Scene = {
  says: "The files do not give the database that is to be taken over.",
  async play(show) {
    await using project = await withMigrations(one);
    await project.sql`create table t (id bigint)`;
    await showOn(show, project, ["baseline", "--at", "001"]);
  },
};

export const ledgerForeign: Scene = {
  says: "Rails keeps its own table under the ledger's name.",
  async play(show) {
    await using project = await withMigrations(one);
    await project.sql`create table schema_migrations (version varchar primary key)`;
    await project.sql`create table ar_internal_metadata (key varchar primary key, value varchar)`;
    await showOn(show, project, ["migrate"]);
  },
};

export const ledgerDenied: Scene = {
  says: "The role may create nothing in the schema of the ledger.",
  async play(show) {
    await using role = await withRole();
    await using project = await withMigrations(one);
    await showOn(show, project, ["migrate"], {
      url: urlFor(project.database.url, role),
      hide: { [role.name]: "deploy" },
    });
  },
};

export const roleUnusable: Scene = {
  says: "migrations.role does not exist, and this role may not create it.",
  async play(show) {
    await using role = await withRole();
    await using project = await withMigrations(one, {
      yaml: `migrations:\n  role: owner_${role.name}\n`,
    });
    await showOn(show, project, ["migrate"], {
      url: urlFor(project.database.url, role),
      hide: {
        [role.name]: "deploy",
        // PostgreSQL 15 says it in other words, and knows no such options of GRANT.
        "must be superuser to create bypassrls users": "permission denied to create role",
        " with inherit true, set true": "",
      },
    });
  },
};

export const adoptRefused: Scene = {
  says: "A filled table is to be partitioned, and another table refers to what is then no longer unique.",
  async play(show) {
    await using project = await withMigrations({});
    await project.sql`create table posts (id int primary key, slug text unique, created_at timestamptz not null)`;
    await project.sql`create table likes (post int references posts)`;
    await showOn(show, project, ["new", "--partition", "posts", "--by", "range:created_at"]);
  },
};

export const dumpUnsupported: Scene = {
  says: "The database has an object that dump does not know how to write: an access method.",
  async play(show) {
    await using project = await withMigrations(one);
    await project.sql`create access method pile type table handler heap_tableam_handler`;
    await showOn(show, project, ["dump"]);
  },
};

export const databaseProtected: Scene = {
  says: "A protected database is to be dropped.",
  async play(show) {
    await using project = await withMigrations(one);
    await project.run(["db", "protect", "--reason", "customer data"]);
    await showOn(show, project, ["db", "drop", "--confirm", project.database.name]);
  },
};

export const poolerRefused: Scene = {
  says: "An index is to be built concurrently through a transaction pooler.",
  async play(show) {
    await using pooler = await withPooler(3);
    await using project = await withMigrations({
      "001_index.sql": migration(
        "create table t (id int);\ncreate index concurrently t_id on t (id);",
        "drop table t;",
      ),
    });
    await showOn(show, project, ["migrate"], { url: pooler.urlOf(project.database.url) });
  },
};

export const partitionsRefused: Scene = {
  says: "A partition is too old to keep, and another table refers to its rows; a second table is brought up to date.",
  async play(show) {
    await using project = await withPartitions(
      `create table posts (id int, at timestamptz, primary key (id, at)) partition by range (at);
       create table posts_2020 partition of posts for values from ('2020-01-01 00:00+00') to ('2021-01-01 00:00+00');
       create table likes (id int, at timestamptz, foreign key (id, at) references posts);
       create table visits (id int) partition by hash (id);
       insert into posts values (1, '2020-05-05 00:00+00');
       insert into likes select * from posts;`,
      `public.posts: {by: range, column: at, every: year, horizon: 1d, retention: {keep: 2y}}
public.visits: {by: hash, modulus: 2}
`,
    );
    const args = ["partitions", "maintain", "--as-of", "2024-05-20"];
    await showOn(show, project, args, {
      again: () => project.sql`drop table visits_0, visits_1`,
    });
  },
};

export const fileUnwritable: Scene = {
  says: "The folder that dump is to write into does not exist.",
  async play(show) {
    await using project = await withMigrations(one);
    await showOn(show, project, ["dump", "--output", "build/schema.sql"]);
  },
};

export const internal: Scene = {
  says: "Something throws that nobody expected.",
  async play(show) {
    await using folder = await withFolder({
      "pgwright.yaml": "migrations: {}\n",
      "migrations/001_20260101_t.sql": one["001_t.sql"],
      "break.mjs": `Date.prototype.toISOString = () => {
  throw new TypeError("no time for postgres://app:secret@db.example.com/shop");
};
`,
    });
    const broken = {
      NODE_OPTIONS: `--import=${pathToFileURL(join(folder.path, "break.mjs")).href}`,
    };
    await show(
      ["new", "add teams"],
      (args) => runCommand(args, { cwd: folder.path, env: broken }),
      { hide: { [folder.path]: "/project" } },
    );
  },
};

export const diffRefused: Scene = {
  says: "The files to compare with do not build an empty database.",
  async play(show) {
    await using project = await withMigrations({
      "001_users.sql": migration("alter table users add column name text;", "select 1;"),
    });
    await showOn(show, project, ["diff", "files", "database"]);
  },
};
