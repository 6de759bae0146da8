/** Is the target whole: as many rows, no reference to nothing, sequences past what is there? */
import type { Session } from "../../db/session.ts";
import { qualified } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import listForeignKeys from "./integrity.sql";
import listSequences from "./sequences.sql";

export interface Integrity {
  readonly tables: number;
  readonly rows: number;
  readonly foreignKeys: number;
  readonly sequences: number;
  readonly findings: readonly Finding[];
}

interface NamedTable {
  readonly schema: string;
  readonly name: string;
  /** Rows are routed into it, and partitions may differ. */
  readonly routeTo?: { readonly schema: string; readonly name: string };
}

export async function checkIntegrity(
  source: Session | undefined,
  target: Session,
  tables: readonly NamedTable[],
  isSubset: boolean,
): Promise<Integrity> {
  const findings: Finding[] = [];
  let rows = 0;
  // Rows that a masked key moves between partitions are counted together, those of heirs apart.
  const places = new Map(
    tables.map(({ routeTo, schema, name }) => {
      const place = qualified(routeTo?.schema ?? schema, routeTo?.name ?? name);
      return [place, routeTo === undefined ? `only ${place}` : place] as const;
    }),
  );
  for (const [name, rowsOf] of places) {
    const has = await countRows(target, name, rowsOf);
    rows += has ?? 0;
    if (source === undefined || isSubset) continue;
    const had = await countRows(source, name, rowsOf);
    if (has === had) continue;
    findings.push({
      rule: "verify/row-count",
      severity: "error",
      message:
        has === undefined
          ? `${name} is not in the target`
          : `${name} has ${has} rows, ${had} in the source`,
      hint: "a source that is written to moves on after the copy; run verifies against the copy's own snapshot",
      object: name,
    });
  }
  const keys = await target.query<{
    table: string;
    name: string;
    isValidated: boolean;
    isEnforced: boolean;
    query: string;
  }>(listForeignKeys);
  for (const { table, name, isValidated, isEnforced, query } of keys) {
    const { count } = await target.one<{ count: number }>(query);
    if (count === 0) continue;
    const isKnown = !isValidated || !isEnforced;
    findings.push({
      rule: "verify/foreign-key",
      severity: isKnown ? "warning" : "error",
      message: `${count} rows of ${table} refer to nothing by ${name}${isKnown ? ", which is not validated in the source either" : ""}`,
      object: table,
    });
  }
  const sequences = await target.query<{
    name: string;
    column: string;
    lastValue: string | null;
    query: string;
  }>(listSequences);
  for (const { name, column, lastValue, query } of sequences) {
    const { highest } = await target.one<{ highest: string | null }>(query);
    if (highest === null || (lastValue !== null && BigInt(lastValue) >= BigInt(highest))) continue;
    findings.push({
      rule: "verify/sequence",
      severity: "warning",
      message: `${name} stands at ${lastValue ?? "its beginning"}, and ${column} goes up to ${highest}: inserts will meet rows that are there`,
      hint: `SELECT setval('${name}', ${highest})`,
      object: name,
    });
  }
  return {
    tables: places.size,
    rows,
    foreignKeys: keys.length,
    sequences: sequences.length,
    findings,
  };
}

async function countRows(
  session: Session,
  name: string,
  rowsOf: string,
): Promise<number | undefined> {
  const { found } = await session.one<{ found: boolean }>(
    "select to_regclass($1) is not null as found",
    [name],
  );
  if (!found) return undefined;
  const { count } = await session.one<{ count: number }>(
    `select count(*)::float8 as count from ${rowsOf}`,
  );
  return count;
}
