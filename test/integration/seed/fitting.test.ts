/** What seed files ask for and columns do not take is refused before a row is written. */
import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  migration,
  type MigrationProject,
  withMigrations,
} from "../../support/migration-project.ts";

describe("a seed file", () => {
  let project: MigrationProject;

  beforeAll(async () => {
    project = await withMigrations({
      "001_create_things.sql": migration(
        `create table things (id int primary key, tier smallint not null, note varchar(5), name text not null,
           state text not null check (state in ('active', 'closed')), rank numeric(3,1));
         create table parts (id int primary key, thing_id int not null references things);`,
        "drop table parts; drop table things;",
      ),
    });
    await project.mustRun(["migrate"]);
    await mkdir(join(project.path, "seeds"), { recursive: true });
  });

  afterAll(async () => {
    await project[Symbol.asyncDispose]();
  });

  const seed = async (...columns: string[]) => {
    const lines = columns.map((line) => `      ${line}\n`).join("");
    await writeFile(
      join(project.path, "seeds", "things.yaml"),
      `tables:\n  public.things:\n    rows: 100\n    columns:\n${lines}`,
    );
    return await project.json(["seed"]);
  };

  it.each([
    ["name: { null_share: 0.5 }", "`name` is NOT NULL, and `null_share: 0.5` asks for NULL"],
    ["name: { value: null }", "`name` is NOT NULL, and null is among its values"],
    ["tier: { value: 99999 }", '`tier` does not take 99999: value "99999" is out of range'],
    ["tier: { value: abc }", "`tier` does not take abc: invalid input syntax"],
    ["tier: { range: [0, 99999] }", "`tier` does not take 99999"],
    ["note: { value: abcdefgh }", "`note` does not take abcdefgh: value too long"],
    [
      "state: { weights: { active: 1, actve: 1 } }",
      "`state` does not take actve: things_state_check",
    ],
    ["rank: { values: [1, 100] }", "`rank` does not take 100: numeric field overflow"],
  ])("%s", async (column, message) => {
    const { code, body } = await seed(column);
    expect(body.error).toMatchObject({
      code: "seeds-invalid",
      message: expect.stringContaining(`public.things: ${message}`),
      at: { file: "seeds/things.yaml", line: 5 },
    });
    expect(code).toBe(4);
    expect(await project.sql`select from things`).toHaveLength(0);
  });

  it("with fewer values than rows of a unique column says how many there can be", async () => {
    const { body } = await seed("id: { values: [1, 2, 3] }");
    expect(body.error).toMatchObject({
      code: "seed-impossible",
      notes: ["public.things: 100 rows are asked for, and unique id allows 3"],
      at: { file: "seeds/things.yaml" },
    });
  });

  it("with a value for each row is taken", async () => {
    const { code } = await seed("id: { range: [1, 100] }", "tier: { range: [0, 9] }");
    expect(code).toBe(0);
    const [row] =
      await project.sql`select count(distinct id)::int as n, max(id) as last from things`;
    expect(row).toEqual({ n: 100, last: 100 });
  });

  it("says which right a role needs", async () => {
    const role = `seeder_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
    await project.sql.unsafe(
      `create role ${role}; alter table things enable row level security; grant ${role} to current_user;
       grant select, insert on things, parts to ${role}; grant usage on schema public to ${role};`,
    );
    try {
      await project.sql`truncate things, parts`;
      const { body } = await project.json(["seed", "--tables", "parts"], {
        env: { PGOPTIONS: `-c role=${role}` },
      });
      expect(body.error).toMatchObject({
        sqlstate: "42501",
        message: expect.stringContaining(role),
        hint: expect.stringContaining("BYPASSRLS"),
      });
    } finally {
      await project.sql.unsafe(`drop owned by ${role}; drop role ${role}`);
    }
  });
});
