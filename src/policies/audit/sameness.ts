/** Recorded values that are written differently and are one value to `=`: 'Ann' and 'ann', 1.50 and 1.5. */
import type { Session } from "../../db/session.ts";
import type { AuditColumn, LoggedValue } from "./column-form.ts";
import type { AuditTable } from "./catalog.ts";
import { decode, isExact } from "./column-form.ts";
import type { Entry } from "./entries.ts";
import { keyColumns, splitKey } from "./net-effect.ts";
import type { ForeignKey } from "./undo-order.ts";
import { isMasked } from "./undo-row.ts";
import type { UniqueKey } from "./unique-clash.ts";

/** What stands for a recorded text of a column: the same for all that are equal. */
export type StandIn = (oid: string, column: string, text: string) => string;

export interface Sameness {
  /** By the column's own `=`. */
  readonly own: StandIn;
  /** Also where it is only a unique index that tells no difference. */
  readonly widest: StandIn;
}

/** A column whose equal values may differ. */
interface Blind {
  readonly oid: string;
  readonly column: AuditColumn;
  readonly collation: string | null;
  /** Texts of the log with what the type's input function reads; shared with columns that it refers to. */
  texts: Map<string, string>;
}

const texts = new Set(["pg_catalog.text", "pg_catalog.varchar", "pg_catalog.bpchar"]);

/**
 * Asks the server which of the values that `entries` hold in keys, references, unique columns and
 * texts are equal; nothing where no column can tell less than its bytes.
 */
export async function readSameness(
  session: Session,
  entries: readonly Entry[],
  tables: ReadonlyMap<string, AuditTable>,
  uniques: readonly UniqueKey[],
  references: readonly ForeignKey[],
): Promise<Sameness> {
  const own: Blind[] = [];
  const byIndex: Blind[] = [];
  for (const table of tables.values()) {
    const { oid } = table;
    const indexed = uniques
      .filter((unique) => unique.oid === oid)
      .flatMap(({ columns }) => columns);
    const compared = new Set([
      ...keyColumns(table).map(({ name }) => name),
      ...indexed.map(({ name }) => name),
      ...references.flatMap(({ child, columns }) => (child === oid ? columns : [])),
      ...references.flatMap(({ parent, parentColumns }) => (parent === oid ? parentColumns : [])),
    ]);
    for (const column of table.columns) {
      const isText = !column.isDeterministic && texts.has(column.baseType);
      if (!isExact(column) && (isText || compared.has(column.name))) {
        own.push({ oid, column, collation: column.collation, texts: new Map() });
      }
      const index = indexed.find(({ name, blindCollation }) => {
        return name === column.name && blindCollation !== null;
      });
      if (index && column.isDeterministic) {
        byIndex.push({ oid, column, collation: index.blindCollation, texts: new Map() });
      }
    }
  }
  for (const blind of [...own, ...byIndex]) {
    const table = [...tables.values()].find(({ oid }) => oid === blind.oid);
    if (table) collect(blind, table, entries);
  }
  share(own, references);
  const ownStandIns = await readStandIns(session, own);
  const widestStandIns = await readStandIns(session, byIndex);
  const lookUp = (found: ReadonlyMap<string, string>, oid: string, column: string, text: string) =>
    found.get(JSON.stringify([oid, column, text]));
  return {
    own: (oid, column, text) => lookUp(ownStandIns, oid, column, text) ?? text,
    widest: (oid, column, text) =>
      lookUp(widestStandIns, oid, column, text) ?? lookUp(ownStandIns, oid, column, text) ?? text,
  };
}

function collect(
  { column, texts: found }: Blind,
  table: AuditTable,
  entries: readonly Entry[],
): void {
  const keys = keyColumns(table);
  const place = keys.indexOf(column);
  const add = (value: LoggedValue | undefined) => {
    if (!value || value.text === null || isMasked(value)) return;
    const decoded = decode(column, value);
    if (decoded !== null) found.set(value.text, decoded);
  };
  for (const entry of entries) {
    if (entry.table !== `${table.schema}.${table.name}`) continue;
    add(entry.old.get(column.name));
    add(entry.new.get(column.name));
    const text = place < 0 ? undefined : splitKey(entry.key, keys)?.[place];
    if (text !== undefined) found.set(text, text);
  }
}

/** What refers to each other is compared with each other. */
function share(all: readonly Blind[], references: readonly ForeignKey[]): void {
  const find = (oid: string, name: string | undefined) =>
    all.find((blind) => blind.oid === oid && blind.column.name === name);
  for (const { child, parent, columns, parentColumns } of references) {
    for (const [i, name] of columns.entries()) {
      const one = find(child, name);
      const other = find(parent, parentColumns[i]);
      if (!one || !other || one.texts === other.texts) continue;
      const both = new Map([...one.texts, ...other.texts]);
      const joined = [one.texts, other.texts];
      for (const blind of all) if (joined.includes(blind.texts)) blind.texts = both;
    }
  }
}

async function readStandIns(
  session: Session,
  all: readonly Blind[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { oid, column, collation, texts: values } of all) {
    if (values.size < 2) continue;
    // Without its length, to which a cast would cut what is in a column that refers to this one.
    const type = column.baseType.startsWith("pg_catalog.") ? column.baseType : column.type;
    const value = `v.value::${type}${collation === null ? "" : ` collate ${collation}`}`;
    const rows = await session.query<{ text: string; standIn: string }>(
      `select v.text, min(v.text collate pg_catalog."C") over (partition by ${value}) as "standIn"
       from json_to_recordset($1::text::json) as v(text text, value text)`,
      [JSON.stringify([...values].map(([text, decoded]) => ({ text, value: decoded })))],
    );
    for (const { text, standIn } of rows)
      found.set(JSON.stringify([oid, column.name, text]), standIn);
  }
  return found;
}
