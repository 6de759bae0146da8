/** What `indexes list` says of a test database, and what `indexes repair` does to it. */
import type { Finding } from "../../src/findings.ts";
import { listIndexes, type IndexReport, type ListOptions } from "../../src/indexes/list.ts";
import { repairIndexes, type IndexRepair, type RepairOptions } from "../../src/indexes/repair.ts";
import { connectTo } from "./connection.ts";
import type { TestDatabase } from "./database.ts";

/** The report; by default on small tables and with young statistics too. */
export async function list(
  { url }: Pick<TestDatabase, "url">,
  options: Partial<ListOptions> = {},
): Promise<IndexReport> {
  await using session = await connectTo(url);
  return await listIndexes(session, {
    all: true,
    minAge: 0,
    ledger: { schema: "public", table: "pgwright_migrations" },
    ...options,
  });
}

/** Findings of one rule, with their objects in front. */
export async function findingsOf(
  database: Pick<TestDatabase, "url">,
  rule: string,
  options: Partial<ListOptions> = {},
): Promise<readonly Finding[]> {
  const { findings } = await list(database, options);
  return findings.filter((finding) => finding.rule === rule);
}

/** The objects those findings are about. */
export async function objectsOf(
  database: Pick<TestDatabase, "url">,
  rule: string,
  options: Partial<ListOptions> = {},
): Promise<(string | undefined)[]> {
  return (await findingsOf(database, rule, options)).map(({ object }) => object);
}

/** Repairs as the command does, with short waits. */
export function repair(
  { url }: Pick<TestDatabase, "url">,
  options: Partial<RepairOptions> = {},
): Promise<IndexRepair> {
  return repairIndexes({
    open: ({ writes }) => connectTo(url, { writes }),
    ledger: { schema: "public", table: "pgwright_migrations" },
    role: undefined,
    isProtected: false,
    lockTimeoutMs: 500,
    lockBudgetMs: 2000,
    lockWaitMs: 10_000,
    statementTimeoutMs: 0,
    author: { host: "test", toolVersion: "0" },
    events: () => {},
    indexes: [],
    dryRun: false,
    ...options,
  });
}
