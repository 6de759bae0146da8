/** Entries of access control lists, side by side. */
import { ident } from "../../db/identifier.ts";
import type { Entry } from "./rights.ts";

/** Entries with the same key together, in the order in which the keys come. */
export function groupBy<T>(entries: readonly T[], keyOf: (entry: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const key = keyOf(entry);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return [...groups.values()];
}

/** A grantee as it stands after TO; null is PUBLIC. */
export function granteeSql(grantee: string | null | undefined): string {
  return grantee === null || grantee === undefined ? "PUBLIC" : ident(grantee);
}

/** The rights by name: "SELECT, INSERT". */
export function namesOf(entries: readonly Entry[]): string {
  return entries.map(({ privilege }) => privilege).join(", ");
}

/** The same right of the same grantee, whether it may be granted on or not. */
export function isSame(one: Entry, other: Entry): boolean {
  return one.grantee === other.grantee && one.privilege === other.privilege;
}
