import { qualified } from "../db/identifier.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { definition } from "./definition.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import listRanges from "./ranges.sql";
import { shortType } from "./type-name.ts";

type Name = readonly [schema: string, name: string];

interface RangeRow {
  readonly oid: number;
  readonly multirange: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly subtype: string;
  readonly multirangeName: Name;
  readonly operatorClass: Name | null;
  readonly collation: Name | null;
  readonly subtypeDifference: Name | null;
  readonly hasCanonical: boolean;
}

/**
 * Range types with their multirange types. One with a canonical function is refused: that function
 * takes the type itself, so it must be written in C against a shell type.
 */
export async function collectRanges(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<RangeRow>(listRanges);
  return rows.map((row) => {
    const own = address("type", row.oid);
    const multirange = address("type", row.multirange);
    const id = qualified(row.schema, row.name);
    const multirangeId = qualified(...row.multirangeName);
    if (row.hasCanonical) catalog.refused.push(`range type ${id} with a canonical function`);
    const options = [
      `SUBTYPE = ${shortType(row.subtype)}`,
      row.operatorClass && `SUBTYPE_OPCLASS = ${qualified(...row.operatorClass)}`,
      row.collation && `COLLATION = ${qualified(...row.collation)}`,
      row.subtypeDifference && `SUBTYPE_DIFF = ${qualified(...row.subtypeDifference)}`,
      `MULTIRANGE_TYPE_NAME = ${multirangeId}`,
    ].filter((option) => option !== null);
    const statements = [
      `CREATE TYPE ${id} AS RANGE (\n    ${options.join(",\n    ")}\n)`,
      ...attributesOf(catalog, {
        address: own,
        name: `TYPE ${id}`,
        grant: `TYPE ${id}`,
        owner: row.owner,
      }),
      // Owner and privileges of a multirange are its own, but it is always made by its range.
      ...attributesOf(catalog, {
        address: multirange,
        name: `TYPE ${multirangeId}`,
        grant: `TYPE ${multirangeId}`,
      }),
    ];
    return definition({
      rank: "type",
      label: `type ${id}`,
      schema: row.schema,
      addresses: [own, multirange],
      statements: () => statements,
    });
  });
}
