/** In which order tables are filled again, and which references must wait. */
import type { Session } from "../../db/session.ts";
import listForeignKeys from "./foreign-keys.sql";

export interface ForeignKey {
  readonly name: string;
  readonly schema: string;
  /** Oids of the referring and the referred-to table. */
  readonly child: string;
  readonly parent: string;
  readonly childSchema: string;
  readonly childName: string;
  readonly isDeferrable: boolean;
  /** `pg_constraint.confdeltype`. */
  readonly onDelete: string;
  /** `pg_constraint.confupdtype`. */
  readonly onUpdate: string;
  readonly columns: readonly string[];
  readonly parentColumns: readonly string[];
  /** One of the columns may be NULL, and then the row refers to nothing. */
  readonly isNullable: boolean;
  readonly isAudited: boolean;
}

/** Foreign keys that refer to any of the tables; those of partitions are part of their root's. */
export async function readForeignKeys(
  session: Session,
  oids: readonly string[],
): Promise<ForeignKey[]> {
  return session.query<ForeignKey>(listForeignKeys, [JSON.stringify(oids)]);
}

export interface TableOrder {
  /** Oids, referred-to tables first. */
  readonly tables: readonly string[];
  /** References of a cycle: their table comes before the one they refer to. */
  readonly late: readonly ForeignKey[];
}

/**
 * Referred-to tables first. In a cycle the table with the fewest open references comes first, and
 * those that can wait (deferrable ones, or with a column that may be NULL) are chosen to do so.
 */
export function orderTables(oids: readonly string[], keys: readonly ForeignKey[]): TableOrder {
  const inside = keys.filter(
    ({ child, parent }) => child !== parent && oids.includes(child) && oids.includes(parent),
  );
  const rest = [...oids];
  const tables: string[] = [];
  const late: ForeignKey[] = [];
  while (rest.length > 0) {
    const open = rest.map((oid) => ({
      oid,
      keys: inside.filter(({ child, parent }) => child === oid && rest.includes(parent)),
    }));
    const cost = ({ keys: waiting }: (typeof open)[number]) =>
      waiting.reduce((sum, key) => sum + (key.isDeferrable || key.isNullable ? 1 : 1000), 0);
    const [next] = open.toSorted((one, other) => cost(one) - cost(other));
    if (!next) break;
    late.push(...next.keys);
    tables.push(next.oid);
    rest.splice(rest.indexOf(next.oid), 1);
  }
  return { tables, late };
}
