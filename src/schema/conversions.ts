import { literal, qualified } from "../db/identifier.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import listConversions from "./conversions.sql";
import { definition } from "./definition.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";

interface ConversionRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly source: string;
  readonly target: string;
  readonly function: string;
  readonly isDefault: boolean;
}

export async function collectConversions(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<ConversionRow>(listConversions);
  return rows.map((row) => {
    const own = address("conversion", row.oid);
    const name = `CONVERSION ${qualified(row.schema, row.name)}`;
    const statements = [
      `CREATE ${row.isDefault ? "DEFAULT " : ""}${name} ` +
        `FOR ${literal(row.source)} TO ${literal(row.target)} FROM ${row.function}`,
      ...attributesOf(catalog, { address: own, name, owner: row.owner }),
    ];
    return definition({
      rank: "conversion",
      label: `conversion ${qualified(row.schema, row.name)}`,
      schema: row.schema,
      addresses: [own],
      statements: () => statements,
    });
  });
}
