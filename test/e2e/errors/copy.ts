/** Errors of masked copies. */
import { randomBytes } from "node:crypto";
import { urlOf, withDatabase } from "../../support/database.ts";
import { withMaskedShop } from "../../support/masked-shop.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

export const copyRefused: Scene = {
  says: "The target of a masked copy has a table of somebody else in it.",
  async play(show) {
    await using project = await withMaskedShop();
    await using target = await withDatabase();
    await target.sql`create table precious (id int)`;
    await showOn(show, project, ["anonymize", "run", "--ephemeral-key", "--target", target.url], {
      hide: { [target.url]: "postgres://…/target", [target.name]: "target" },
    });
  },
};

export const copyFailed: Scene = {
  says: "The target's role may create schemas, and nothing in the schema public.",
  async play(show) {
    await using project = await withMaskedShop();
    await using target = await withDatabase();
    const role = `copier_${randomBytes(5).toString("hex")}`;
    await target.sql.unsafe(
      `create role ${role} login; grant create on database "${target.name}" to ${role}`,
    );
    const url = new URL(urlOf(target.name));
    url.username = role;
    await showOn(
      show,
      project,
      ["anonymize", "run", "--ephemeral-key", "--no-owner", "--target", url.href],
      {
        hide: { [url.href]: "postgres://…/target", [target.name]: "target", [role]: "copier" },
        again: () => target.sql`drop schema pgwright cascade`,
      },
    );
    await target.sql.unsafe(`drop schema pgwright cascade;
      revoke create on database "${target.name}" from ${role}; drop role ${role}`);
  },
};
