/** How large tables are, with their partitions. */
import { qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Relation, Relations } from "../schema/relations.ts";
import type { Size } from "./model.ts";
import listSizes from "./sizes.sql";

export type Sizes = ReadonlyMap<number, Size>;

export async function readSizes(session: Session): Promise<Sizes> {
  const rows = await session.query<Size & { oid: number }>(listSizes);
  return new Map(rows.map(({ oid, bytes, rows: estimate }) => [oid, { bytes, rows: estimate }]));
}

export function partitionsOf({ descendants }: Relation, relations: Relations, sizes: Sizes) {
  return descendants
    .flatMap((oid) => relations.get(oid) ?? [])
    .filter(({ kind }) => kind !== "p")
    .map(({ oid, schema, name, bound }) => ({
      id: qualified(schema, name),
      bound: bound ?? "",
      size: sizes.get(oid) ?? { bytes: 0, rows: null },
    }))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

/** Of a partitioned table, that of its partitions; tables that inherit otherwise have their own. */
export function sumOf(relation: Relation, relations: Relations, sizes: Sizes): Size | undefined {
  if (relation.kind !== "p") return sizes.get(relation.oid);
  const parts = partitionsOf(relation, relations, sizes);
  return {
    bytes: parts.reduce((sum, { size }) => sum + size.bytes, 0),
    rows: parts.some(({ size }) => size.rows === null)
      ? null
      : parts.reduce((sum, { size }) => sum + (size.rows ?? 0), 0),
  };
}
