/** Partitions and their indexes in two schemas: what goes with what it is attached to. */
import { parentOf } from "../schema/attached.ts";
import type { DumpedObject } from "../schema/dump.ts";
import { namesOf } from "./names.ts";
import type { Parent } from "./table-part.ts";

/** By label. */
export type Objects = ReadonlyMap<string, DumpedObject>;

/** An index that is dropped, whether or not another one comes in its place. */
export function isMadeAnew(label: string, before: Objects, after: Objects): boolean {
  const old = before.get(label);
  if (!old) return false;
  if (old.statements[0] !== after.get(label)?.statements[0]) return true;
  const parent = parentOf(old);
  return parent !== undefined && isMadeAnew(parent, before, after);
}

/** A partition has one index of each of its table's. */
export function placeOf(object: DumpedObject): string[] {
  const parent = object.label.startsWith("index ") ? parentOf(object) : undefined;
  return parent === undefined ? [] : [`place of ${object.relation ?? ""} in ${parent}`];
}

/** The names of all indexes that are dropped with this one. */
export function indexesBelow(label: string, before: Objects): string[] {
  if (!label.startsWith("index ")) return [];
  return [...before.values()]
    .filter((object) => parentOf(object) === label)
    .flatMap((object) => [...namesOf(object.label), ...indexesBelow(object.label, before)]);
}

/** The table or index that it is attached to before. */
export function parentBefore(
  was: DumpedObject,
  before: Objects,
  after: Objects,
): Parent | undefined {
  const label = parentOf(was);
  if (label === undefined) return undefined;
  const [old, now] = [before.get(label), after.get(label)];
  const above = old && parentBefore(old, before, after);
  return old && { label, was: old.statements, is: now?.statements ?? [], ...(above && { above }) };
}

/** Partitions that stay where they are, though the other schema has them no more, or elsewhere. */
export function stalePartitions(parent: string, before: Objects, after: Objects): string[] {
  return [...before.values()].flatMap((partition) => {
    if (!partition.label.startsWith("table ") || parentOf(partition) !== parent) return [];
    const now = after.get(partition.label);
    const attach = (object: DumpedObject | undefined) =>
      object?.statements.find((sql) => / ATTACH PARTITION /.test(sql));
    return attach(now) === attach(partition)
      ? stalePartitions(partition.label, before, after)
      : [partition.label];
  });
}
