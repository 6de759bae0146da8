/** Fills the tables of a copy, whose schema may be older than what seeds/ is written for. */
import { PgwrightError } from "../errors.ts";
import type { DeclaredPartitions } from "../policies/partitions/declared.ts";
import type { Session } from "../db/session.ts";
import type { LedgerPlace } from "../migrate/ledger-place.ts";
import type { Seeds } from "../seed/read.ts";
import type { SeedRequest } from "../seed/request.ts";
import { seed } from "../seed/seed.ts";
import type { TableSum } from "./rows.ts";

export interface FillOptions {
  readonly seeds: Seeds;
  readonly partitions: DeclaredPartitions | undefined;
  /** The audit log, `schema.name`. */
  readonly log: string | undefined;
  readonly ledger: LedgerPlace;
  readonly role: string | undefined;
  readonly lockTimeoutMs: number;
  /** The rows come after a migration: they are to have NULL wherever it is allowed. */
  readonly isAfter?: boolean;
  /** Tables that get no rows, by key: made up ones were in the way there. */
  readonly spared?: ReadonlySet<string>;
}

/** How it was filled: as seeds/ says, as far as that fits, or from the schema alone. */
export type Filling = "seeds" | "seeds without reference data" | "schema";

export interface Filled {
  readonly filling: Filling;
  /** Rows made. */
  readonly rows: number;
  /** Tables that could not get more rows than those they had. */
  readonly kept: readonly KeptTable[];
}

export interface KeptTable {
  /** `schema.name`, quoted where needed. */
  readonly table: string;
  readonly rows: number;
}

interface Way extends Pick<SeedRequest, "showsNulls"> {
  readonly filling: Filling;
  readonly request: SeedRequest;
  readonly reference: Seeds["reference"];
  readonly append: ReadonlySet<string>;
}

/**
 * Tries what seeds/ says about the tables and columns that exist, then without the reference data,
 * then from the schema alone. Tables that have rows get as many again as empty ones get; where that
 * does not go, those that migrations have written keep what they have. Each try is one transaction.
 *
 * @param tables those that exist, with their columns.
 * @returns how it went and how many rows were made, or why none of it did.
 * @throws PgwrightError for everything but data that do not fit.
 */
export async function fillTables(
  session: Session,
  tables: readonly TableSum[],
  options: FillOptions,
): Promise<Filled | { readonly reason: string }> {
  const { seeds, partitions, ledger, role, lockTimeoutMs } = options;
  let reason = "";
  for (const { filling, request, showsNulls, reference, append } of waysToFill(tables, options)) {
    try {
      const { loaded } = await seed(session, {
        request: { ...request, ...(showsNulls === undefined ? {} : { showsNulls }) },
        reference,
        places: seeds.places,
        partitions,
        ledger,
        role,
        isProtected: false,
        tables: [],
        append,
        truncate: false,
        allowDataLoss: false,
        dryRun: false,
        lockTimeoutMs,
        events: () => {},
      });
      const grown = new Set(loaded.flatMap(({ table, rows }) => (rows > 0 ? [table] : [])));
      const kept = tables.filter(
        ({ key, rows }) => rows > 0 && !grown.has(key) && request.tables[key]?.rows !== 0,
      );
      return {
        filling,
        rows: loaded.reduce((sum, { rows }) => sum + rows, 0),
        kept: kept.map(({ table, rows }) => ({ table, rows })),
      };
    } catch (error) {
      if (!(error instanceof PgwrightError) || !refusals.includes(error.code)) throw error;
      const [note] = error.details.notes ?? [];
      reason = note === undefined ? error.message : `${error.message}: ${note}`;
    }
  }
  return { reason };
}

/** The fullest first. */
function waysToFill(
  tables: readonly TableSum[],
  { seeds, isAfter = false, spared = new Set() }: FillOptions,
): readonly Way[] {
  const written = new Set(tables.flatMap(({ key, rows }) => (rows > 0 ? [key] : [])));
  const request = sparing(restrict(seeds.request, tables), spared);
  const bare = sparing({ ...seeds.request, tables: {} }, spared);
  const ways: Omit<Way, "append">[] = [
    { filling: "seeds", request, reference: seeds.reference },
    ...(seeds.reference.length === 0
      ? []
      : [{ filling: "seeds without reference data" as const, request, reference: [] }]),
    ...(Object.keys(request.tables).length === 0
      ? []
      : [{ filling: "schema" as const, request: bare, reference: [] }]),
  ];
  if (isAfter) {
    return ways.flatMap((way) => [
      { ...way, append: written, showsNulls: true },
      { ...way, append: written },
    ]);
  }
  return ways.flatMap((way) => [
    ...(written.size > 0 ? [{ ...way, append: written }] : []),
    { ...way, append: new Set<string>() },
  ]);
}

function sparing(request: SeedRequest, spared: ReadonlySet<string>): SeedRequest {
  const none = [...spared].map(
    (key) => [key, { columns: {}, ...request.tables[key], rows: 0 }] as const,
  );
  return { ...request, tables: { ...request.tables, ...Object.fromEntries(none) } };
}

/** Codes that tell of data and schema not fitting each other. */
const refusals = ["seeds-invalid", "seed-impossible", "sql-failed", "partitions-refused"];

/** What is said of tables and columns that are not there yet, or not any more, is left out. */
function restrict(request: SeedRequest, tables: readonly TableSum[]): SeedRequest {
  const columnsOf = new Map(
    tables.map(({ key, columns }) => [key, new Set(columns.map(({ name }) => name))]),
  );
  const kept = Object.entries(request.tables).flatMap(([name, table]) => {
    const known = columnsOf.get(name);
    if (!known) return [];
    const columns = Object.fromEntries(
      Object.entries(table.columns).filter(([column]) => known.has(column)),
    );
    return [[name, { ...table, columns }] as const];
  });
  return { ...request, tables: Object.fromEntries(kept) };
}
