import { randomBytes } from "node:crypto";
import postgres from "postgres";

/** URL of the server the tests run on, ending in its maintenance database. Set by the global setup. */
export function serverUrl(): string {
  const url = process.env["TEST_DATABASE_URL"];
  if (url === undefined || url === "") throw new Error("TEST_DATABASE_URL is not set");
  return url;
}

/** The same server, another database. */
export function urlOf(database: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  /** A plain client, to look from outside; several connections. */
  readonly sql: postgres.Sql;
}

/**
 * A fresh, empty database, dropped at the end: `await using db = await withDatabase()`.
 * The name is mixed-case with a space in it, so that unquoted use fails.
 */
export async function withDatabase(options: { template?: string } = {}): Promise<TestDatabase> {
  const name = `Test ${randomBytes(6).toString("hex")}`;
  const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  await admin.unsafe(
    `create database "${name}"` + (options.template ? ` template "${options.template}"` : ""),
  );
  // postgres.js does not decode the path of a URL, so the name is given beside it.
  const sql = postgres(serverUrl(), { database: name, max: 5, onnotice: () => {} });
  return {
    name,
    url: urlOf(name),
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await admin.unsafe(`drop database if exists "${name}" with (force)`);
      await admin.end({ timeout: 1 });
    },
  };
}
