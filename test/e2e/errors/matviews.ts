/** Errors of materialized views. */
import { withRole } from "../../support/doctor.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";
import { showOn } from "./scene.ts";
import type { Scene } from "./scene.ts";

const shop = migration(
  `create table sales (shop text, amount int);
insert into sales values ('north', 1), ('south', 2);
create materialized view totals as select shop, amount from sales;
create unique index totals_shop on totals (shop);
create materialized view best as select shop from totals order by amount desc limit 1;
create materialized view shops as select distinct shop from sales;`,
  "drop table sales cascade;",
);

export const refreshFailed: Scene = {
  says: "Two rows of a materialized view have the same key; another view reads it, a third one does not.",
  async play(show) {
    await using project = await withMigrations({ "001_create_shop.sql": shop });
    await project.mustRun(["migrate"]);
    await project.sql`insert into sales values ('north', 3)`;
    await showOn(show, project, ["matviews", "refresh", "--jobs", "1"]);
  },
};

export const refreshRefused: Scene = {
  says: "Row level security holds for the owner of a materialized view.",
  async play(show) {
    await using owner = await withRole("nologin");
    await using project = await withMigrations({ "001_create_shop.sql": shop });
    await project.mustRun(["migrate"]);
    await project.sql.unsafe(`
      grant create on schema public to ${owner.name};
      alter table sales owner to ${owner.name}; alter materialized view totals owner to ${owner.name};
      alter table sales enable row level security; alter table sales force row level security`);
    await showOn(show, project, ["matviews", "refresh", "totals"], {
      hide: { [owner.name]: "shop_owner" },
    });
  },
};
