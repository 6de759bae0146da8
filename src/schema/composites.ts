import { ident, qualified } from "../db/identifier.ts";
import { attributesOf, commentOn } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import listComposites from "./composites.sql";
import { definition } from "./definition.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import { collate, shortType } from "./type-name.ts";

interface CompositeRow {
  readonly oid: number;
  /** Its row in pg_class, which its attributes belong to. */
  readonly relation: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly attributes: readonly {
    readonly number: number;
    readonly name: string;
    readonly type: string;
    readonly collation: readonly [string, string] | null;
  }[];
}

export async function collectComposites(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<CompositeRow>(listComposites);
  return rows.map((row) => {
    const own = address("type", row.oid);
    const relation = address("class", row.relation);
    const id = qualified(row.schema, row.name);
    const attributes = row.attributes.map(
      ({ name, type, collation }) =>
        `\n    ${ident(name)} ${shortType(type)}` + (collation ? ` ${collate(collation)}` : ""),
    );
    const statements = [
      `CREATE TYPE ${id} AS (${attributes.join(",")}${attributes.length > 0 ? "\n" : ""})`,
      ...attributesOf(catalog, {
        address: own,
        name: `TYPE ${id}`,
        grant: `TYPE ${id}`,
        owner: row.owner,
      }),
      ...row.attributes.flatMap(({ number, name }) =>
        commentOn(catalog, relation, `COLUMN ${id}.${ident(name)}`, number),
      ),
    ];
    return definition({
      rank: "type",
      label: `type ${id}`,
      schema: row.schema,
      addresses: [own, relation],
      elements: new Map(
        row.attributes.map(({ number, name }) => [
          `${relation}/${number}`,
          `column ${ident(name)}`,
        ]),
      ),
      statements: () => statements,
    });
  });
}
