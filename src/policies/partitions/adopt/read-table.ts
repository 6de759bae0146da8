/** The table that is to become a partition, as the catalog shows it. */
import type { Session } from "../../../db/session.ts";
import type { AroundTable } from "../../../schema/around-table.ts";
import { readAroundTable } from "../../../schema/around-table.ts";
import { readSteadily } from "../../../schema/steady.ts";
import listInventory from "./inventory.sql";
import listReaders from "./readers.sql";
import describeTable from "./table.sql";

export interface TableFacts {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** r(elation), p(artitioned), f(oreign), v(iew), … */
  readonly kind: string;
  /** p(ermanent), u(nlogged), t(emporary). */
  readonly persistence: string;
  readonly isPartition: boolean;
  readonly owner: string;
  readonly isTyped: boolean;
  /** d(efault), n(othing), f(ull), i(ndex). */
  readonly replicaIdentity: string;
  readonly hasRowSecurity: boolean;
  readonly forcesRowSecurity: boolean;
  readonly tablespace: string | null;
  /** "extension hstore" when it belongs to one. */
  readonly extension: string | null;
  /** "it inherits from app.base". */
  readonly inheritance: readonly string[];
  readonly rules: readonly string[];
  /** Publications that name it, and those that publish leaves under their own names. */
  readonly publications: readonly string[];
  readonly leafPublications: readonly string[];
  readonly isSubscribed: boolean;
  readonly hasSecurityLabel: boolean;
  /** Those that the migration carries over. */
  readonly triggers: readonly TriggerFacts[];
  /** Names of those that policies/audit.yaml answers for; undefined where it does not name the table. */
  readonly policyTriggers?: readonly string[];
  readonly policies: readonly { readonly oid: number; readonly name: string }[];
  readonly statistics: readonly {
    readonly oid: number;
    readonly schema: string;
    readonly name: string;
  }[];
  readonly indexes: readonly IndexFacts[];
  readonly incoming: readonly IncomingKey[];
  /** Tables of the same owner that its foreign keys refer to, quoted. */
  readonly referenced: readonly string[];
}

export interface TriggerFacts {
  readonly oid: number;
  readonly name: string;
  readonly isForEachRow: boolean;
  readonly isBeforeRow: boolean;
  readonly isConstraint: boolean;
  readonly hasTransition: boolean;
  /** It executes a function that pgwright has generated from an audit.yaml. */
  readonly isAudit: boolean;
}

export interface IndexFacts {
  readonly oid: number;
  /** Quoted, with its schema. */
  readonly name: string;
  readonly isUnique: boolean;
  readonly isExclusion: boolean;
  readonly isValid: boolean;
  /** False for a deferrable constraint's. */
  readonly isImmediate: boolean;
  /** Key columns that are plain columns; null for none. */
  readonly columns: readonly string[] | null;
  /** Neither partial nor over expressions. */
  readonly isPlain: boolean;
  readonly included: readonly string[] | null;
}

/** A foreign key of another table, or of this one, that refers to this table. */
export interface IncomingKey {
  readonly oid: number;
  readonly name: string;
  /** Quoted, with its schema. */
  readonly table: string;
  readonly isOwn: boolean;
  readonly isPartitioned: boolean;
  readonly isPartition: boolean;
  readonly isValid: boolean;
  readonly definition: string;
  readonly comment: string | null;
  /** Columns of this table, and those that refer to them. */
  readonly columns: readonly string[];
  readonly referencing: readonly string[];
}

/** Something that reads the table or hangs on a part of it. */
export interface Reader {
  readonly oid: number;
  /** How it is made to use the new parent; null where that cannot be done. */
  readonly way: "view" | "routine" | "policy" | null;
  /** "view app.feed", for people. */
  readonly object: string;
  /** The view, or the table of the policy; quoted. Null for a routine. */
  readonly relation: string | null;
  readonly policy: string | null;
  readonly owner: string | null;
}

/** A thing that belongs to the table or reads it, by name; see inventory.sql. */
export interface InventoryLine {
  readonly thing: string;
  /** Of its definition, the first 8 hexadecimal digits of the MD5. */
  readonly definition: string;
}

export interface FoundTable {
  readonly facts: TableFacts;
  readonly around: AroundTable;
  readonly readers: readonly Reader[];
  readonly inventory: readonly InventoryLine[];
  /** Names of relations and types in its schema. */
  readonly takenNames: ReadonlySet<string>;
}

/**
 * Reads the table of this name, found by the session's search_path; undefined where there is none,
 * and without `around` where it is no table.
 */
export async function readTable(
  session: Session,
  name: string,
): Promise<FoundTable | TableFacts | undefined> {
  // Under the reading transaction's own search_path a bare name would not be found.
  const [found] = await session.query<{ name: string | null }>(
    "select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)",
    [name],
  );
  const full = found?.name;
  if (full === undefined || full === null) return undefined;
  return readSteadily(session, async () => {
    const [facts] = await session.query<TableFacts>(describeTable, [full]);
    if (facts?.kind !== "r") return facts;
    const readers = await session.query<Reader>(listReaders, [facts.oid]);
    const oidsOf = (way: Reader["way"]) =>
      readers.filter((reader) => reader.way === way).map(({ oid }) => oid);
    const around = await readAroundTable(session, facts.oid, {
      views: oidsOf("view"),
      routines: oidsOf("routine"),
    });
    if (!around) return facts;
    const inventory = await session.query<InventoryLine>(
      `select thing, left(md5(definition), 8) as definition from (${listInventory}) i order by thing collate "C"`,
      [facts.oid],
    );
    const names = await session.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = (select relnamespace from pg_class where oid = $1::oid)
       union select typname from pg_type where typnamespace = (select relnamespace from pg_class where oid = $1::oid)`,
      [facts.oid],
    );
    return {
      facts,
      around,
      readers,
      inventory,
      takenNames: new Set(names.map((row) => row.name)),
    };
  });
}
