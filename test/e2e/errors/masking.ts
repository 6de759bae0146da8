/** Errors of masking. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { migration } from "../../support/migration-project.ts";
import { type PolicyProject, withPolicies } from "../../support/policy-project.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

async function withPeople(policies: Readonly<Record<string, string>>): Promise<PolicyProject> {
  const project = await withPolicies({
    roles: [],
    migrations: {
      "001_create_people.sql": migration(
        "create table people (id int primary key, email text unique, mobile_phone text, notes text);",
        "drop table people;",
      ),
    },
    policies,
  });
  await project.mustRun(["migrate"]);
  return project;
}

const rules = `tables:
  public.people:
    columns:
      email: city
      phone: phone
`;

export const maskingRules: Scene = {
  says: "There is no policies/masking.yaml.",
  async play(show) {
    await using project = await withPeople({ "roles.sql": "-- none\n" });
    await showOn(show, project, ["anonymize", "check"]);
  },
};

export const maskingKey: Scene = {
  says: "The file of the key holds half of one.",
  async play(show) {
    await using project = await withPeople({ "masking.yaml": rules });
    await writeFile(join(project.path, "key"), "8f14e45fceea167a5a36dedd4bea2543\n");
    await showOn(show, project, ["anonymize", "preview", "--key-file", "key"]);
  },
};

export const maskingRefused: Scene = {
  says: "A rule is for a column that has another name now, a mask is not unique, and a column has no rule.",
  async play(show) {
    await using project = await withPeople({ "masking.yaml": rules });
    await showOn(show, project, ["anonymize", "preview", "--ephemeral-key"]);
  },
};
