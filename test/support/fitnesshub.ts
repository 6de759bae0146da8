/** The FitnessHub database for tests: every migration of this repository, applied. */
import postgres from "postgres";
import { readMigrations } from "../../src/migrate/file.ts";
import { serverUrl, withDatabase } from "./database.ts";
import type { TestDatabase } from "./database.ts";

export const fitnessHubMigrations = new URL("../../migrations", import.meta.url).pathname;

/** The schemas of FitnessHub in the order an application role searches them. */
export const fitnessHubSchemas = [
  "user_service",
  "workout_service",
  "social_service",
  "ai_service",
  "blockchain_service",
  "notification_service",
  "shared",
] as const;

const owner = "fitnesshub_owner";

/** A fresh database with FitnessHub in it, owned by its NOLOGIN role; unqualified names work in it. */
export async function withFitnessHub(options: { timeZone?: string } = {}): Promise<TestDatabase> {
  const database = await withDatabase();
  const sql = connectTo(database, 1);
  try {
    if (options.timeZone) await sql`select set_config('timezone', ${options.timeZone}, false)`;
    await createOwner(sql, database.name);
    for (const { sections } of await readSqlMigrations()) await runSection(sql, sections.up.text);
    await sql.unsafe(
      `alter database "${database.name}" set search_path = ${fitnessHubSchemas.join(", ")}, public`,
    );
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Several connections to a test database, which its own `sql` shares with nobody. */
export function connectTo({ name }: TestDatabase, max = 5): postgres.Sql {
  return postgres(serverUrl(), { database: name, max, onnotice: () => {} });
}

/** @throws Error when a file of FitnessHub has a mistake in its name or layout. */
export async function readSqlMigrations() {
  const { migrations, findings } = await readMigrations(fitnessHubMigrations);
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  return migrations.filter((migration) => migration.kind === "sql");
}

/**
 * Runs a section as the owner in one transaction. Without CONCURRENTLY, which is about waiting and
 * leaves the same catalog: how the tool carries that out is tested with the tool.
 */
export async function runSection(sql: postgres.Sql, text: string): Promise<void> {
  const body = text.replaceAll("INDEX CONCURRENTLY", "INDEX");
  await sql.unsafe(`begin; set local role ${owner};\n${body};\ncommit`).catch(async (error) => {
    await sql.unsafe("rollback");
    throw error;
  });
}

/** Roles belong to the cluster, and other test files do the same at this moment. */
export async function createOwner(sql: postgres.Sql, database: string): Promise<void> {
  await sql
    .unsafe(`create role ${owner} nologin bypassrls`)
    .catch((error: postgres.PostgresError) => {
      if (!["42710", "23505"].includes(error.code)) throw error;
    });
  await sql.unsafe(`grant create on database "${database}" to ${owner}`);
}

export type Tx = postgres.TransactionSql;

/** Runs `work` in a transaction that is rolled back, so that every test finds empty tables. */
export async function trial(sql: postgres.Sql, work: (tx: Tx) => Promise<void>): Promise<void> {
  const undo = new Error("rolled back on purpose");
  await sql
    .begin(async (tx) => {
      await work(tx);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
}

/** SQLSTATE and constraint of a statement that PostgreSQL refuses, or "accepted"; the transaction goes on. */
export async function verdict(tx: Tx, text: string, parameters: string[] = []): Promise<string> {
  try {
    await tx.savepoint((inner) => inner.unsafe(text, parameters));
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    return [error.code, error.constraint_name ?? error.column_name].filter(Boolean).join(" ");
  }
  return "accepted";
}

export async function addUser(tx: Tx, email = "ann@example.invalid"): Promise<string> {
  const [user] = await tx<{ id: string }[]>`
    insert into users (email, first_name, last_name) values (${email}, 'Ann', 'Example') returning id`;
  return user?.id ?? "";
}

export async function addPost(tx: Tx, user: string, at = "2024-01-15 12:00+00"): Promise<string> {
  const [post] = await tx<{ id: string }[]>`
    insert into social_posts (user_id, content, type, created_at)
    values (${user}, 'Hello', 'text', ${at}) returning id`;
  return post?.id ?? "";
}
