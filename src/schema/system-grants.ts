/** Privileges on what is not dumped itself: objects of extensions and of PostgreSQL. */
import { ident } from "../db/identifier.ts";
import { grantsOn } from "./catalog.ts";
import type { Catalog, ForeignGrant } from "./catalog.ts";
import { stages } from "./object.ts";
import type { SchemaObject } from "./object.ts";

/** Changed privileges on objects of extensions and of initdb; the other ones are taken by now. */
export function systemGrants(catalog: Catalog): SchemaObject[] {
  return [...catalog.grants]
    .filter(([address, rows]) => catalog.members.has(address) || (rows[0]?.object ?? 0) < 16384)
    .flatMap(([address, rows]) => {
      const target = `${rows[0]?.kind ?? ""} ${rows[0]?.name ?? ""}`;
      const statements = grantsOn(catalog, address, target);
      if (statements.length === 0) return [];
      return [
        {
          label: `privileges on ${target}`,
          addresses: [],
          stage: stages.database,
          section: "",
          key: ["grants", target],
          block: "system grants",
          requires: [address],
          statements: () => statements,
        },
      ];
    });
}

/**
 * Privileges granted by somebody else than the owner, by virtue of a grant option. They come last:
 * RESET ROLE ends a SET ROLE that was in force before. Who has the option from another one follows
 * that one; a table and its columns are one target. A schema's come before those of what is in it.
 */
export function foreignGrants(catalog: Catalog): SchemaObject[] {
  const byTarget = new Map<string, ForeignGrant[]>();
  for (const one of catalog.foreignGrants) {
    byTarget.set(one.target, [...(byTarget.get(one.target) ?? []), one]);
  }
  return [...byTarget].flatMap(([target, grants]) =>
    [...new Set(grants.map(({ grantor }) => grantor))].flatMap((grantor): SchemaObject[] => {
      const own = grants.filter((one) => one.grantor === grantor);
      const statements = own.flatMap((one) => one.statements);
      if (statements.length === 0) return [];
      return [
        {
          label: `privileges on ${target} granted by ${ident(grantor)}`,
          addresses: [],
          stage: stages.database,
          section: "",
          key: [
            "zzz grants",
            target.startsWith("SCHEMA ") ? 0 : 1,
            target,
            rankOf(grantor, grants),
            grantor,
          ],
          block: "foreign grants",
          statements: () => [`SET ROLE ${ident(grantor)}`, ...statements, "RESET ROLE"],
        },
      ];
    }),
  );
}

/** How many others must have granted before. A circle, of two columns' grants, ends where it closes. */
function rankOf(
  grantor: string,
  grants: readonly ForeignGrant[],
  above: readonly string[] = [],
): number {
  const givers = grants.filter(
    (one) => one.heirs.includes(grantor) && ![grantor, ...above].includes(one.grantor),
  );
  return givers.reduce(
    (most, one) => Math.max(most, 1 + rankOf(one.grantor, grants, [...above, grantor])),
    0,
  );
}
