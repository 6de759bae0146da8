/** What `seed` refuses, as it is typed: nothing is changed, and the message says what to do. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  migration,
  type MigrationProject,
  withMigrations,
} from "../../support/migration-project.ts";

describe("seed", () => {
  let project: MigrationProject;

  beforeAll(async () => {
    project = await withMigrations(
      {
        "001_create_shop.sql": migration(
          `create table customers (id int primary key, name text not null, visits_count int not null default 0);
           create table orders (id int primary key, customer_id int not null references customers);
           create table visits (id int primary key, customer_id int not null references customers);
           create table kinds (name text primary key);`,
          "drop table kinds; drop table visits; drop table orders; drop table customers;",
        ),
      },
      { yaml: "environments:\n  production:\n    url: ${PRODUCTION_URL}\n    protected: true\n" },
    );
    await project.mustRun(["migrate"]);
    await mkdir(join(project.path, "seeds"), { recursive: true });
    await writeFile(
      join(project.path, "seeds", "kinds.sql"),
      "insert into kinds values ('big'), ('small') on conflict do nothing;\n",
    );
    await project.mustRun(["seed"]);
  });

  afterAll(async () => {
    await project[Symbol.asyncDispose]();
  });

  const everything = async () => {
    const [row] = await project.sql`
      select (select json_agg(c order by id) from customers c) as customers,
        (select json_agg(o order by id) from orders o) as orders, (select json_agg(k) from kinds k) as kinds`;
    return row;
  };
  const refused = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const before = await everything();
    const { code, body } = await project.json(["seed", ...args], { env });
    expect(await everything()).toEqual(before);
    return { exit: code, ...body.error };
  };

  it("asks for leave before rows are lost", async () => {
    expect(await refused(["--truncate"])).toMatchObject({
      exit: 4,
      code: "data-loss",
      notes: expect.arrayContaining(["public.customers: 100 rows", "public.kinds: 2 rows"]),
      hint: expect.stringContaining("--allow-data-loss"),
    });
  });

  it("empties no table that others refer to, and types the way out", async () => {
    const error = await refused(["--truncate", "--allow-data-loss", "--tables", "customers"]);
    expect(error).toMatchObject({
      exit: 4,
      code: "seed-impossible",
      notes: [
        "public.orders refers to public.customers: orders_customer_id_fkey",
        "public.visits refers to public.customers: visits_customer_id_fkey",
      ],
    });
    const [, typed = ""] = /`pgwright (.*)`/.exec(error.hint as string) ?? [];
    expect(typed).toContain("--tables public.customers public.orders public.visits");
    await project.mustRun([...typed.split(" "), "--allow-data-loss"]);
  });

  it("empties everything and fills it again, reference data included", async () => {
    const before = await everything();
    await project.mustRun(["seed", "--truncate", "--allow-data-loss"]);
    expect(await everything()).toEqual(before);
    await project.mustRun(["seed", "--truncate", "--allow-data-loss", "--seed", "other"]);
    expect(await everything()).not.toEqual(before);
    const kinds = await project.sql`select name from kinds order by name`;
    expect(kinds.map(({ name }) => name as string)).toEqual(["big", "small"]);
  });

  it("leaves out what the seed files leave out, also when it empties", async () => {
    const file = join(project.path, "seeds", "left.yaml");
    await writeFile(file, "tables:\n  public.kinds:\n    rows: 0\n");
    await project.sql`insert into kinds values ('by hand')`;
    await project.mustRun(["seed", "--truncate", "--allow-data-loss"]);
    const kinds = await project.sql`delete from kinds where name = 'by hand' returning name`;
    expect(kinds).toHaveLength(1);
    await writeFile(file, "");
  });

  it("refuses a protected environment, and a protected database", async () => {
    const environment = await refused(["--env", "production"], {
      PRODUCTION_URL: project.database.url,
      DATABASE_URL: project.database.url,
    });
    expect(environment).toMatchObject({ exit: 4, code: "database-protected" });
    await project.mustRun(["db", "protect"]);
    expect(await refused(["--truncate", "--allow-data-loss"])).toMatchObject({
      exit: 4,
      code: "database-protected",
      hint: expect.stringContaining("pgwright db unprotect"),
    });
    await project.mustRun(["db", "unprotect", "--confirm", project.database.name]);
  });

  it("reports a counter that a trigger makes wrong, and writes nothing", async () => {
    // The trigger hides the column's name, so nobody could know before.
    await project.sql.unsafe(`
      truncate visits;
      create function spoil() returns trigger language plpgsql as $$ begin
        execute 'update customers set ' || 'visits' || '_count = 7 where id = 1'; return null; end $$;
      create trigger spoil after insert on orders for each statement execute function spoil();`);
    const { code, body } = await project.json(
      "seed --truncate --allow-data-loss --tables customers orders visits".split(" "),
    );
    expect(code).toBe(4);
    expect(body.error).toMatchObject({
      code: "seed-impossible",
      message:
        "public.customers.visits_count would not agree with public.visits in 1 row; nothing was written",
    });
    const [row] = await project.sql`select count(*)::int as n from visits`;
    expect(row).toEqual({ n: 0 });
  });
});
