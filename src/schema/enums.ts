import { literal, qualified } from "../db/identifier.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { definition } from "./definition.ts";
import listEnums from "./enums.sql";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";

interface EnumRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly labels: readonly string[];
}

export async function collectEnums(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<EnumRow>(listEnums);
  return rows.map((row) => {
    const own = address("type", row.oid);
    const name = `TYPE ${qualified(row.schema, row.name)}`;
    const labels = row.labels.map((label) => `\n    ${literal(label)}`).join(",");
    const statements = [
      `CREATE ${name} AS ENUM (${labels}${labels && "\n"})`,
      ...attributesOf(catalog, { address: own, name, grant: name, owner: row.owner }),
    ];
    return definition({
      rank: "type",
      label: `type ${qualified(row.schema, row.name)}`,
      schema: row.schema,
      addresses: [own],
      statements: () => statements,
    });
  });
}
