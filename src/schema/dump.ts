/** The schema of a database as text, straight from the system catalogs. */
import { createHash } from "node:crypto";
import { qualified } from "../db/identifier.ts";
import { isPostgresError } from "../db/session.ts";
import type { PostgresError, Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import beginSnapshot from "./begin.sql";
import { readCatalog } from "./catalog.ts";
import { refuseUnknown } from "./completeness.ts";
import { orderObjects } from "./graph.ts";
import { collectObjects } from "./kinds.ts";
import { layOut } from "./layout.ts";
import type { LedgerTable } from "./ledger-rows.ts";
import { ledgerRows } from "./ledger-rows.ts";
import type { SchemaObject } from "./object.ts";

export interface DumpOptions {
  /**
   * The migration ledger. Its rows are part of the dump; its log `<table>_log` is not. With
   * `content: "none"` the ledger itself is left out too, for comparing schemas.
   */
  readonly ledger?: LedgerTable & { readonly content?: "rows" | "none" };
  /** Leave out who owns what. */
  readonly omitOwners?: boolean;
}

export interface Dump {
  readonly sql: string;
  /** What was left out on purpose, and why. */
  readonly findings: readonly Finding[];
}

/** pgwright's own state; never part of a dump. */
const ownSchema = "pgwright";

/**
 * Writes the schema as DDL: the same text for the same schema, whatever its history, and a text
 * that loads into an empty database and then dumps alike. Reads in one REPEATABLE READ transaction
 * and takes no locks: it never waits, and DDL that runs meanwhile can make it fail.
 *
 * Not part of a schema, and left out: roles, rows, settings and privileges of the database itself,
 * values of sequences, versions of extensions and collations, tablespaces, large objects, whether
 * a materialized view is populated, and the order of columns that a child inherits.
 *
 * The session must not be in a transaction.
 *
 * @throws PgwrightError `dump-unsupported` naming every object it does not know how to make,
 * `sql-failed` when this role may not read the ledger or the schema changes meanwhile.
 */
export async function dumpSchema(session: Session, options: DumpOptions = {}): Promise<Dump> {
  try {
    await session.script(beginSnapshot);
    const catalog = await readCatalog(session, options.omitOwners === true);
    const all = await collectObjects(catalog);
    const isOurs = ownState(options.ledger);
    const kept = all.filter((object) => !isOurs(object));
    await refuseUnknown(catalog, all, kept);
    const sql = layOut(
      orderObjects(catalog, kept),
      options.ledger && options.ledger.content !== "none"
        ? await ledgerRows(session, options.ledger)
        : [],
    );
    return { sql, findings: sorted(catalog.findings) };
  } catch (error) {
    throw isPostgresError(error) ? unreadable(error) : error;
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

/** SHA-256 of the dump, in hex: equal for databases with equal schemas. */
export async function fingerprint(session: Session, options: DumpOptions = {}): Promise<string> {
  return fingerprintOf((await dumpSchema(session, options)).sql);
}

/** SHA-256 of a dump's text, in hex. */
export function fingerprintOf(sql: string): string {
  return createHash("sha256").update(sql).digest("hex");
}

function ownState(ledger: DumpOptions["ledger"]): (object: SchemaObject) => boolean {
  const tables = new Set<string>();
  if (ledger) {
    tables.add(qualified(ledger.schema, `${ledger.table}_log`));
    if (ledger.content === "none") tables.add(qualified(ledger.schema, ledger.table));
  }
  return (object) =>
    object.section === ownSchema ||
    object.label === `schema ${ownSchema}` ||
    (object.relation !== undefined && tables.has(object.relation));
}

/** XX000 is what PostgreSQL's own text functions raise for an object that is gone meanwhile. */
function unreadable(error: PostgresError): PgwrightError {
  return new PgwrightError("sql-failed", `the schema cannot be read: ${error.message}`, {
    sqlstate: error.code,
    hint:
      error.code === "XX000"
        ? "it was changed at the same time; run the command again"
        : "nothing was written",
    cause: error,
  });
}

function sorted(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => (a.message < b.message ? -1 : 1));
}
