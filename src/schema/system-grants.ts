/** Privileges on what is not dumped itself: objects of extensions and of PostgreSQL. */
import { ident } from "../db/identifier.ts";
import { grantsOn } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
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
 * RESET ROLE ends a SET ROLE that was in force before.
 */
export function foreignGrants(catalog: Catalog): SchemaObject[] {
  return catalog.foreignGrants
    .filter(({ statements }) => statements.length > 0)
    .map(({ grantor, target, statements }) => ({
      label: `privileges on ${target} granted by ${ident(grantor)}`,
      addresses: [],
      stage: stages.database,
      section: "",
      key: ["zzz grants", target, grantor],
      block: "foreign grants",
      statements: () => [`SET ROLE ${ident(grantor)}`, ...statements, "RESET ROLE"],
    }));
}
