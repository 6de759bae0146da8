/** The ledger of migrations in a database that is masked; another tool's table of its name is none. */
import type { Session } from "../db/session.ts";

export interface Ledger {
  readonly schema: string;
  readonly table: string;
}

const columns = ["version", "applied_at", "checksum", "description"];

/** Whether a table of the ledger's name is the one that pgwright makes. */
export function isLedgerShape(names: readonly string[]): boolean {
  return names.length === columns.length && names.every((name) => columns.includes(name));
}

/** The ledger where it is pgwright's; undefined where it is another tool's, or there is none. */
export async function findLedger(
  session: Session,
  ledger: Ledger | undefined,
): Promise<Ledger | undefined> {
  if (ledger === undefined) return undefined;
  const found = await session.query<{ name: string }>(
    `select a.attname as name from pg_catalog.pg_attribute a
     join pg_catalog.pg_class c on c.oid = a.attrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped`,
    [ledger.schema, ledger.table],
  );
  return isLedgerShape(found.map(({ name }) => name)) ? ledger : undefined;
}
