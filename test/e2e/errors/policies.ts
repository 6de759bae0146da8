/** Errors of policies/. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { urlFor, withRole } from "../../support/doctor.ts";
import { migration } from "../../support/migration-project.ts";
import { withPolicies } from "../../support/policy-project.ts";
import type { PolicyProject } from "../../support/policy-project.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

async function withUsers(policies: Readonly<Record<string, string>>): Promise<PolicyProject> {
  const project = await withPolicies({
    roles: [],
    migrations: {
      "001_create_users.sql": migration("create table users (id int);", "drop table users;"),
    },
    policies,
  });
  await project.mustRun(["migrate"]);
  return project;
}

export const policiesUnreadable: Scene = {
  says: "policies/roles.sql is a folder.",
  async play(show) {
    await using project = await withUsers({});
    await mkdir(join(project.path, "policies", "roles.sql"), { recursive: true });
    await showOn(show, project, ["policies", "plan"]);
  },
};

export const policiesInvalid: Scene = {
  says: "A policy names a column that its table does not have, and another one a table that is not there.",
  async play(show) {
    await using project = await withUsers({
      "rls/users.sql": `ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON users USING (owner_id = 1);

ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
`,
    });
    await showOn(show, project, ["policies", "apply"]);
  },
};

export const viewInTheWay: Scene = {
  says: "A view doubles a column that becomes a boolean.",
  async play(show) {
    await using project = await withUsers({
      "rls/users.sql": "ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\n",
    });
    await project.sql.unsafe("create view doubled as select id * 2 as id from users");
    await project.write(
      "002_retype.sql",
      migration(
        "alter table users alter id type boolean using id > 0;",
        "alter table users alter id type int using id::int;",
      ),
    );
    await showOn(show, project, ["migrate"]);
  },
};

export const policiesDenied: Scene = {
  says: "The connected role may not create roles.",
  async play(show) {
    await using role = await withRole();
    await using project = await withUsers({ "roles.sql": "CREATE ROLE reporting NOLOGIN;\n" });
    await project.sql.unsafe(`grant all on schema_migrations, schema_migrations_log to ${role.name};
      grant create on schema public to ${role.name}`);
    await showOn(show, project, ["policies", "apply"], {
      url: urlFor(project.database.url, role),
      hide: {
        [role.name]: "deploy",
        "CREATEROLE and the ADMIN option on the roles it changes": "CREATEROLE",
      },
    });
  },
};
