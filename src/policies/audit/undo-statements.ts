/** The statements that undo, in an order that foreign keys allow. */
import { ident, qualified } from "../../db/identifier.ts";
import type { AuditTable } from "./catalog.ts";
import type { ForeignKey, TableOrder } from "./undo-order.ts";
import type { PreparedRow } from "./undo-row.ts";

export interface UndoStatement {
  readonly sql: string;
  /** Rows it must affect; null for a setting. */
  readonly rows: number | null;
}

// A statement of this many rows is still read at a glance by the server and by people.
const rowsPerInsert = 500;

/**
 * Rows come back before those that refer to them, then changed ones get their old values, then
 * added ones go, those that refer to others first. Where a row that comes back has a unique value
 * of one that was added since, adding and deleting change places.
 *
 * Each UPDATE and DELETE holds the recorded values among its conditions: a row that was changed
 * meanwhile is not touched, which its count tells.
 */
export function composeStatements(
  rows: readonly PreparedRow[],
  tables: ReadonlyMap<string, AuditTable>,
  { tables: order, late }: TableOrder,
  keys: readonly ForeignKey[],
  deletesFirst: boolean,
): UndoStatement[] {
  const deferred = late.filter(({ isDeferrable }) => isDeferrable);
  const nulled = late.filter(({ isDeferrable }) => !isDeferrable);
  const isSelfReferring = (oid: string) =>
    keys.some(({ child, parent }) => child === oid && parent === oid);
  const of = (oid: string, kind: PreparedRow["row"]["kind"]) =>
    rows.filter(({ row }) => row.table.oid === oid && row.kind === kind);
  const withTables = (
    oids: readonly string[],
    compose: (table: AuditTable, oid: string) => UndoStatement[],
  ) =>
    oids.flatMap((oid) => {
      const table = tables.get(oid);
      return table ? compose(table, oid) : [];
    });
  const nulledColumns = (oid: string) =>
    new Set(nulled.filter(({ child }) => child === oid).flatMap(({ columns }) => columns));
  const inserts = [
    ...withTables(order, (table, oid) =>
      insertInto(table, of(oid, "insert"), nulledColumns(oid), isSelfReferring(oid)),
    ),
    ...withTables(order, (table, oid) =>
      nulledColumns(oid).size === 0
        ? []
        : of(oid, "insert").map((row) => assign(table, row, [...nulledColumns(oid)])),
    ),
  ];
  const updates = withTables(order, (table, oid) =>
    of(oid, "update")
      .filter(({ values }) => values.size > 0)
      .map((row) => update(table, row)),
  );
  const deletes = [
    ...withTables(order, (table, oid) =>
      nulledColumns(oid).size === 0
        ? []
        : of(oid, "delete").map((row) => detach(table, row, [...nulledColumns(oid)])),
    ),
    ...withTables(order.toReversed(), (table, oid) =>
      deleteFrom(table, of(oid, "delete"), nulledColumns(oid), isSelfReferring(oid)),
    ),
  ];
  return [
    ...(deferred.length > 0
      ? [
          {
            sql: `set constraints ${deferred.map(({ schema, name }) => qualified(schema, name)).join(", ")} deferred`,
            rows: null,
          },
        ]
      : []),
    ...(deletesFirst ? [...deletes, ...updates, ...inserts] : [...inserts, ...updates, ...deletes]),
  ];
}

function placeOf(table: AuditTable): string {
  return qualified(table.schema, table.name);
}

export function insertInto(
  table: AuditTable,
  rows: readonly PreparedRow[],
  nulled: ReadonlySet<string>,
  atOnce: boolean,
): UndoStatement[] {
  const columns = table.columns.filter(({ isGenerated }) => !isGenerated);
  if (columns.length === 0) {
    return rows.map(() => ({ sql: `insert into ${placeOf(table)} default values`, rows: 1 }));
  }
  const overriding = columns.some(({ isIdentity }) => isIdentity) ? " overriding system value" : "";
  const head = `insert into ${placeOf(table)} (${columns.map(({ name }) => ident(name)).join(", ")})${overriding} values`;
  const lines = rows.map(
    ({ values }) =>
      `(${columns.map(({ name }) => (nulled.has(name) ? "NULL" : (values.get(name) ?? "default"))).join(", ")})`,
  );
  // Rows that refer to each other come in one statement: references are checked at its end.
  const size = atOnce ? Math.max(1, lines.length) : rowsPerInsert;
  const statements: UndoStatement[] = [];
  for (let i = 0; i < lines.length; i += size) {
    const some = lines.slice(i, i + size);
    const body = some.length === 1 ? ` ${some.join()}` : `\n  ${some.join(",\n  ")}`;
    statements.push({ sql: head + body, rows: some.length });
  }
  return statements;
}

export function update(table: AuditTable, { where, guards, values }: PreparedRow): UndoStatement {
  const set = [...values].map(([column, value]) => `${ident(column)} = ${value}`);
  return {
    sql: `update ${placeOf(table)} set ${set.join(", ")} where ${[...where, ...guards.values()].join(" and ")}`,
    rows: 1,
  };
}

/** Fills references that had to wait. */
function assign(
  table: AuditTable,
  { where, values }: PreparedRow,
  columns: readonly string[],
): UndoStatement {
  const set = columns.map((column) => `${ident(column)} = ${values.get(column) ?? "default"}`);
  return {
    sql: `update ${placeOf(table)} set ${set.join(", ")} where ${where.join(" and ")}`,
    rows: 1,
  };
}

/** Empties references of a row that is about to go after the one it refers to. */
function detach(
  table: AuditTable,
  { where, guards }: PreparedRow,
  columns: readonly string[],
): UndoStatement {
  const set = columns.map((column) => `${ident(column)} = NULL`);
  return {
    sql: `update ${placeOf(table)} set ${set.join(", ")} where ${[...where, ...guards.values()].join(" and ")}`,
    rows: 1,
  };
}

export function deleteFrom(
  table: AuditTable,
  rows: readonly PreparedRow[],
  nulled: ReadonlySet<string>,
  atOnce: boolean,
): UndoStatement[] {
  const conditions = rows.map(({ where, guards }) =>
    [
      ...where,
      ...[...guards].filter(([column]) => !nulled.has(column)).map(([, condition]) => condition),
    ].join(" and "),
  );
  // Of equal rows without a key each statement takes one.
  const areEqual = new Set(conditions).size < conditions.length;
  if (!atOnce || areEqual || conditions.length < 2) {
    return conditions.map((condition) => ({
      sql: `delete from ${placeOf(table)} where ${condition}`,
      rows: 1,
    }));
  }
  return [
    {
      sql: `delete from ${placeOf(table)} where (${conditions.join(")\n  or (")})`,
      rows: conditions.length,
    },
  ];
}
