/** What there is to probe: relations, roles, and the rights that the catalog says they have. */
import type { Session } from "../../db/session.ts";
import listRelations from "./relations.sql";
import listRights from "./rights.sql";
import listRoles from "./roles.sql";

export interface Column {
  readonly name: string;
  readonly isGenerated: boolean;
  /** GENERATED ALWAYS AS IDENTITY: a value of one's own needs OVERRIDING SYSTEM VALUE. */
  readonly isAlwaysIdentity: boolean;
}

/** A table (the root, where it is partitioned) or a view. */
export interface Relation {
  readonly oid: string;
  /** As SQL, with its schema. */
  readonly name: string;
  readonly kind: "table" | "view";
  /** As SQL. */
  readonly owner: string;
  readonly hasRowSecurity: boolean;
  readonly isForced: boolean;
  readonly columns: readonly Column[];
  /** Columns of the primary key or another unique key without nulls; null for none. */
  readonly key: readonly string[] | null;
  /** Everything below a partitioned table, as SQL; null for other relations. */
  readonly partitions: readonly string[] | null;
  /** Oids of what a view reads. */
  readonly sources: readonly string[];
}

export interface Role {
  /** As it is called, and as SQL. */
  readonly name: string;
  readonly sqlName: string;
  readonly isSuperuser: boolean;
  readonly bypassesRls: boolean;
  /** The session may SET ROLE to it. */
  readonly canBeSet: boolean;
  /** Tables with row security that it owns and that do not FORCE it, as SQL. */
  readonly ownsUnforced: readonly string[];
}

/** Rights of one role on one relation, by membership and PUBLIC as well. */
export interface Rights {
  readonly role: string;
  readonly oid: string;
  readonly mayUseSchema: boolean;
  /** Columns, by name. */
  readonly select: readonly string[];
  readonly insert: readonly string[];
  readonly update: readonly string[];
  readonly mayDelete: boolean;
  /** Of TRUNCATE, REFERENCES, TRIGGER, MAINTAIN: none of them asks a policy. */
  readonly others: readonly string[];
  /** On any partition by its own name. */
  readonly onPartitions: readonly string[];
}

export interface Ledger {
  readonly schema: string;
  readonly table: string;
}

export async function readRelations(session: Session, ledger: Ledger): Promise<Relation[]> {
  return session.query<Relation>(listRelations, [ledger.schema, ledger.table]);
}

/** Roles of these names; without names, all that hold a right on a table or view of somebody else. */
export async function readRoles(
  session: Session,
  names: readonly string[] | undefined,
): Promise<Role[]> {
  return session.query<Role>(listRoles, [names === undefined ? null : JSON.stringify(names)]);
}

/** Rights of each role on each relation; the key is `rightsKey`. */
export async function readRights(
  session: Session,
  roles: readonly Role[],
  relations: readonly Relation[],
): Promise<ReadonlyMap<string, Rights>> {
  const rows = await session.query<Rights>(listRights, [
    JSON.stringify(roles.map(({ name }) => name)),
    JSON.stringify(relations.map(({ oid }) => oid)),
  ]);
  return new Map(rows.map((row) => [rightsKey(row.role, row.oid), row]));
}

export function rightsKey(role: string, oid: string): string {
  return `${oid} ${role}`;
}
