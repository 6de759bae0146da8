/** The schema of a database as people read it: what every form of the handbook is made of. */
import type { Finding } from "../findings.ts";

export interface Handbook {
  readonly title: string;
  /** The database's own comment. */
  readonly comment: string | undefined;
  readonly schemas: readonly SchemaPart[];
  /** Present only where what changes without the schema was asked for. */
  readonly sizes: SizesNote | undefined;
  /** What in the files of policies/ does not fit the database. */
  readonly findings: readonly Finding[];
}

export interface SizesNote {
  readonly database: string;
  readonly serverVersion: string;
  readonly bytes: number;
  /** `2026-01-31 09:15 UTC` */
  readonly at: string;
}

export interface SchemaPart {
  readonly name: string;
  readonly comment: string | undefined;
  readonly tables: readonly Table[];
  readonly types: readonly TypePart[];
}

export type TableKind =
  | "table"
  | "partitioned table"
  | "foreign table"
  | "view"
  | "materialized view";

export interface Table {
  readonly oid: number;
  /** `schema.name`, quoted where needed. */
  readonly id: string;
  /** Unique in the handbook, and plain enough for `id` and file names. */
  readonly anchor: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: TableKind;
  readonly owner: string;
  readonly comment: string | undefined;
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  readonly references: readonly Reference[];
  readonly referencedBy: readonly Reference[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  /** "off"; "on": but not for its owner; "forced". */
  readonly rowSecurity: "off" | "on" | "forced";
  readonly policies: readonly Policy[];
  readonly rights: readonly RoleRights[];
  readonly audit: Audit | undefined;
  readonly partitioning: Partitioning | undefined;
  /** The query of a view. */
  readonly query: string | undefined;
  readonly size: Size | undefined;
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
  /** Its default, or what it is generated from, as SQL. */
  readonly value: string | undefined;
  readonly valueKind: "none" | "default" | "identity" | "generated";
  readonly isPrimary: boolean;
  readonly isUnique: boolean;
  /** Part of a foreign key. */
  readonly isReference: boolean;
  readonly comment: string | undefined;
  readonly personal: Personal | undefined;
}

/** What is personal in a column, and what an anonymized copy holds in its place. */
export interface Personal {
  /** "an e-mail address", each once; empty where only a rule says so. */
  readonly says: readonly string[];
  /** A line for each rule: `masked by email`, `kept: a level of the application`. */
  readonly rules: readonly string[];
  /** Some rule does not keep it. */
  readonly isMasked: boolean;
}

export interface Constraint {
  readonly name: string;
  readonly kind: "primary key" | "unique" | "exclusion" | "check" | "foreign key";
  readonly definition: string;
  readonly comment: string | undefined;
}

/** A foreign key, seen from either side. */
export interface Reference {
  readonly name: string;
  readonly from: TableName;
  readonly columns: readonly string[];
  readonly to: TableName;
  readonly toColumns: readonly string[];
  readonly onDelete: string;
  /** Some row may refer to nothing. */
  readonly isOptional: boolean;
  /** At most one row refers to each. */
  readonly isUnique: boolean;
}

export interface TableName {
  readonly oid: number;
  readonly id: string;
  readonly anchor: string;
  readonly schema: string;
  readonly name: string;
}

export interface Index {
  readonly name: string;
  /** What follows the table's name: `USING btree (a, b DESC) WHERE c`. */
  readonly definition: string;
  readonly isUnique: boolean;
  readonly isValid: boolean;
  /** It belongs to a constraint. */
  readonly isOfConstraint: boolean;
  readonly comment: string | undefined;
}

export interface Trigger {
  readonly name: string;
  readonly definition: string;
  readonly isEnabled: boolean;
  readonly comment: string | undefined;
}

export interface Policy {
  readonly name: string;
  readonly isPermissive: boolean;
  readonly command: string;
  /** Empty: everybody. */
  readonly roles: readonly string[];
  readonly using: string | undefined;
  readonly check: string | undefined;
  readonly comment: string | undefined;
}

/** What a role other than the owner was granted. */
export interface RoleRights {
  /** Null: everybody (PUBLIC). */
  readonly role: string | null;
  readonly rights: readonly Right[];
  /** Which rows those are, by command, as policies/access.yaml has measured. */
  readonly rows: readonly (readonly [command: string, rows: string])[];
}

export interface Right {
  readonly privilege: string;
  readonly isGrantable: boolean;
  /** Only these columns. */
  readonly columns: readonly string[] | undefined;
}

export interface Audit {
  /** The log, where policies/audit.yaml says it; else undefined. */
  readonly log: string | undefined;
  readonly triggers: readonly string[];
  readonly excluded: readonly string[];
  readonly masked: readonly string[];
  /** Declared and without a trigger in the database. */
  readonly isMissing: boolean;
}

export interface Partitioning {
  /** `RANGE (created_at)` */
  readonly key: string;
  /** Sentences of policies/partitions.yaml. */
  readonly upkeep: readonly string[];
  /** Present with sizes. */
  readonly partitions: readonly Partition[] | undefined;
}

export interface Partition {
  readonly id: string;
  readonly bound: string;
  readonly size: Size;
}

export interface Size {
  /** With indexes and TOAST. */
  readonly bytes: number;
  /** As the planner estimates; null where it does not know. */
  readonly rows: number | null;
}

export interface TypePart {
  readonly id: string;
  readonly anchor: string;
  readonly kind: "enum" | "domain";
  readonly comment: string | undefined;
  /** Labels of an enum. */
  readonly labels: readonly string[];
  /** Base type and constraints of a domain. */
  readonly definition: string | undefined;
}
