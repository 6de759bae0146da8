/** The statements that try a right on one row, or on none where the right itself is missing. */
import { ident, literal } from "../../db/identifier.ts";
import { storedText } from "../../db/stored-value.ts";
import type { Relation, Rights } from "./catalog.ts";
import type { TriedRow } from "./load.ts";

export const commands = ["select", "insert", "update", "delete"] as const;

export type Command = (typeof commands)[number];

export interface Trial {
  /** Run as the role; it counts the row, or raises SQLSTATE 42501. */
  readonly sql: string;
  /** Query of a cursor that the owner opens on the row first, for WHERE CURRENT OF. */
  readonly row?: string;
}

/** True when the catalog says that the role has any form of the right. */
export function hasRight(rights: Rights, command: Command): boolean {
  if (!rights.mayUseSchema) return false;
  return command === "delete" ? rights.mayDelete : rights[command].length > 0;
}

/**
 * A statement without effect that needs the right all the same: permissions are checked before the
 * first row is looked for.
 */
export function tryWithoutRow(name: string, column: string | undefined, command: Command): string {
  const one = ident(column ?? "ctid");
  switch (command) {
    case "select":
      return `SELECT ${one} FROM ${name} LIMIT 0`;
    case "insert":
      return `INSERT INTO ${name} (${one}) SELECT NULL WHERE false`;
    case "update":
      return `UPDATE ${name} SET ${one} = NULL WHERE false`;
    case "delete":
      return `DELETE FROM ${name} WHERE false`;
  }
}

/**
 * The most that the role could do to this row. Writing goes through WHERE CURRENT OF, which reads no
 * column: an UPDATE with a WHERE is held by the policies for SELECT too, one without is not.
 *
 * INSERT repeats the row as it was inserted. Policies are asked before constraints, so a violated key (class 23)
 * shows that they let it pass.
 */
export function tryOnRow(row: TriedRow, rights: Rights, command: Command): Trial {
  const { relation, values, inserted } = row;
  const cursor = { row: `SELECT 1 FROM ${relation.name} WHERE ${row.where}` };
  switch (command) {
    case "select":
      return { sql: `SELECT 1 FROM ${relation.name} WHERE ${readableCondition(row, rights)}` };
    case "delete":
      return { sql: `DELETE FROM ${relation.name} WHERE CURRENT OF pgwright_row`, ...cursor };
    case "update": {
      const column = updatableColumn(relation, rights);
      const value = literal(values[column] ?? null);
      return {
        sql: `UPDATE ${relation.name} SET ${ident(column)} = ${value} WHERE CURRENT OF pgwright_row`,
        ...cursor,
      };
    }
    case "insert": {
      const columns = relation.columns.filter(
        ({ name, isGenerated }) => !isGenerated && rights.insert.includes(name),
      );
      const names = columns.map(({ name }) => ident(name)).join(", ");
      const given = columns.map(({ name }) => literal(inserted[name] ?? null)).join(", ");
      const overriding = columns.some(({ isAlwaysIdentity }) => isAlwaysIdentity)
        ? " OVERRIDING SYSTEM VALUE"
        : "";
      return { sql: `INSERT INTO ${relation.name} (${names})${overriding} VALUES (${given})` };
    }
  }
}

/** Makes the row somebody else's: what WITH CHECK is there to refuse. */
export function tryGivingAway({ relation, where }: TriedRow, column: string, value: string): Trial {
  return {
    sql: `UPDATE ${relation.name} SET ${ident(column)} = ${literal(value)} WHERE CURRENT OF pgwright_row`,
    row: `SELECT 1 FROM ${relation.name} WHERE ${where}`,
  };
}

/** By key or place where the role may read that, else by everything it may read. */
function readableCondition({ relation, where, values }: TriedRow, rights: Rights): string {
  const readsAll = relation.columns.every(({ name }) => rights.select.includes(name));
  const readsKey = relation.key?.every((name) => rights.select.includes(name)) ?? readsAll;
  if (readsKey) return where;
  return rights.select
    .map(
      (name) => `${storedText(ident(name))} IS NOT DISTINCT FROM ${literal(values[name] ?? null)}`,
    )
    .join(" AND ");
}

/** A column that is set to the value it has: none of the key where there is a choice. */
function updatableColumn(relation: Relation, rights: Rights): string {
  const usable = relation.columns
    .filter(
      ({ name, isGenerated, isAlwaysIdentity }) =>
        !isGenerated && !isAlwaysIdentity && rights.update.includes(name),
    )
    .map(({ name }) => name);
  const column = usable.find((name) => !relation.key?.includes(name)) ?? usable[0];
  return column ?? relation.columns[0]?.name ?? "ctid";
}

/** Reads the rows of a view that show these values by name, or this one in any column the role may read. */
export function tryOnView(
  view: Relation,
  rights: Rights,
  values: Readonly<Record<string, string>> | string,
): Trial {
  const condition =
    typeof values === "string"
      ? `${literal(values)} IN (${rights.select.map((name) => `${ident(name)}::text`).join(", ")})`
      : Object.entries(values)
          .map(([name, value]) => `${ident(name)}::text = ${literal(value)}`)
          .join(" AND ");
  return { sql: `SELECT 1 FROM ${view.name} WHERE ${condition}` };
}
