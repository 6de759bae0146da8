/** Objects that belong to somebody else than the role that owns what migrations create. */
import { ident } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import type { ObjectRow } from "./resolve.ts";
import { nameSql, targetSql } from "./object-name.ts";

/** Whoever owns an object may do anything with it, whatever is granted. */
export function findForeignOwners(
  rows: readonly ObjectRow[],
  ownerRole: string | undefined,
): Finding[] {
  if (ownerRole === undefined) return [];
  return rows
    .filter(({ kind, owner }) => owner !== ownerRole && kind !== "column" && kind !== "database")
    .filter(({ kind, name }) => !(kind === "schema" && name === "public"))
    .map((row) => ({
      rule: "policies/owner",
      severity: "error",
      message: `${nameSql(row)} belongs to ${ident(row.owner)} and not to ${ident(ownerRole)}`,
      hint: `if that is not meant: ALTER ${targetSql(row)} OWNER TO ${ident(ownerRole)};`,
      object: nameSql(row),
    }));
}
