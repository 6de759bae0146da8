import { qualified } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { definition } from "./definition.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";
import listRoutines from "./routines.sql";

interface RoutineRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly isProcedure: boolean;
  readonly arguments: string;
  /** `CREATE OR REPLACE …` as pg_get_functiondef() gives it. */
  readonly definition: string;
}

export async function collectRoutines(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<RoutineRow>(listRoutines);
  return rows.map((row) => {
    const own = address("procedure", row.oid);
    const kind = row.isProcedure ? "PROCEDURE" : "FUNCTION";
    const name = `${kind} ${qualified(row.schema, row.name)}(${row.arguments})`;
    const replace = "CREATE OR REPLACE ";
    const statements = [
      // Into an empty database: a function that is there already is a surprise worth an error.
      `CREATE ${asReread(row.definition.slice(replace.length).trimEnd())}`,
      ...attributesOf(catalog, { address: own, name, grant: name, owner: row.owner }),
    ];
    return definition({
      rank: "function",
      label: `${kind.toLowerCase()} ${qualified(row.schema, row.name)}(${row.arguments})`,
      schema: row.schema,
      addresses: [own],
      statements: () => statements,
    });
  });
}
