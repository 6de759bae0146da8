/** Databases made from the dump fixtures, and what pg_dump says about them. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import postgres from "postgres";
import type { Session } from "../../src/db/session.ts";
import { asReread } from "../../src/schema/deparsed.ts";
import { dumpSchema, type Dump, type DumpOptions } from "../../src/schema/dump.ts";
import { connectTo } from "./connection.ts";
import { serverUrl, type TestDatabase } from "./database.ts";

const run = promisify(execFile);

export interface FixtureRoles extends AsyncDisposable {
  /** A fixture's text with this test's roles in place of `:owner`, `:reader` and `:writer`. */
  readonly read: (fixture: string) => Promise<string>;
  readonly owner: string;
}

/** Three roles with names that need quotes, dropped at the end. Declare them before databases. */
export async function withFixtureRoles(): Promise<FixtureRoles> {
  const suffix = randomBytes(4).toString("hex");
  const names = ["owner", "reader", "writer"].map((name) => [name, `"Dump-${name} ${suffix}"`]);
  const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  for (const [, role] of names) await admin.unsafe(`create role ${role}`);
  return {
    owner: names[0]?.[1] ?? "",
    async read(fixture) {
      const path = join(import.meta.dirname, "..", "fixtures", "dump", `${fixture}.sql`);
      const text = await readFile(path, "utf8");
      return names.reduce((sql, [name, role]) => sql.replaceAll(`:${name}`, role ?? ""), text);
    },
    async [Symbol.asyncDispose]() {
      for (const [, role] of names) await admin.unsafe(`drop role ${role}`);
      await admin.end({ timeout: 1 });
    },
  };
}

/** Runs a script and ends the session, so that nothing it set is left. */
export async function load(database: TestDatabase, sql: string): Promise<void> {
  await using session = await connectTo(database.url);
  await session.script(sql);
}

export async function dump(database: TestDatabase, options?: DumpOptions): Promise<Dump> {
  await using session = await connectTo(database.url);
  return await dumpSchema(session, options);
}

export async function majorVersion(database: TestDatabase): Promise<number> {
  await using session: Session = await connectTo(database.url);
  return Math.floor(session.server.versionNumber / 10_000);
}

/** A program of PostgreSQL's that is at least as new as the server, or undefined. */
export async function findProgram(name: string, major: number): Promise<string | undefined> {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  for (let version = major; version <= 30; version += 1) {
    folders.push(`/usr/lib/postgresql/${version}/bin`);
  }
  for (const folder of folders) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    const { stdout } = await run(path, ["--version"]);
    if (Number(/(\d+)(?:\.|devel|beta|rc|$)/.exec(stdout)?.[1] ?? 0) >= major) return path;
  }
  return undefined;
}

/**
 * The schema as pg_dump sees it, without what differs from run to run. Casts of arrays are put as
 * they read after a reload, which is how they always read in our own dump.
 */
export async function pgDump(program: string, database: TestDatabase): Promise<string> {
  const { stdout } = await run(program, ["--schema-only", `--dbname=${database.url}`], {
    maxBuffer: 1 << 28,
  });
  const lines = stdout.split("\n").filter((line) => !/^(--|\\(un)?restrict )/.test(line));
  return asReread(lines.join("\n"));
}

/** Loads a script as a DBA would, in one transaction, stopping at the first error. */
export async function loadWithPsql(
  program: string,
  database: TestDatabase,
  sql: string,
): Promise<void> {
  const child = run(program, [
    "--no-psqlrc",
    "--single-transaction",
    "--set=ON_ERROR_STOP=1",
    "--quiet",
    `--dbname=${database.url}`,
  ]);
  child.child.stdin?.end(sql);
  await child;
}
