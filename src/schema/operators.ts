import { ident } from "../db/identifier.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { definition } from "./definition.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import listOperators from "./operators.sql";

interface OperatorRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly leftType: string | null;
  readonly rightType: string | null;
  /** Null for a shell: named as commutator or negator, never created. */
  readonly function: string | null;
  readonly commutator: string | null;
  readonly negator: string | null;
  readonly restrict: string | null;
  readonly join: string | null;
  readonly canHash: boolean;
  readonly canMerge: boolean;
}

/**
 * Operators. The one that comes first makes its commutator and negator as shells, which their own
 * CREATE OPERATOR fills; a shell that nothing ever filled comes back in the same way.
 */
export async function collectOperators(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<OperatorRow>(listOperators);
  return rows.map((row) => {
    const own = address("operator", row.oid);
    const id = `${ident(row.schema)}.${row.name}`;
    const name = `OPERATOR ${id} (${row.leftType ?? "NONE"}, ${row.rightType ?? "NONE"})`;
    const options: [string, string | null][] = [
      ["FUNCTION", row.function],
      ["LEFTARG", row.leftType],
      ["RIGHTARG", row.rightType],
      ["COMMUTATOR", row.commutator],
      ["NEGATOR", row.negator],
      ["RESTRICT", row.restrict],
      ["JOIN", row.join],
      ["HASHES", row.canHash ? "" : null],
      ["MERGES", row.canMerge ? "" : null],
    ];
    const list = options.flatMap(([option, value]) =>
      value === null ? [] : [value === "" ? option : `${option} = ${value}`],
    );
    const statements =
      row.function === null
        ? []
        : [
            `CREATE OPERATOR ${id} (\n    ${list.join(",\n    ")}\n)`,
            ...attributesOf(catalog, { address: own, name, owner: row.owner }),
          ];
    return definition({
      rank: "operator",
      label: name.replace("OPERATOR", "operator"),
      schema: row.schema,
      addresses: [own],
      statements: () => statements,
    });
  });
}
