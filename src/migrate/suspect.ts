/** Tables and columns that go with other objects: with schemas, types, extensions and owners. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import findDoomedByDrop from "./doomed-by-drop.sql";
import findDoomedByOwner from "./doomed-by-owner.sql";
import type { Table } from "./table-names.ts";
import { dotted, sqlOf } from "./table-names.ts";

/** A set of rows, or of values in a column, that a statement removes. */
export interface Suspect {
  /** For people: `app.users` or `app.users.middle_name`. */
  readonly object: string;
  /** The table as it is called now, before the rollback. */
  readonly table: string;
  /** The table as the statement finds it, after the renames before it. */
  readonly tableThen: string;
  /** The rows that would be lost, now and then: `select from …`. */
  readonly rows: string;
  readonly rowsThen: string;
  readonly isForeign: boolean;
  /** DELETE takes single rows: readers need not be locked out while it is looked at again. */
  readonly isDelete: boolean;
}

/** Whatever goes with these objects, by what the catalog says depends on them. */
export async function doomedWith(
  session: Session,
  objects: readonly { readonly class: string; readonly oid: string }[],
): Promise<Suspect[]> {
  if (objects.length === 0) return [];
  const rows = await session.query<Table & { column: string | null }>(findDoomedByDrop, [
    `{${objects.map((object) => object.class).join()}}`,
    `{${objects.map((object) => object.oid).join()}}`,
  ]);
  return rows.map((row) => {
    const whole = wholeTable(row, [row.schema, row.table]);
    if (row.column === null) return whole;
    const values = `${whole.rows} where ${ident(row.column)} is not null`;
    return {
      ...whole,
      object: `${whole.object}.${ident(row.column)}`,
      rows: values,
      rowsThen: values,
    };
  });
}

/** Catalog and oid of the objects that exist; `lookup` turns a name ($1) into an oid. */
export async function findObjects(
  session: Session,
  catalog: string,
  lookup: string,
  objects: readonly string[],
): Promise<{ class: string; oid: string }[]> {
  const found: { class: string; oid: string }[] = [];
  for (const name of objects) {
    const row = await session.one<{ class: string; oid: string | null }>(
      `select '${catalog}'::regclass::oid::text as class, ${lookup}::oid::text as oid`,
      [name],
    );
    if (row.oid !== null) found.push({ class: row.class, oid: row.oid });
  }
  return found;
}

/** What DROP OWNED BY these roles removes. */
export async function doomedByOwners(
  session: Session,
  roles: readonly string[],
): Promise<Suspect[]> {
  const objects = await session.query<{ class: string; oid: string }>(findDoomedByOwner, [
    textArray(roles),
  ]);
  return doomedWith(session, objects);
}

export function wholeTable(table: Table, partsThen: readonly string[]): Suspect {
  const now = sqlOf(table);
  const then = dotted(partsThen);
  return {
    object: now,
    table: now,
    tableThen: then,
    rows: `select from ${now}`,
    rowsThen: `select from ${then}`,
    isForeign: table.kind === "f",
    isDelete: false,
  };
}

/** An array literal of texts. */
function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`).join()}}`;
}
