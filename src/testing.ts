/** `pgwright/testing`: databases for tests, from inside a test runner. */
import { cwd, env } from "node:process";
import { makeTestDatabase } from "./testdb/library.ts";
import type { TestDatabase } from "./testdb/library.ts";
import type { TestDatabaseOptions } from "./testdb/options.ts";

export { PgwrightError } from "./errors.ts";
export type { TestDatabase } from "./testdb/library.ts";
export type { TestDatabaseOptions } from "./testdb/options.ts";

/**
 * A fresh database with everything that migrations/ and policies/ make, for this test or this file.
 *
 * It is a copy of a template, built once whatever number of processes ask for it. It is leased for
 * as long as this process lives; a killed process leaves it to be dropped when the lease is over.
 *
 * @example await using db = await testDatabase();
 * @example const db = await testDatabase({ dropIn: afterAll });
 * @throws PgwrightError; nothing is ever written to the terminal.
 */
export function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  return makeTestDatabase(options, { workingDirectory: cwd(), environment: env });
}
