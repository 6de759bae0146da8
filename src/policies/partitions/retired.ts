/** Partitions that `partitions maintain` has detached and kept: tables that stand for nothing any more. */
import { literal } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import listAllRetired from "./all-retired.sql";

const prefix = "pgwright: retired from ";

/**
 * The comment by which a partition of `parent` (as SQL) is known after it was detached. It is the
 * table's own, so it survives a dump, a renaming and partitions.yaml. What the table's comment said
 * before follows in the next lines.
 *
 * A partition that is to be dropped carries the bare mark: those that are left after an interrupted
 * run are dropped by the next, and one that was meant to be kept must never be taken for such a one.
 */
export function markAsRetired(parent: string, isKept: boolean, before: string | null): string {
  if (!isKept) return literal(`${prefix}${parent}`);
  const lines = (before ?? "").split("\n");
  const rest = before?.startsWith(prefix) === true ? lines.slice(1) : lines;
  return literal([`${prefix}${parent}, kept`, ...rest].join("\n").trimEnd());
}

/**
 * Detached partitions, as `schema.name` without quotes. Nobody declares them and nothing is recorded
 * of them. Needs no right but to read the catalog; an open transaction sees its own changes.
 */
export async function readRetired(session: Session): Promise<Set<string>> {
  const rows = await session.query<{ name: string }>(listAllRetired, [prefix]);
  return new Set(rows.map(({ name }) => name));
}
