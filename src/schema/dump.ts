/** The schema of a database as text, straight from the system catalogs. */
import { createHash } from "node:crypto";
import { qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import { readCatalog } from "./catalog.ts";
import { refuseUnknown } from "./completeness.ts";
import { orderObjects } from "./graph.ts";
import { collectObjects } from "./kinds.ts";
import { layOut } from "./layout.ts";
import type { LedgerTable } from "./ledger-rows.ts";
import { ledgerRows } from "./ledger-rows.ts";
import type { SchemaObject } from "./object.ts";
import { readSteadily } from "./steady.ts";

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
 * that loads into an empty database and then dumps alike. Takes no locks, and reads again when the
 * schema was changed meanwhile.
 *
 * Not part of a schema, and left out: roles, rows, settings and privileges of the database itself,
 * values of sequences, versions of extensions and collations, tablespaces, large objects, whether
 * a materialized view is populated, and the order of columns that a child inherits.
 *
 * The session must not be in a transaction.
 *
 * @throws PgwrightError `dump-unsupported` naming every object it does not know how to make,
 * `sql-failed` when this role may not read the ledger, or the schema does not stop changing.
 */
export async function dumpSchema(session: Session, options: DumpOptions = {}): Promise<Dump> {
  return readSteadily(session, async () => {
    const { ordered, findings } = await readOrdered(session, options);
    const rows =
      options.ledger && options.ledger.content !== "none"
        ? await ledgerRows(session, options.ledger)
        : [];
    return { sql: layOut(ordered, rows), findings: sorted(findings) };
  });
}

/** One object of a schema, as the dump writes it. */
export interface DumpedObject {
  /** `table app.users`; unique. */
  readonly label: string;
  /** The relation it belongs to, `schema.name` quoted. */
  readonly relation: string | undefined;
  /** Without their semicolons. */
  readonly statements: readonly string[];
}

/** The objects of the dump, in its order; errors and limits are those of `dumpSchema`. */
export async function readObjects(
  session: Session,
  options: DumpOptions = {},
): Promise<DumpedObject[]> {
  return readSteadily(session, async () => {
    const { placed, apart } = (await readOrdered(session, options)).ordered;
    return placed.map(({ object }) => ({
      label: object.label,
      relation: object.relation,
      statements: object.statements(apart),
    }));
  });
}

async function readOrdered(session: Session, options: DumpOptions) {
  const catalog = await readCatalog(session, { omitsOwners: options.omitOwners === true });
  const all = await collectObjects(catalog);
  const isOurs = ownState(options.ledger);
  const kept = all.filter((object) => !isOurs(object));
  await refuseUnknown(catalog, all, kept);
  return { ordered: orderObjects(catalog, kept), findings: catalog.findings };
}

/** SHA-256 of the dump, in hex: equal for databases with equal schemas. */
export async function fingerprint(session: Session, options: DumpOptions = {}): Promise<string> {
  return fingerprintOf((await dumpSchema(session, options)).sql);
}

/** SHA-256 of a dump's text, in hex. */
export function fingerprintOf(sql: string): string {
  return createHash("sha256").update(sql).digest("hex");
}

export function ownState(ledger: DumpOptions["ledger"]): (object: SchemaObject) => boolean {
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

function sorted(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => (a.message < b.message ? -1 : 1));
}
