/** The table that changes are recorded in: what it must be, and what the generated functions need to know. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import readRights from "./log-rights.sql";
import readShape from "./log-shape.sql";

export interface LogShape {
  readonly schema: string;
  readonly name: string;
  readonly oid: string;
  readonly owner: string;
  readonly forcesRowSecurity: boolean;
  /** Undefined leaves `id` to its default. */
  readonly idExpression: string | undefined;
  /** Characters that `table_name` takes; null for any number. */
  readonly nameLength: number | null;
  /** `changed_by` takes any text, at most so many characters of it. */
  readonly isActorText: boolean;
  readonly actorLength: number | null;
  readonly actorType: string;
  /** What a text must look like to be of that type. */
  readonly actorPattern: string;
  /** All entries of a transaction have the same `changed_at`. */
  readonly isTimedByTransaction: boolean;
  /** Which of the columns that only tell more are there. */
  readonly extras: readonly string[];
  /** What is wrong with it, a fragment each; empty when it fits. */
  readonly faults: readonly string[];
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly length: number | null;
  readonly needsValue: boolean;
  /** As `pg_get_expr()` writes it. */
  readonly default: string | null;
}

const actorPatterns: Record<string, string> = {
  uuid: "^([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}$",
  int8: "^-?[0-9]{1,18}$",
  int4: "^-?[0-9]{1,9}$",
};

const wanted: Record<string, readonly string[]> = {
  table_name: ["text", "varchar"],
  record_id: ["text"],
  operation: ["text", "varchar"],
  old_values: ["jsonb"],
  new_values: ["jsonb"],
  changed_by: ["uuid", "text", "varchar", "int4", "int8"],
  changed_at: ["timestamptz"],
  seq: ["int8"],
  xid: ["xid8"],
};

const written = ["table_name", "record_id", "operation", "old_values", "new_values", "changed_by"];

/** The log as it is; undefined when there is no such table. */
export async function readLogShape(
  session: Session,
  schema: string,
  name: string,
): Promise<LogShape | undefined> {
  const [row] = await session.query<{
    oid: string;
    kind: string;
    owner: string;
    forcesRowSecurity: boolean;
    columns: Column[];
  }>(readShape, [schema, name]);
  if (!row) return undefined;
  const byName = new Map(row.columns.map((column) => [column.name, column]));
  const missing = Object.keys(wanted).filter((column) => !byName.has(column));
  const faults = [
    ...(["r", "p"].includes(row.kind) ? [] : ["it is no table"]),
    ...(missing.length > 0 ? [`it has no ${missing.join(", ")}`] : []),
    ...Object.entries(wanted).flatMap(([column, types]) => {
      const type = byName.get(column)?.type;
      return type === undefined || types.includes(type)
        ? []
        : [`its ${column} is ${type} and not ${types.join(" or ")}`];
    }),
    ...row.columns
      .filter(({ name: column, needsValue }) => needsValue && !written.includes(column))
      .map(({ name: column }) => `its ${column} needs a value and has no default`),
  ];
  const actor = byName.get("changed_by");
  const actorType = actor?.type ?? "uuid";
  // Ids in the order of time keep the primary key's index dense: a random one took 15 % of the
  // trigger's time on 18, which is the first server that has uuidv7().
  const isTimed = byName.get("id")?.type === "uuid" && session.server.versionNumber >= 180000;
  return {
    schema,
    name,
    oid: row.oid,
    owner: row.owner,
    forcesRowSecurity: row.forcesRowSecurity,
    idExpression: isTimed ? "uuidv7()" : undefined,
    nameLength: byName.get("table_name")?.length ?? null,
    isActorText: ["text", "varchar"].includes(actorType),
    actorLength: actor?.length ?? null,
    actorType,
    actorPattern: actorPatterns[actorType] ?? "",
    isTimedByTransaction: ["now()", "CURRENT_TIMESTAMP", "transaction_timestamp()"].includes(
      byName.get("changed_at")?.default ?? "",
    ),
    extras: ["session_role", "application_name", "client_address"].filter((extra) =>
      byName.has(extra),
    ),
    faults,
  };
}

export interface WriterRights {
  /** GRANT statements that the owner of the audited tables needs to write to the log. */
  readonly missing: readonly string[];
  readonly isStoppedByRowSecurity: boolean;
  /** Roles that may execute whatever function the owner creates in a schema (null: in any). */
  readonly defaultGrants: readonly { readonly schema: string | null; readonly grantee: string }[];
}

/** What a role that owns audited tables may do with the log. */
export async function readWriterRights(
  session: Session,
  writer: string,
  log: LogShape,
  grantee: string,
): Promise<WriterRights> {
  const row = await session.one<{
    usesSchema: boolean;
    inserts: boolean;
    bypassesRls: boolean;
    sequences: string[];
    defaultGrants: { schema: string | null; grantee: string }[];
  }>(readRights, [writer, log.schema, log.name]);
  return {
    missing: [
      ...(row.usesSchema ? [] : [`grant usage on schema ${ident(log.schema)} to ${grantee}`]),
      ...(row.inserts ? [] : [`grant insert on ${qualified(log.schema, log.name)} to ${grantee}`]),
      ...row.sequences.map((sequence) => `grant usage on sequence ${sequence} to ${grantee}`),
    ],
    isStoppedByRowSecurity: log.forcesRowSecurity && !row.bypassesRls,
    defaultGrants: row.defaultGrants,
  };
}
