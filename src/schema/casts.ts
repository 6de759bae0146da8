import { commentOn } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import listCasts from "./casts.sql";
import { definition } from "./definition.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";

interface CastRow {
  readonly oid: number;
  readonly source: string;
  readonly target: string;
  /** f(unction), i(nput and output), b(inary). */
  readonly method: string;
  /** e(xplicit), a(ssignment), i(mplicit). */
  readonly context: string;
  /** With its argument types. */
  readonly function: string | null;
}

const contexts: Readonly<Record<string, string>> = { a: " AS ASSIGNMENT", i: " AS IMPLICIT" };

export async function collectCasts(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<CastRow>(listCasts);
  return rows.map((row) => {
    const own = address("cast", row.oid);
    const name = `CAST (${row.source} AS ${row.target})`;
    const how =
      row.function !== null
        ? `WITH FUNCTION ${row.function}`
        : row.method === "i"
          ? "WITH INOUT"
          : "WITHOUT FUNCTION";
    const statements = [
      `CREATE ${name} ${how}${contexts[row.context] ?? ""}`,
      ...commentOn(catalog, own, name),
    ];
    return definition({
      rank: "cast",
      label: name.replace("CAST", "cast"),
      schema: "",
      addresses: [own],
      statements: () => statements,
    });
  });
}
