import { ident, qualified } from "../db/identifier.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { definition } from "./definition.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import listTextSearch from "./text-search.sql";

type Name = readonly [schema: string, name: string];

interface TextSearchRow {
  readonly kind: "dictionary" | "configuration";
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  /** Template of a dictionary, parser of a configuration. */
  readonly base: Name;
  /** As stored: `language = 'english', stopwords = 'english'`. */
  readonly options: string | null;
  readonly mappings: readonly (readonly [token: string, dictionaries: readonly Name[]])[];
}

export async function collectTextSearch(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<TextSearchRow>(listTextSearch);
  return rows.map((row) => {
    const isDictionary = row.kind === "dictionary";
    const id = qualified(row.schema, row.name);
    const name = `TEXT SEARCH ${row.kind.toUpperCase()} ${id}`;
    const own = address(isDictionary ? "textSearchDictionary" : "textSearchConfiguration", row.oid);
    const options = [
      `${isDictionary ? "TEMPLATE" : "PARSER"} = ${qualified(...row.base)}`,
      ...(row.options === null ? [] : [row.options]),
    ];
    const statements = [
      `CREATE ${name} (\n    ${options.join(",\n    ")}\n)`,
      ...mappingsOf(row.mappings).map((mapping) => `ALTER ${name} ADD MAPPING ${mapping}`),
      ...attributesOf(catalog, { address: own, name, owner: row.owner }),
    ];
    return definition({
      rank: isDictionary ? "dictionary" : "textSearch",
      label: `text search ${row.kind} ${id}`,
      schema: row.schema,
      addresses: [own],
      statements: () => statements,
    });
  });
}

/** One mapping for all token types with the same dictionaries. */
function mappingsOf(mappings: TextSearchRow["mappings"]): string[] {
  const tokens = new Map<string, string[]>();
  for (const [token, dictionaries] of mappings) {
    const list = dictionaries.map((dictionary) => qualified(...dictionary)).join(", ");
    tokens.set(list, [...(tokens.get(list) ?? []), token]);
  }
  return [...tokens]
    .map(([list, names]) => `FOR ${names.map(ident).toSorted().join(", ")} WITH ${list}`)
    .toSorted();
}
