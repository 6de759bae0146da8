/** `pgwright indexes list`: every index, and what is wrong with them. Reads only. */
import { ident, qualified } from "../db/identifier.ts";
import { loadParser } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding, Severity } from "../findings.ts";
import type { Catalog, Counters, IndexFacts } from "./catalog.ts";
import { readCatalog } from "./catalog.ts";
import { findRelation, unknownRelation } from "./find.ts";
import type { InvalidIndex } from "./invalid.ts";
import { lookPatiently } from "./look.ts";
import { findRedundant } from "./redundancy.ts";
import { rules } from "./rules/index.ts";
import { canTellUnused } from "./rules/unused.ts";
import { indexName, tableName } from "./statement.ts";

export interface ListOptions {
  readonly schema?: string | undefined;
  /** As SQL: `orders`, `shop."Order"`. */
  readonly table?: string | undefined;
  /** The parts of partitioned indexes, and findings on small tables, as well. */
  readonly all: boolean;
  /** Seconds that the counters must have run before an index is called unused. */
  readonly minAge: number;
  readonly ledger: { readonly schema: string; readonly table: string };
}

export interface ListedIndex {
  /** `schema.table`, and `schema.index`, quoted where needed. */
  readonly table: string;
  readonly index: string;
  /** The same without the schema, which is the table's. */
  readonly name: string;
  /** "btree (a, b DESC) INCLUDE (c) WHERE (d > 0)" */
  readonly definition: string;
  /** "primary key", "unique", "exclusion", "index", with ", partitioned" or ", invalid" after it. */
  readonly kind: string;
  /** Of all parts. */
  readonly bytes: number;
  /** Of all parts, since the counters began. */
  readonly scans: number;
  /** Null where never or, before PostgreSQL 16, unknown. */
  readonly lastScan: string | null;
  /** Estimated, of the table; 0 is also unknown. */
  readonly rows: number;
  readonly constraint: string | null;
}

export interface IndexReport {
  /** In the order of schema, table, primary key first, name. */
  readonly indexes: readonly ListedIndex[];
  readonly statistics: Counters & {
    readonly minAgeSeconds: number;
    /** False: the counters are too young, or off, to call an index unused. */
    readonly canTellUnused: boolean;
  };
  /** The worst first. */
  readonly findings: readonly Finding[];
}

/**
 * Looks in one read-only transaction with short timeouts, so it is safe on a busy server, on a
 * standby and through a pooler.
 *
 * @throws PgwrightError `relation-unknown`; `lock-timeout` when a table stays locked exclusively.
 */
export async function listIndexes(session: Session, options: ListOptions): Promise<IndexReport> {
  await loadParser();
  const { schema, all, minAge, ledger } = options;
  const table = options.table === undefined ? undefined : await findTable(session, options.table);
  if (schema !== undefined) await checkSchema(session, schema);
  const scope = { schema, tableOid: table?.oid, ledger, withParts: all };
  const catalog = await lookPatiently(session, () => readCatalog(session, scope));
  const { indexes, counters } = catalog;
  const context = {
    ...catalog,
    redundant: findRedundant(indexes),
    minAgeSeconds: minAge,
    all,
    inScope: scopeOf(catalog, options, table),
    taken: new Set(indexes.map(({ name }) => name)),
  };
  const shown = indexes.filter(({ isPart }) => all || table !== undefined || !isPart);
  return {
    indexes: shown.map(describe),
    statistics: {
      ...counters,
      minAgeSeconds: minAge,
      canTellUnused: canTellUnused(counters, minAge),
    },
    findings: rules.flatMap((rule) => rule(context)).toSorted(bySeverity),
  };
}

async function findTable(session: Session, name: string) {
  const found = await findRelation(session, name);
  if (found && /^[rpm]$/.test(found.kind)) return found;
  throw found
    ? new PgwrightError("relation-unknown", `${qualified(found.schema, found.name)} is no table`, {
        hint: "--table takes a table or materialized view",
      })
    : unknownRelation(session, "table", name);
}

async function checkSchema(session: Session, schema: string): Promise<void> {
  const rows = await session.query("select from pg_namespace where nspname = $1", [schema]);
  if (rows.length > 0) return;
  throw new PgwrightError(
    "relation-unknown",
    `the database \`${session.server.database}\` has no schema \`${schema}\``,
    { hint: "--schema takes the name as it is stored, without quotes" },
  );
}

/** A part that is invalid makes the partitioned index above it invalid, which is told instead. */
function scopeOf(
  { invalid }: Catalog,
  { schema, all }: ListOptions,
  table: { schema: string; name: string } | undefined,
): (index: InvalidIndex) => boolean {
  const roots = new Set(invalid.filter(({ isPartitioned }) => isPartitioned).map(({ oid }) => oid));
  return (index) => {
    const place = index.toastOf ?? index.table;
    if (table !== undefined) return place === qualified(table.schema, table.name);
    if (schema !== undefined && index.schema !== schema && !index.isToast) return false;
    return all || index.root === null || index.root === index.oid || !roots.has(index.root);
  };
}

function describe(index: IndexFacts): ListedIndex {
  return {
    table: tableName(index),
    index: indexName(index),
    name: ident(index.name),
    definition: index.definition,
    kind: kindOf(index),
    bytes: index.bytes ?? 0,
    scans: index.scans ?? 0,
    lastScan: index.lastScan,
    rows: index.rows ?? 0,
    constraint: index.constraint,
  };
}

function kindOf(index: IndexFacts): string {
  const base = index.isPrimary
    ? "primary key"
    : index.isExclusion
      ? "exclusion"
      : index.isUnique
        ? "unique"
        : "index";
  return [
    base,
    ...(index.isPartitioned ? ["partitioned"] : []),
    ...(index.isPart ? ["part"] : []),
    ...(index.isValid ? [] : ["invalid"]),
  ].join(", ");
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

function bySeverity(a: Finding, b: Finding): number {
  return rank[a.severity] - rank[b.severity];
}
