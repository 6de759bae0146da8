/** Children that are filled after their parents get what they would have got beside them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";
import { fingerprint, runSeed } from "../../support/seed.ts";

const ddl = `
create table p (id int primary key, name text, created_at timestamptz not null);
create table u (id uuid primary key, joined date not null);
create table c (id int primary key, p_id int not null references p, u_id uuid references u, created_at timestamptz not null);
create table g (c_id int references c, u_id uuid references u, at timestamptz, primary key (c_id, u_id));
create table boss (id int primary key, boss_id int references boss);`;
const tables = ["p", "u", "c", "g", "boss"];

describe("one seed", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await withDatabase();
    await database.sql.unsafe(ddl);
    await runSeed(database, { tables });
  });

  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  it("gives the same rows in one run and in several", async () => {
    const whole = await fingerprint(database, tables);
    for (const again of [["g"], ["c", "g"], ["boss"]]) {
      await runSeed(database, { tables: again, truncate: true, allowDataLoss: true });
      expect(await fingerprint(database, tables), again.join()).toEqual(whole);
    }
    await database.sql`truncate p, u, c, g, boss`;
    for (const table of tables) await runSeed(database, { tables: [table] });
    expect(await fingerprint(database, tables)).toEqual(whole);
  });

  it("refers to rows that it did not make by their keys", async () => {
    await database.sql`truncate p, u, c, g`;
    await database.sql`insert into p select 1000 + n, 'p', now() from generate_series(1, 20) n`;
    await runSeed(database, { tables: ["u", "c"] });
    const [row] = await database.sql`select count(distinct p_id)::int > 5 as many from c`;
    expect(row).toEqual({ many: true });
  });
});
