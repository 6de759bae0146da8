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
import type { Need } from "./needs.ts";
import { elementNeeds } from "./needs.ts";
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

/** One object of a dump. */
export interface DumpedObject {
  /** `table public.users`. */
  readonly label: string;
  /** The relation it is or belongs to, `schema.name` quoted; absent for what belongs to none. */
  readonly relation?: string | undefined;
  /** It only completes its relation: an index, a trigger, a policy. */
  readonly isPart: boolean;
  /** The schema it lives in, not quoted; "" for what lives in none. */
  readonly schema: string;
  /** Without their semicolons; the first one makes the object. */
  readonly statements: readonly string[];
  /** Of a view: its columns in their order, each with type and collation. */
  readonly columns?: readonly string[];
  /** What it must find when it is made, with its columns and constraints taken one by one. */
  readonly needs: readonly Need[];
}

/** A dump, and what it consists of in the order of the text. */
export interface DumpedSchema extends Dump {
  readonly objects: readonly DumpedObject[];
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
  const { sql, findings } = await dumpObjects(session, options);
  return { sql, findings };
}

/** The same, with each object by itself. */
export async function dumpObjects(
  session: Session,
  options: DumpOptions = {},
): Promise<DumpedSchema> {
  return readSteadily(session, async () => {
    const catalog = await readCatalog(session, { omitsOwners: options.omitOwners === true });
    const all = await collectObjects(catalog);
    const isOurs = ownState(options.ledger);
    const kept = all.filter((object) => !isOurs(object));
    await refuseUnknown(catalog, all, kept);
    const rows =
      options.ledger && options.ledger.content !== "none"
        ? await ledgerRows(session, options.ledger)
        : [];
    const ordered = orderObjects(catalog, kept);
    const needs = elementNeeds(
      catalog,
      ordered.placed.map(({ object }) => object),
    );
    return {
      sql: layOut(ordered, rows),
      findings: sorted(catalog.findings),
      objects: ordered.placed.map(({ object }) => ({
        label: object.label,
        relation: object.relation,
        isPart: object.isPart === true,
        schema: object.section,
        statements: object.statements(ordered.apart),
        ...(object.columns && { columns: object.columns }),
        needs: needs(object),
      })),
    };
  });
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
