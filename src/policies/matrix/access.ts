/** The access matrix as it is kept: who may do what, in words short enough to be reviewed in a diff. */

/**
 * By persona: `user` (any user), a person's name, `nobody` (no identity was ever set), `cleared` (it
 * was set and is empty now; only where that differs from nobody), `anyone` (identity plays no part).
 *
 * The value names the rows: `own + others public`, `none`, or `error 22P02`, `denied`, `untried`.
 */
export type Cell = Readonly<Record<string, string>>;

/** By `select`, `insert`, `update`, `delete`, `also`, `… columns`, `give away`, `partitions`; what is not there is denied. */
export type RelationAccess = Readonly<Record<string, Cell>>;

/** Relations by role; a relation that is not there is denied. */
export type RoleAccess = Readonly<Record<string, RelationAccess>>;

export interface Access {
  /** What was tried, by relation: `ann + ann public + ben`. */
  readonly rows: Readonly<Record<string, string>>;
  readonly access: Readonly<Record<string, RoleAccess>>;
}

export const noneCell = "none";

/** What a cell consists of. */
export function partsOf(cell: string | undefined): string[] {
  return cell === undefined || cell === noneCell ? [] : cell.split(" + ");
}

export function joinParts(parts: readonly string[]): string {
  return parts.length === 0 ? noneCell : parts.join(" + ");
}

const personaOrder = ["anyone", "user", "", "nobody", "cleared"];
const placeOf = (persona: string) =>
  personaOrder.indexOf(personaOrder.includes(persona) ? persona : "");

/** The order in which personas are named: users, persons by name, nobody. */
export function byPersona(one: string, other: string): number {
  return placeOf(one) - placeOf(other) || (one < other ? -1 : 1);
}
