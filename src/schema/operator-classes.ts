import { ident, qualified } from "../db/identifier.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { definition } from "./definition.ts";
import { address } from "./object.ts";
import type { Address, SchemaObject } from "./object.ts";
import listClasses from "./operator-classes.sql";
import listFamilies from "./operator-families.sql";

interface Member {
  readonly oid: number;
  /** Strategy or support number. */
  readonly number: number;
  readonly types: readonly [string, string];
  /** With its argument types. */
  readonly name: string;
  readonly sortFamily?: readonly [string, string] | null;
}

interface FamilyRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly method: string;
  readonly operators: readonly Member[];
  readonly functions: readonly Member[];
}

interface ClassRow extends FamilyRow {
  readonly family: readonly [string, string];
  readonly type: string;
  readonly storage: string | null;
  readonly isDefault: boolean;
}

/** Families, each with the members that belong to no class in a statement of their own. */
export async function collectOperatorFamilies(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<FamilyRow>(listFamilies);
  return rows.flatMap((row) => {
    const own = address("operatorFamily", row.oid);
    const name = `OPERATOR FAMILY ${qualified(row.schema, row.name)} USING ${ident(row.method)}`;
    const family = [
      `CREATE ${name}`,
      ...attributesOf(catalog, { address: own, name, owner: row.owner }),
    ];
    const members = memberTexts(row);
    const base = { rank: "operatorFamily", schema: row.schema } as const;
    const label = name.replace("OPERATOR FAMILY", "operator family");
    return [
      definition({ ...base, label, addresses: [own], statements: () => family }),
      ...(members.length === 0
        ? []
        : [
            definition({
              ...base,
              label: `${label} members`,
              addresses: memberAddresses(row),
              requires: [own],
              statements: () => [`ALTER ${name} ADD\n    ${members.join(",\n    ")}`],
            }),
          ]),
    ];
  });
}

export async function collectOperatorClasses(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<ClassRow>(listClasses);
  return rows.map((row) => {
    const own = address("operatorClass", row.oid);
    const id = qualified(row.schema, row.name);
    const name = `OPERATOR CLASS ${id} USING ${ident(row.method)}`;
    const items = [
      ...(row.storage === null ? [] : [`STORAGE ${row.storage}`]),
      ...memberTexts(row),
    ];
    const statements = [
      `CREATE OPERATOR CLASS ${id}${row.isDefault ? " DEFAULT" : ""} FOR TYPE ${row.type} ` +
        `USING ${ident(row.method)} FAMILY ${qualified(...row.family)} AS\n    ` +
        // A class without members still needs one item; its own type as storage says nothing new.
        (items.length > 0 ? items.join(",\n    ") : `STORAGE ${row.type}`),
      ...attributesOf(catalog, { address: own, name, owner: row.owner }),
    ];
    return definition({
      rank: "operatorClass",
      label: name.replace("OPERATOR CLASS", "operator class"),
      schema: row.schema,
      addresses: [own, ...memberAddresses(row)],
      statements: () => statements,
    });
  });
}

function memberAddresses(row: FamilyRow): Address[] {
  return [
    ...row.operators.map((member) => address("familyOperator", member.oid)),
    ...row.functions.map((member) => address("familyFunction", member.oid)),
  ];
}

function memberTexts(row: FamilyRow): string[] {
  const inOrder = (members: readonly Member[]): Member[] =>
    members.toSorted((a, b) => a.number - b.number || (a.types.join() < b.types.join() ? -1 : 1));
  return [
    ...inOrder(row.operators).map(
      ({ number, name, sortFamily }) =>
        `OPERATOR ${number} ${name}` +
        (sortFamily ? ` FOR ORDER BY ${qualified(...sortFamily)}` : ""),
    ),
    ...inOrder(row.functions).map(
      ({ number, name, types }) => `FUNCTION ${number} (${types.join(", ")}) ${name}`,
    ),
  ];
}
