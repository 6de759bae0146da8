import { ident, qualified } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import type { Catalog } from "./catalog.ts";
import listColumns from "./columns.sql";
import { defaultName } from "./default-name.ts";
import { foreignOptions, storageOptions } from "./options.ts";
import type { ForeignOption } from "./options.ts";
import { groupBy } from "./relations.ts";
import type { Relation } from "./relations.ts";
import { sequenceOptions } from "./sequences.ts";
import type { Sequence } from "./sequences.ts";
import { collate, shortType } from "./type-name.ts";

export interface Column {
  readonly relation: number;
  readonly number: number;
  readonly name: string;
  readonly type: string;
  readonly collation: readonly [string, string] | null;
  readonly isNotNull: boolean;
  /** Its constraint, which PostgreSQL has since version 18. */
  readonly notNull: number | null;
  readonly notNullName: string | null;
  readonly isNotNullValid: boolean | null;
  readonly isNotNullNoInherit: boolean | null;
  readonly isNotNullLocal: boolean | null;
  readonly defaultOid: number | null;
  readonly default: string | null;
  /** "", s(tored) or v(irtual). */
  readonly generated: string;
  /** "", a(lways) or d(efault). */
  readonly identity: string;
  /** Null where it is what the type has. */
  readonly storage: string | null;
  readonly typeStorage: string;
  readonly compression: string;
  readonly statisticsTarget: number | null;
  readonly options: readonly string[];
  readonly foreignOptions: readonly ForeignOption[];
  readonly isLocal: boolean;
  readonly isInherited: boolean;
}

export type Columns = ReadonlyMap<number, readonly Column[]>;

export async function readColumns(catalog: Catalog): Promise<Columns> {
  return groupBy(await catalog.session.query<Column>(listColumns), (column) => column.relation);
}

/** What a column is built from besides its own row. */
export interface ColumnSetting {
  readonly relation: Relation;
  readonly column: Column;
  /** Columns of the same name in the tables it inherits from; none for partitions. */
  readonly inherited: readonly Column[];
  /** Names of the same NOT NULL in tables it inherits from or is a partition of. */
  readonly parentalNames: readonly (string | null)[];
  readonly identity: Sequence | undefined;
  /** The default is left out here and set later. */
  readonly isDefaultApart: boolean;
}

const compressions: Readonly<Record<string, string>> = { l: "lz4", p: "pglz" };
const storages: Readonly<Record<string, string>> = {
  e: "EXTERNAL",
  m: "MAIN",
  p: "PLAIN",
  x: "EXTENDED",
};

/**
 * True when the column stands in CREATE TABLE. A purely inherited one comes from its parents,
 * unless they disagree about its default: then it must be said again.
 */
function isWritten(setting: ColumnSetting): boolean {
  const { column, inherited, relation } = setting;
  if (column.isLocal || relation.isPartition) return true;
  return new Set(inherited.map((parent) => parent.default)).size > 1;
}

/** One line of CREATE TABLE; undefined for a column that its type or its parents make anyway. */
export function columnText(setting: ColumnSetting): string | undefined {
  const { column, relation } = setting;
  if (!isWritten(setting)) {
    return isNotNullNamed(setting) && statesNotNull(setting)
      ? notNullText(setting, ` ${ident(column.name)}`)
      : undefined;
  }
  const constraints = [
    ...(statesNotNull(setting) ? [notNullText(setting)] : []),
    ...defaultText(setting),
  ];
  if (relation.ofType !== null) {
    return constraints.length === 0
      ? undefined
      : `${ident(column.name)} WITH OPTIONS ${constraints.join(" ")}`;
  }
  const isCompressionOwn =
    column.compression !== "" && column.compression !== setting.inherited[0]?.compression;
  return [
    ident(column.name),
    shortType(column.type),
    ...(isCompressionOwn ? [`COMPRESSION ${compressions[column.compression] ?? ""}`] : []),
    ...(column.foreignOptions.length > 0 ? [foreignOptions(column.foreignOptions)] : []),
    ...(column.collation ? [collate(column.collation)] : []),
    ...constraints,
  ].join(" ");
}

/** True when NOT NULL is the column's own and does not come from a table it inherits from. */
function statesNotNull({ column, inherited, relation }: ColumnSetting): boolean {
  if (!column.isNotNull || column.isNotNullValid === false) return false;
  if (relation.isPartition) return true;
  return column.isNotNullLocal ?? !inherited.some((parent) => parent.isNotNull);
}

/**
 * NOT NULL, with the name of its constraint where that is not the usual one. A partition's
 * constraint mostly bears its parent's name, which is not said: servers before 18 have no names,
 * and the text is to be the same.
 */
function notNullText(setting: ColumnSetting, column = ""): string {
  const { notNullName, isNotNullNoInherit } = setting.column;
  const text = `NOT NULL${column}${isNotNullNoInherit === true ? " NO INHERIT" : ""}`;
  return isNotNullNamed(setting) ? `CONSTRAINT ${ident(notNullName ?? "")} ${text}` : text;
}

function isNotNullNamed({ column, relation, parentalNames }: ColumnSetting): boolean {
  const usual = [null, defaultName(relation.name, column.name, "not_null"), ...parentalNames];
  return !usual.includes(column.notNullName);
}

function defaultText({ column, identity, relation, isDefaultApart }: ColumnSetting): string[] {
  if (identity) {
    const kind = column.identity === "a" ? "ALWAYS" : "BY DEFAULT";
    const isNamed =
      identity.name !== defaultName(relation.name, column.name, "seq") ||
      identity.schema !== relation.schema;
    const options = [
      ...(isNamed ? [`SEQUENCE NAME ${qualified(identity.schema, identity.name)}`] : []),
      ...sequenceOptions(identity),
    ];
    return [`GENERATED ${kind} AS IDENTITY${options.length > 0 ? ` (${options.join(" ")})` : ""}`];
  }
  if (column.default === null) return [];
  const expression = asReread(column.default);
  if (column.generated !== "") {
    const kind = column.generated === "v" ? "VIRTUAL" : "STORED";
    return [`GENERATED ALWAYS AS (${expression}) ${kind}`];
  }
  return isDefaultApart ? [] : [`DEFAULT ${expression}`];
}

/** ALTER statements for what CREATE TABLE cannot say about a column on every server. */
export function columnChanges(setting: ColumnSetting): string[] {
  const { column, relation, inherited } = setting;
  const alter = `ALTER TABLE ONLY ${relation.id} ALTER COLUMN ${ident(column.name)}`;
  const changes: string[] = [];
  const isInText = isWritten(setting);
  if (!isInText && statesNotNull(setting) && !isNotNullNamed(setting)) {
    changes.push(`${alter} SET NOT NULL`);
  }
  if (column.isInherited && !relation.isPartition && column.generated === "") {
    const parental = inherited.find((parent) => parent.default !== null)?.default ?? null;
    if (column.default === null && parental !== null) changes.push(`${alter} DROP DEFAULT`);
    else if (!isInText && column.default !== parental && !setting.isDefaultApart) {
      changes.push(`${alter} SET DEFAULT ${asReread(column.default ?? "")}`);
    }
  }
  if (column.statisticsTarget !== null) {
    changes.push(`${alter} SET STATISTICS ${column.statisticsTarget}`);
  }
  const storage = column.storage ?? column.typeStorage;
  const parent = inherited[0];
  const usual = parent ? (parent.storage ?? parent.typeStorage) : column.typeStorage;
  if (storage !== usual) changes.push(`${alter} SET STORAGE ${storages[storage] ?? ""}`);
  if (!isInText && parent && column.compression !== parent.compression) {
    changes.push(`${alter} SET COMPRESSION ${compressions[column.compression] ?? "default"}`);
  }
  if (column.options.length > 0) {
    changes.push(`${alter} SET (${storageOptions(column.options).join(", ")})`);
  }
  return changes;
}
