import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { migration, type MigrationProject, withMigrations } from "./migration-project.ts";

const schema = `create table people (
  id int primary key, email text not null unique, full_name text, born date);
create table orders (id int primary key, person int not null references people, note text);
create index on orders (person);`;

export const shopRules = `tables:
  public.people:
    columns:
      email: email
      full_name: full_name
      born: { mask: date_shift, by: id }
  public.orders:
    columns:
      note: scramble
`;

/** A migrated project with a thousand people, their orders, and rules for masking them. */
export async function withMaskedShop(rules = shopRules): Promise<MigrationProject> {
  const project = await withMigrations({
    "001_create_shop.sql": migration(schema, "drop table orders; drop table people;"),
  });
  await project.mustRun(["migrate"]);
  await project.sql.unsafe(`
    insert into people select i, 'ann' || i || '@real.test', 'Ann Real' || i, date '1980-01-01' + i
    from generate_series(1, 1000) i;
    insert into orders select i, 1 + i % 1000, 'for Ann Real' || i from generate_series(1, 3000) i;
    analyze`);
  await mkdir(join(project.path, "policies"), { recursive: true });
  await writeFile(join(project.path, "policies", "masking.yaml"), rules);
  return project;
}
