/** What triggers do while rows come: they fill other tables, and leave rows out. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";
import { runSeed } from "../../support/seed.ts";

const ddl = `
create table people (id int primary key, name text not null);
create table addresses (person_id int primary key references people, email text not null unique);
create table aud (id bigserial primary key, what text not null);
create function note() returns trigger language plpgsql as $$
  begin
    insert into addresses values (new.id, 'p' || new.id || '@example.com');
    insert into aud (what) values (new.name);
    return new;
  end $$;
create trigger note after insert on people for each row execute function note();
create table odd (id int primary key);
create function leave_even() returns trigger language plpgsql as $$
  begin return case when new.id % 2 = 1 then new end; end $$;
create trigger leave_even before insert on odd for each row execute function leave_even();`;

describe("triggers", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await withDatabase();
    await database.sql.unsafe(ddl);
  });

  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  it("fill the tables that they filled before when rows are added", async () => {
    const first = await runSeed(database, { tables: ["people", "addresses", "aud"] });
    const more = await runSeed(database, { append: true, tables: ["people", "addresses", "aud"] });
    for (const { loaded } of [first, more]) {
      expect(loaded.filter((one) => one.filledByTriggers).map(({ table }) => table)).toEqual([
        "public.addresses",
        "public.aud",
      ]);
    }
    const [row] = await database.sql`
      select (select count(*) from people)::int as people, (select count(*) from addresses)::int as addresses,
        (select count(*) from aud)::int as aud`;
    expect(row).toEqual({ people: 200, addresses: 200, aud: 200 });
  });

  it("that leave rows out are counted", async () => {
    const { loaded } = await runSeed(database, { tables: ["odd"] });
    expect(loaded).toMatchObject([{ table: "public.odd", rows: 50, sent: 100 }]);
  });

  it("apart, odd tables are filled", async () => {
    await database.sql.unsafe(`
      create table zero ();
      create table codes (code char(2) primary key check (code ~ '^[A-Z]{2}$'), country char(2) not null, email varchar(12) unique);`);
    await runSeed(database, {
      tables: ["zero", "codes"],
      requests: { "public.codes": { rows: 676, columns: {} } },
    });
    const [row] = await database.sql`
      select (select count(*) from zero)::int as zero, count(*)::int as codes,
        count(*) filter (where country !~ '^[A-Z]{2}$' or email ~ ' ')::int as odd from codes`;
    expect(row).toEqual({ zero: 100, codes: 676, odd: 0 });
  });
});
