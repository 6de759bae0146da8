/** Seeding in tests, as the command does it. */
import { PgwrightError } from "../../src/errors.ts";
import { usualAsOf } from "../../src/seed/request.ts";
import type { SeedRequest, TableRequest } from "../../src/seed/request.ts";
import { seed, type SeedOptions, type SeedResult } from "../../src/seed/seed.ts";
import { connectTo } from "./connection.ts";
import type { TestDatabase } from "./database.ts";

export interface SeedTrial extends Partial<Omit<SeedOptions, "request">> {
  readonly seed?: string;
  readonly scale?: number;
  readonly requests?: Readonly<Record<string, TableRequest>>;
  readonly request?: SeedRequest;
}

/** Runs a seed without files. */
export async function runSeed(database: TestDatabase, trial: SeedTrial = {}): Promise<SeedResult> {
  await using session = await connectTo(database.url, { writes: true });
  const { seed: name = "test", scale = 1, requests = {}, request, ...options } = trial;
  return await seed(session, {
    request: request ?? { seed: name, locale: "en", asOf: usualAsOf, scale, tables: requests },
    reference: [],
    places: new Map(),
    ledger: { schema: "public", table: "schema_migrations" },
    role: undefined,
    isProtected: false,
    tables: [],
    append: false,
    truncate: false,
    allowDataLoss: false,
    dryRun: false,
    lockTimeoutMs: 1000,
    events: () => {},
    ...options,
  }).catch((error: unknown) => {
    if (!(error instanceof PgwrightError)) throw error;
    throw new PgwrightError(
      error.code,
      [error.message, ...(error.details.notes ?? [])].join("; "),
      error.details,
    );
  });
}

/** SHA-256 of every row of the tables, in the order of their texts, as the server prints them in UTC. */
export async function fingerprint(
  database: TestDatabase,
  tables: readonly string[],
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  await database.sql.begin(async (tx) => {
    await tx.unsafe("set local timezone = 'UTC'; set local row_security = off");
    for (const table of tables) {
      const [row] = await tx.unsafe<{ hash: string }[]>(
        `select encode(sha256(convert_to(coalesce(string_agg(t::text, e'\\n' order by t::text collate "C"), ''), 'UTF8')), 'hex') as hash from ${table} t`,
      );
      found[table] = row?.hash ?? "";
    }
  });
  return found;
}
