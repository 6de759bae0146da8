import postgres from "postgres";
import { expect, test } from "vitest";
import { serverUrl, withDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";
import { connectTo, createOwner, readSqlMigrations, runSection } from "../support/fitnesshub.ts";

const extension =
  "select extname, obj_description(oid, 'pg_extension') as comment from pg_extension where extname <> 'plpgsql'";

async function readMigration013() {
  const migration = (await readSqlMigrations()).find(({ order }) => order === 13n);
  const { up, down } = migration?.sections ?? {};
  if (!up || !down) throw new Error("013 has no up or no down section");
  return { up: up.text, down: down.text };
}

async function prepare(database: TestDatabase): Promise<postgres.Sql> {
  const sql = connectTo(database, 1);
  await createOwner(sql, database.name);
  return sql;
}

test("a superuser's migrate creates the extension, and its rollback takes it away again", async () => {
  await using database = await withDatabase();
  const sql = await prepare(database);
  const { up, down } = await readMigration013();
  for (const _ of ["first", "again"]) {
    await runSection(sql, up);
    const [created] = await sql.unsafe(extension);
    expect(created).toEqual({
      extname: "pg_stat_statements",
      comment: expect.stringContaining("FitnessHub migration 013"),
    });
    await runSection(sql, down);
    expect(await sql.unsafe(extension)).toEqual([]);
  }
  await sql.end();
});

test("an extension that was there before stays as it was in both directions", async () => {
  await using database = await withDatabase();
  const sql = await prepare(database);
  await sql`create extension pg_stat_statements`;
  const before = await sql.unsafe(extension);
  expect(before).toHaveLength(1);
  const { up, down } = await readMigration013();
  for (const section of [up, down]) {
    await runSection(sql, section);
    expect(await sql.unsafe(extension)).toEqual(before);
  }
  await sql.end();
});

test("a role that may not create it is told what to type, and stays the owner for what follows", async () => {
  await using database = await withDatabase();
  const sql = await prepare(database);
  const deployer = `deployer_${database.name.split(" ").at(-1)}`;
  await sql.unsafe(
    `create role ${deployer} login password 'pw'; grant fitnesshub_owner to ${deployer}`,
  );
  const notices: string[] = [];
  const limited = postgres(serverUrl(), {
    database: database.name,
    username: deployer,
    password: "pw",
    max: 1,
    onnotice: (notice) => notices.push(notice["message"] ?? ""),
  });
  try {
    const { up, down } = await readMigration013();
    await runSection(limited, `${up};\ncreate schema made_after`);
    expect(notices).toEqual([
      `role ${deployer} may not create pg_stat_statements; run as a superuser: CREATE EXTENSION pg_stat_statements;`,
    ]);
    expect(await sql.unsafe(extension)).toEqual([]);
    const owned =
      "select pg_get_userbyid(nspowner) as owner from pg_namespace where nspname = 'made_after'";
    expect(await sql.unsafe(owned)).toEqual([{ owner: "fitnesshub_owner" }]);
    await runSection(limited, down);

    // Created by a superuser's migrate, it is not this role's to drop: rolling back says so.
    await runSection(sql, up);
    await expect(runSection(limited, down)).rejects.toMatchObject({ code: "42501" });
    expect(await sql.unsafe(extension)).toHaveLength(1);
  } finally {
    await limited.end();
    await sql.unsafe(`drop role ${deployer}`);
    await sql.end();
  }
});
