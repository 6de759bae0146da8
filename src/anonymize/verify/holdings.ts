/** What the target holds: rows of its relations, and the texts of its catalog. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import schemaTexts from "../schema-texts.sql";
import catalogTexts from "./catalog.sql";
import selectPlaces from "./places.sql";

/** A column of a relation, or a kind of the catalog's texts. */
export interface Place {
  /** `schema.table`, of a partition its root; undefined for the catalog. */
  readonly table?: string;
  /** The column, or the kind of text. */
  readonly column: string;
}

/** A relation, or the catalog. */
export interface Holding {
  readonly name: string;
  /** Its columns as text. */
  readonly select: string;
  /** The place of each column; of the catalog see `isCatalog`. */
  readonly places: readonly number[];
  /** Fields are the number of the place, the object's name and the text. */
  readonly isCatalog: boolean;
}

export interface Holdings {
  readonly list: readonly Holding[];
  readonly places: readonly Place[];
}

interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly root: { readonly schema: string; readonly name: string };
  readonly columns: readonly { readonly name: string; readonly isBytes: boolean }[];
}

const catalogKinds = [
  "comment",
  "label",
  "default",
  "constraint",
  "index",
  "partition bound",
  "partition key",
  "view",
  "function",
  "trigger",
  "rule",
  "policy",
  "enum label",
  "name",
  "publication",
  "setting",
  "option",
  "statistics",
  "statistics object",
  "dictionary",
] as const;

export async function listHoldings(target: Session): Promise<Holdings> {
  const relations = await target.query<Relation>(selectPlaces);
  const places: Place[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (place: Place): number => {
    const key = JSON.stringify([place.table, place.column]);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, places.length);
    return places.push(place) - 1;
  };
  const list = relations.flatMap(({ schema, name, root, columns }): Holding[] => {
    const table = `${root.schema}.${root.name}`;
    const fields = columns.flatMap(({ name: column, isBytes }) => {
      const place = numberOf({ table, column });
      const value = `t.${ident(column)}`;
      // Bytes as they would be searched for, and what of them can be read.
      return isBytes
        ? [
            { place, sql: `encode(${value}, 'hex')` },
            { place, sql: `encode(${value}, 'escape')` },
          ]
        : [{ place, sql: value }];
    });
    if (fields.length === 0) return [];
    return [
      {
        name: `${schema}.${name}`,
        select: `select ${fields.map(({ sql }) => sql).join(", ")} from only ${qualified(schema, name)} t`,
        places: fields.map(({ place }) => place),
        isCatalog: false,
      },
    ];
  });
  const first = places.length;
  for (const column of catalogKinds) numberOf({ column });
  const kinds = catalogKinds.map((kind) => `'${kind}'`).join(", ");
  list.push({
    name: "the catalog",
    select: `select ${first - 1} + array_position(array[${kinds}], kind), name, text from (select kind, name, text from (${schemaTexts}) s union all (${catalogTexts})) t where text is not null`,
    places: [],
    isCatalog: true,
  });
  return { list, places };
}

/** As messages name it. */
export function placeName({ table, column }: Place): string {
  return table === undefined ? `the catalog (${column})` : `${table}.${column}`;
}
