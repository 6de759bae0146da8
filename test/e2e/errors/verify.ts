/** Errors of proofs, and of masking in place. */
import { randomBytes } from "node:crypto";
import { urlOf } from "../../support/database.ts";
import { withMaskedShop } from "../../support/masked-shop.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

const nameOf = ({ database }: MigrationProject) => database.name;

export const verifyRefused: Scene = {
  says: "The source that a copy is to be held against is the copy itself.",
  async play(show) {
    await using project = await withMaskedShop();
    await showOn(show, project, ["anonymize", "verify", "--source", project.database.url], {
      hide: { [project.database.url]: "postgres://…/shop", [nameOf(project)]: "shop" },
    });
  },
};

export const inPlaceRefused: Scene = {
  says: "Somebody who is no superuser masks a restored copy in place.",
  async play(show) {
    await using project = await withMaskedShop();
    const name = nameOf(project);
    const role = `restorer_${randomBytes(5).toString("hex")}`;
    await project.sql.unsafe(`create role ${role} login; grant pg_read_all_data to ${role}`);
    const url = new URL(urlOf(name));
    url.username = role;
    await showOn(
      show,
      project,
      ["anonymize", "run", "--in-place", "--ephemeral-key", "--confirm", name],
      { url: url.href, hide: { [name]: "shop", [role]: "restorer" } },
    );
    await project.sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  },
};

export const inPlaceFailed: Scene = {
  says: "A materialized view cannot be made of what is masked: after the rows, before the statistics.",
  async play(show) {
    await using project = await withMaskedShop();
    const name = nameOf(project);
    await project.sql`
      create materialized view domains as select 100 / position('@real' in email) as place from people`;
    await showOn(
      show,
      project,
      ["anonymize", "run", "--in-place", "--ephemeral-key", "--confirm", name],
      { hide: { [name]: "shop" } },
    );
  },
};
