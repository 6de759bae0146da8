/** The table or index that a user means by a name. */
import type { Session } from "../db/session.ts";
import { hasSqlState } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";

export interface Relation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** As in pg_class.relkind. */
  readonly kind: string;
}

/** As the session's search_path finds it; undefined for none, and for what is no name in SQL. */
export async function findRelation(session: Session, name: string): Promise<Relation | undefined> {
  try {
    const rows = await session.query<Relation>(
      `select c.oid::text, n.nspname as schema, c.relname as name, c.relkind::text as kind
       from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)`,
      [name],
    );
    return rows[0];
  } catch (error) {
    // Invalid name syntax, or a third dot.
    if (!hasSqlState(error, "42601", "42602", "0A000")) throw error;
    return undefined;
  }
}

export function unknownRelation(session: Session, what: string, name: string): PgwrightError {
  return new PgwrightError(
    "relation-unknown",
    `the database \`${session.server.database}\` has no ${what} \`${name}\``,
    {
      hint: `names are read as in SQL: with the schema where search_path does not have it, and quoted where they are not in lower case (\`'shop."Order"'\`)`,
    },
  );
}
