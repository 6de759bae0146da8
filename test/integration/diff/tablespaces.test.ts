/** Where tables lie is told by `diff` and `drift`, and no difference of a schema. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { expect, test } from "vitest";
import { serverUrl } from "../../support/database.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

test("tables and indexes that were moved are told", async () => {
  const place = `place_${randomBytes(6).toString("hex")}`;
  await using project = await withMigrations({
    "001_t.sql": migration(
      `create table t (id int primary key, n int) tablespace ${place}; create index t_n on t (n) tablespace ${place};
       create table stays (id int) tablespace ${place}; create table other (id int);`,
      "drop table other; drop table stays; drop table t;",
    ),
  });
  const { sql } = project;
  const server = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  try {
    await server`set allow_in_place_tablespaces = on`;
    await server.unsafe(`create tablespace ${place} location ''`);
    await project.mustRun(["migrate"]);
    expect((await project.run(["drift"])).stdout).toBe("files and database have the same schema\n");
    await sql`alter table t set tablespace pg_default`;
    await sql`alter index t_n set tablespace pg_default`;

    const told = `in another tablespace, which counts as no difference:
  index public.t_n: ${place} in files, pg_default in database
  table public.t: ${place} in files, pg_default in database
`;
    const drift = await project.run(["drift"]);
    expect(drift.stdout).toBe(`files and database have the same schema\n\n${told}`);
    expect(drift.code).toBe(0);
    const { body } = await project.json(["drift"]);
    expect(body.result.elsewhere).toEqual([
      { object: "index public.t_n", from: place, to: "pg_default" },
      { object: "table public.t", from: place, to: "pg_default" },
    ]);
    await sql`alter table other add n int`;
    expect((await project.run(["diff", "files", "database"])).stdout).toContain(
      `1 difference from files to database\n\n${told}`,
    );
    expect((await project.run(["diff", "files", "database", "--sql"])).stdout).toContain(
      told.trim().replaceAll(/^/gm, "-- "),
    );

    // A dump that says nothing of tablespaces differs in none.
    const { stdout } = await project.run(["dump", "--output", "-"]);
    await writeFile(join(project.path, "schema.sql"), stdout);
    expect((await project.run(["diff", "schema.sql", "database"])).stdout).not.toContain(
      "tablespace",
    );
  } finally {
    await sql.unsafe("drop table if exists t, stays").simple();
    await server.unsafe(`drop tablespace if exists ${place}`);
    await server.end();
  }
});
