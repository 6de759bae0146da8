import { literal, qualified } from "../db/identifier.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import listCollations from "./collations.sql";
import { definition } from "./definition.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";

interface CollationRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly provider: string;
  readonly isDeterministic: boolean;
  readonly lcCollate: string | null;
  readonly lcCtype: string | null;
  readonly locale: string | null;
  readonly rules: string | null;
}

const providers: Readonly<Record<string, string>> = { b: "builtin", c: "libc", i: "icu" };

/** Collations, without the version of the library that made them. */
export async function collectCollations(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<CollationRow>(listCollations);
  return rows.map((row) => {
    const own = address("collation", row.oid);
    const id = qualified(row.schema, row.name);
    const provider = providers[row.provider];
    if (provider === undefined) catalog.refused.push(`collation ${id} of provider ${row.provider}`);
    const options = [
      `PROVIDER = ${provider}`,
      ...(row.locale === null ? [] : [`LOCALE = ${literal(row.locale)}`]),
      ...(row.lcCollate === null ? [] : [`LC_COLLATE = ${literal(row.lcCollate)}`]),
      ...(row.lcCtype === null ? [] : [`LC_CTYPE = ${literal(row.lcCtype)}`]),
      ...(row.rules === null ? [] : [`RULES = ${literal(row.rules)}`]),
      ...(row.isDeterministic ? [] : ["DETERMINISTIC = false"]),
    ];
    const statements = [
      `CREATE COLLATION ${id} (${options.join(", ")})`,
      ...attributesOf(catalog, { address: own, name: `COLLATION ${id}`, owner: row.owner }),
    ];
    return definition({
      rank: "collation",
      label: `collation ${id}`,
      schema: row.schema,
      addresses: [own],
      statements: () => statements,
    });
  });
}
