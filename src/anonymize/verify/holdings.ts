/** What the target holds: rows of its relations, and the texts of its catalog. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import catalogTexts from "./catalog.sql";
import { piecesSql, type Reading } from "./pieces.ts";
import selectPlaces from "./places.sql";

/** A column of a relation, or a kind of the catalog's texts. */
export interface Place {
  /** `schema.table`, of a partition its root; undefined for the catalog. */
  readonly table?: string;
  /** The column, or the kind of text. */
  readonly column: string;
}

export interface Holding {
  readonly name: string;
  /** SQL with the alias `t`. */
  readonly from: string;
  /** SELECTs of one column `v`; the place is its number, or SQL of it. */
  readonly pieces: readonly { readonly place: number | string; readonly sql: string }[];
  readonly columns: readonly HoldingColumn[];
}

export interface HoldingColumn {
  readonly place: number;
  /** SQL over `t`. */
  readonly value: string;
  readonly reading: Reading;
  readonly typeName: string;
}

export interface Holdings {
  readonly list: readonly Holding[];
  readonly places: readonly Place[];
}

interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly root: { readonly schema: string; readonly name: string };
  readonly columns: readonly { name: string; typeName: string; reading: Reading }[];
}

export const catalogKinds = [
  "comment",
  "label",
  "default",
  "constraint",
  "index",
  "partition bound",
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
    const read = columns.flatMap(({ name: column, typeName, reading }): HoldingColumn[] =>
      reading === "none"
        ? []
        : [{ place: numberOf({ table, column }), value: `t.${ident(column)}`, reading, typeName }],
    );
    if (read.length === 0) return [];
    return [
      {
        name: `${schema}.${name}`,
        from: `only ${qualified(schema, name)} t`,
        columns: read,
        pieces: piecesOf(read),
      },
    ];
  });
  // One query for all kinds: what is costly in it is looking at every object.
  const first = places.length;
  for (const column of catalogKinds) numberOf({ column });
  const kinds = catalogKinds.map((kind) => `'${kind}'`).join(", ");
  list.push({
    name: "the catalog",
    from: `(select *, ${first - 1} + array_position(array[${kinds}], kind) as place from (${catalogOf(catalogKinds)}) k offset 0) t`,
    columns: catalogKinds.map((_, n) => ({
      place: first + n,
      value: "t.text",
      reading: "text",
      typeName: "text",
    })),
    pieces: piecesSql("t.text", "text", "text").map((sql) => ({ place: "t.place", sql })),
  });
  return { list, places };
}

/** SELECT of `kind`, `name`, `text`. */
export function catalogOf(kinds: readonly string[]): string {
  const list = kinds.map((kind) => `'${kind}'`).join(", ");
  return `select * from (${catalogTexts}) texts where kind in (${list}) and text is not null`;
}

function piecesOf(columns: readonly HoldingColumn[]): Holding["pieces"] {
  return columns.flatMap(({ place, value, reading, typeName }) =>
    piecesSql(value, reading, typeName).map((sql) => ({ place, sql })),
  );
}

/** As messages name it. */
export function placeName({ table, column }: Place): string {
  return table === undefined ? `the catalog (${column})` : `${table}.${column}`;
}
