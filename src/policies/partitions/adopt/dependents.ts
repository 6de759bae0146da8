/** What both directions do alike: others that use the table, its triggers, policies and privileges. */
import { ident, literal, qualified } from "../../../db/identifier.ts";
import { ownedBy, sequenceOptions } from "../../../schema/sequences.ts";
import type { Adoption } from "./adoption.ts";

/**
 * The locks of the exchange, before anything is changed, in the order in which applications take
 * them: a view before its table, a referring or referred-to table before this one. Half a second is
 * less than deadlock_timeout (1 s): should it come to a deadlock, this transaction gives up first,
 * and no application's.
 */
export function lockEverything(adoption: Adoption): string[] {
  const { facts, readers, table } = adoption;
  const policyTables = readers.flatMap(({ way, relation }) =>
    way === "policy" && relation !== null ? [relation] : [],
  );
  const exclusive = [...policyTables, ...facts.incoming.map((key) => key.table)];
  return [
    "SET LOCAL lock_timeout = '500ms'",
    ...readers
      .filter(({ way }) => way === "view")
      // LOCK TABLE would lock every table that the view reads.
      .map((view) => `ALTER VIEW ${view.relation ?? ""} OWNER TO ${ident(view.owner ?? "")}`),
    ...[...new Set(exclusive)].map((name) => `LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE`),
    ...facts.referenced
      .filter((name) => !exclusive.includes(name))
      .map((name) => `LOCK TABLE ${name} IN SHARE ROW EXCLUSIVE MODE`),
    `LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`,
  ];
}

/** Foreign keys of other tables, dropped before the exchange. */
export function dropIncoming({ facts }: Adoption): string[] {
  return facts.incoming.map((key) => `ALTER TABLE ${key.table} DROP CONSTRAINT ${ident(key.name)}`);
}

/** The same, made again: NOT VALID reads no row. */
export function addIncoming({ facts }: Adoption): string[] {
  return facts.incoming.flatMap((key) => [
    `ALTER TABLE ${key.table} ADD CONSTRAINT ${ident(key.name)} ${key.definition} NOT VALID`,
    ...(key.comment === null
      ? []
      : [`COMMENT ON CONSTRAINT ${ident(key.name)} ON ${key.table} IS ${literal(key.comment)}`]),
  ]);
}

export function validateIncoming({ facts }: Adoption): string[] {
  return facts.incoming.map(
    (key) => `ALTER TABLE ${key.table} VALIDATE CONSTRAINT ${ident(key.name)}`,
  );
}

export function dropTriggers({ facts, table }: Adoption): string[] {
  return facts.triggers.map((trigger) => `DROP TRIGGER ${ident(trigger.name)} ON ${table}`);
}

export function dropPolicies({ facts, table }: Adoption): string[] {
  return facts.policies.map((policy) => `DROP POLICY ${ident(policy.name)} ON ${table}`);
}

/** Triggers and policies, by the name the table has before and after. */
export function makeTriggersAndPolicies({ around, facts }: Adoption): string[] {
  const own = new Set([...facts.triggers, ...facts.policies].map(({ oid }) => oid));
  return [...around.triggers, ...around.policies]
    .filter(({ oid }) => own.has(oid))
    .flatMap(({ statements }) => statements);
}

/** Views, functions and policies of others mean a table by its number: they are told its name again. */
export function pointReaders({ around, readers }: Adoption): string[] {
  const policies = readers.filter(({ way }) => way === "policy");
  return [
    ...[...around.views, ...around.routines].flatMap(({ statements }) => statements),
    ...policies.flatMap((reader) => [
      `DROP POLICY ${ident(reader.policy ?? "")} ON ${reader.relation ?? ""}`,
      ...around.policies.filter(({ oid }) => oid === reader.oid).flatMap((one) => one.statements),
    ]),
  ];
}

/** Sequences of `serial` columns go with the table that is dropped, unless they are another's by then. */
export function ownSequences({ around, table }: Adoption): string[] {
  return around.sequences
    .filter((sequence) => sequence.isIdentity !== true)
    .map((sequence) => ownedBy(sequence, table, columnOf(around, sequence.column)));
}

/** Renamed sequences are locked: nobody draws a number while it is carried over. */
export function setSequencesAside({ renames }: Adoption): string[] {
  return renames.sequences.map(
    ({ schema, from, to }) => `ALTER SEQUENCE ${qualified(schema, from)} RENAME TO ${ident(to)}`,
  );
}

/** Identity columns of the table that has the name now, going on where the old sequence stands. */
export function makeIdentity({ around, renames, table }: Adoption): string[] {
  return renames.sequences.flatMap(({ schema, from, to, oid }) => {
    const sequence = around.sequences.find((one) => one.oid === oid);
    const column = around.columns.find(({ number }) => number === sequence?.column);
    if (!sequence || !column) return [];
    const name = qualified(schema, from);
    const options = [`SEQUENCE NAME ${name}`, ...sequenceOptions(sequence)].join(" ");
    const kind = column.identity === "a" ? "ALWAYS" : "BY DEFAULT";
    return [
      `ALTER TABLE ${table} ALTER COLUMN ${ident(column.name)} ADD GENERATED ${kind} AS IDENTITY (${options})`,
      `SELECT setval(${literal(name)}, last_value, is_called) FROM ${qualified(schema, to)}`,
      ...(around.sequenceStatements.get(oid) ?? []),
    ];
  });
}

export function columnOf(around: Adoption["around"], number: number | null): string {
  return around.columns.find((column) => column.number === number)?.name ?? "";
}
