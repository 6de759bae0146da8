/** The FitnessHub database for tests: every migration of this repository, applied. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { loadParser, parseScript } from "../../src/db/script.ts";
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

/** Group role of each service, with its schema and the login that is a member of it. */
export const services = fitnessHubSchemas
  .filter((schema) => schema !== "shared")
  .map((schema) => ({ schema, role: `${schema}_user`, login: `${schema}_app` }));

export const fitnessHubPolicies = new URL("../../policies", import.meta.url).pathname;

const owner = "fitnesshub_owner";
const loginPassword = "only for tests";

/** A fresh database with FitnessHub in it, owned by its NOLOGIN role; unqualified names work in it. */
export async function withFitnessHub(
  options: { timeZone?: string; migrations?: string } = {},
): Promise<TestDatabase> {
  const database = await withDatabase();
  const sql = connectTo(database, 1);
  try {
    if (options.timeZone) await sql`select set_config('timezone', ${options.timeZone}, false)`;
    await createOwner(sql, database.name);
    for (const { sections } of await readSqlMigrations(options.migrations))
      await runSection(sql, sections.up.text);
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

/**
 * FitnessHub with the SQL of `policies/` run as it is written, by a superuser: what the files mean,
 * whatever the tool makes of them. Roles belong to the cluster and stay.
 */
export async function withFitnessHubPolicies(): Promise<TestDatabase> {
  const database = await withFitnessHub();
  const sql = connectTo(database, 1);
  try {
    await loadParser();
    const rls = (await readdir(join(fitnessHubPolicies, "rls"))).toSorted();
    for (const file of ["roles.sql", ...rls.map((name) => join("rls", name))]) {
      const text = await readFile(join(fitnessHubPolicies, file), "utf8");
      for (const statement of parseScript(text)) {
        await runOnCluster(
          sql,
          statement.text.replaceAll("current_database", `"${database.name}"`),
        );
      }
    }
    for (const login of await readLogins(sql)) {
      await runOnCluster(sql, `alter role ${login} password '${loginPassword}'`);
    }
    await closeLeaves(sql);
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** A connection to a test database as one of the login roles of `policies/roles.sql`. */
export function logInTo({ name }: TestDatabase, role: string, max = 1): postgres.Sql {
  const credentials = { user: role, password: loginPassword };
  return postgres(serverUrl(), { database: name, ...credentials, max, onnotice: () => {} });
}

export async function readLogins(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select rolname as name from pg_roles
    where rolcanlogin and (rolname in ('fitnesshub_migrator', 'fitnesshub_analyst')
      or rolname = any (${services.map(({ login }) => login)}))`;
  return rows.map(({ name }) => name);
}

/** Other test files create and change the same roles at this moment. */
async function runOnCluster(sql: postgres.Sql, text: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await sql.unsafe(text);
      return;
    } catch (error) {
      if (!(error instanceof postgres.PostgresError)) throw error;
      if (text.startsWith("CREATE ROLE") && ["42710", "23505"].includes(error.code)) return;
      if (!error.message.startsWith("tuple concurrently") || attempt === 50) throw error;
      await sleep(Math.random() * 50);
    }
  }
}

/** ALL TABLES of GRANT includes leaves, which policies/ never means: they get what upkeep gives them. */
async function closeLeaves(sql: postgres.Sql): Promise<void> {
  const roles = services.map(({ role }) => role).join(", ");
  const leaves = await sql<{ name: string }[]>`
    select oid::regclass::text as name from pg_class where relispartition and relkind = 'r'`;
  for (const { name } of leaves) {
    await sql.unsafe(`
      alter table ${name} enable row level security;
      alter table ${name} force row level security;
      revoke all on ${name} from ${roles}`);
  }
}

/** Several connections to a test database, which its own `sql` shares with nobody. */
export function connectTo({ name }: TestDatabase, max = 5): postgres.Sql {
  return postgres(serverUrl(), { database: name, max, onnotice: () => {} });
}

/** @throws Error when a file of FitnessHub has a mistake in its name or layout. */
export async function readSqlMigrations(directory = fitnessHubMigrations) {
  const { migrations, findings } = await readMigrations(directory);
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

/** What PostgreSQL says when it refuses a statement, or the number of rows; the transaction goes on. */
export async function outcome(
  tx: Tx,
  text: string,
  parameters: string[] = [],
): Promise<string | number> {
  try {
    return (await tx.savepoint((inner) => inner.unsafe(text, parameters))).count;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    return [error.code, error.message, error.detail].filter(Boolean).join(" ");
  }
}

/** A transaction that is rolled back, on behalf of this user; "" is what a cleared identity leaves. */
export async function actAs(
  sql: postgres.Sql,
  user: string,
  work: (tx: Tx) => Promise<void>,
): Promise<void> {
  await trial(sql, async (tx) => {
    await tx`select set_config('app.current_user_id', ${user}, true)`;
    await work(tx);
  });
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
