/** The rows of the migration ledger, which belong to the schema: they say how it came about. */
import { literal, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";

export interface LedgerTable {
  readonly schema: string;
  readonly table: string;
}

interface LedgerRow {
  readonly version: string;
  readonly checksum: string | null;
  readonly description: string | null;
}

/** One INSERT in version order, without `applied_at`: the same migrations give the same text. */
export async function ledgerRows(session: Session, ledger: LedgerTable): Promise<string[]> {
  const name = qualified(ledger.schema, ledger.table);
  const columns = await session.query<{ attname: string }>(
    `select a.attname
     from pg_attribute a
     join pg_class c on c.oid = a.attrelid
     join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')
       and a.attname in ('version', 'checksum', 'description') and not a.attisdropped`,
    [ledger.schema, ledger.table],
  );
  // A table of another tool by that name is a table like any other.
  if (columns.length < 3) return [];
  const rows = await session.query<LedgerRow>(`select version, checksum, description from ${name}`);
  if (rows.length === 0) return [];
  const values = rows
    .toSorted((a, b) => compareVersions(a.version, b.version))
    .map((row) => `    (${[row.version, row.checksum, row.description].map(literal).join(", ")})`);
  return [
    `--\n-- Applied migrations\n--`,
    `INSERT INTO ${name} (version, checksum, description) VALUES\n${values.join(",\n")};`,
  ];
}

/** As numbers where they are numbers. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) =>
    /^[0-9]+$/.test(version) ? BigInt(version) : null,
  );
  if (left != null && right != null && left !== right) return left < right ? -1 : 1;
  return a < b ? -1 : 1;
}
