/** What a database holds of tables, triggers and functions that concern its audit. */
import type { Session } from "../../db/session.ts";
import type { AuditColumn } from "./column-form.ts";
import listFunctions from "./functions.sql";
import listTables from "./tables.sql";

export interface AuditTrigger {
  readonly name: string;
  /** `pg_trigger.tgtype`. */
  readonly type: number;
  /** `pg_trigger.tgenabled`: D disabled, R replica only. */
  readonly enabled: string;
  /** It came with the trigger of the partitioned table. */
  readonly isClone: boolean;
  /** No WHEN, no column list, no arguments, no transition tables. */
  readonly isPlain: boolean;
  readonly isConstraint: boolean;
  readonly functionSchema: string;
  readonly function: string;
  readonly isOurs: boolean;
}

/** A table or one of its partitions at any depth. */
export interface Relation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly isRoot: boolean;
  readonly isLeaf: boolean;
  readonly triggers: readonly AuditTrigger[];
}

/** A plain table or the root of partitions. */
export interface AuditTable {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  /** The owner may create functions in the table's schema. */
  readonly ownerCanCreate: boolean;
  readonly columns: readonly AuditColumn[];
  /** Numbers of the primary key's columns in its order; empty without one. */
  readonly key: readonly number[];
  readonly partitionKey: readonly number[];
  /** The table itself first. */
  readonly relations: readonly Relation[];
}

export interface AuditFunction {
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly body: string;
  readonly isSecurityDefiner: boolean;
  readonly language: string;
  readonly isTriggerFunction: boolean;
  /** It carries the mark of the generator. */
  readonly isOurs: boolean;
  /** `name=value`. */
  readonly settings: readonly string[];
  readonly comment: string | null;
  /** Roles other than the owner that may execute it; null is PUBLIC. */
  readonly grantees: readonly (string | null)[];
  /** Tables with a trigger that executes it. */
  readonly users: readonly { readonly schema: string; readonly name: string }[];
}

/** Tables that can be audited: ordinary and partitioned ones, not those of extensions. */
export async function readTables(
  session: Session,
  only?: ReadonlySet<number>,
): Promise<AuditTable[]> {
  return session.query<AuditTable>(listTables, [only ? JSON.stringify([...only]) : null]);
}

/** Functions with the generator's mark, and those of these names whoever wrote them. */
export async function readFunctions(
  session: Session,
  names: readonly string[],
): Promise<AuditFunction[]> {
  return session.query<AuditFunction>(listFunctions, [JSON.stringify(names)]);
}

/** `schema.table` as stored, which is how audit.yaml and the log name it. */
export function nameOf({ schema, name }: { schema: string; name: string }): string {
  return `${schema}.${name}`;
}
