import { literal, qualified } from "../db/identifier.ts";
import listAggregates from "./aggregates.sql";
import { attributesOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import { definition } from "./definition.ts";
import { address } from "./object.ts";
import type { SchemaObject } from "./object.ts";

interface AggregateRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  /** As identity and with defaults; both are printed by PostgreSQL. */
  readonly arguments: string;
  readonly fullArguments: string;
  /** Types alone, which GRANT takes: it knows no ORDER BY in a list of arguments. */
  readonly types: string;
  /** n(ormal), o(rdered-set), h(ypothetical-set). */
  readonly kind: string;
  /** u(nsafe), r(estricted), s(afe). */
  readonly parallel: string;
  readonly sfunc: string;
  readonly stype: string;
  readonly sspace: number;
  readonly finalfunc: string | null;
  readonly finalfuncExtra: boolean;
  readonly finalfuncModify: string;
  readonly combinefunc: string | null;
  readonly serialfunc: string | null;
  readonly deserialfunc: string | null;
  readonly initcond: string | null;
  readonly msfunc: string | null;
  readonly minvfunc: string | null;
  readonly mstype: string | null;
  readonly msspace: number;
  readonly mfinalfunc: string | null;
  readonly mfinalfuncExtra: boolean;
  readonly mfinalfuncModify: string;
  readonly minitcond: string | null;
  readonly sortop: string | null;
}

const modifies: Readonly<Record<string, string>> = {
  r: "READ_ONLY",
  s: "SHAREABLE",
  w: "READ_WRITE",
};
const parallels: Readonly<Record<string, string>> = { r: "RESTRICTED", s: "SAFE" };

export async function collectAggregates(catalog: Catalog): Promise<SchemaObject[]> {
  const rows = await catalog.session.query<AggregateRow>(listAggregates);
  return rows.map((row) => {
    const own = address("procedure", row.oid);
    const id = qualified(row.schema, row.name);
    const name = `AGGREGATE ${id}(${row.arguments || "*"})`;
    const statements = [
      `CREATE AGGREGATE ${id}(${row.fullArguments || "*"}) (\n    ${optionsOf(row).join(",\n    ")}\n)`,
      ...attributesOf(catalog, {
        address: own,
        name,
        grant: `FUNCTION ${id}(${row.types})`,
        owner: row.owner,
      }),
    ];
    return definition({
      rank: "aggregate",
      label: `aggregate ${id}(${row.arguments})`,
      schema: row.schema,
      addresses: [own],
      statements: () => statements,
    });
  });
}

function optionsOf(row: AggregateRow): string[] {
  // An ordered-set aggregate may leave its state to later calls, a normal one may not.
  const usualModify = row.kind === "n" ? "r" : "w";
  const options: [string, string | null][] = [
    ["SFUNC", row.sfunc],
    ["STYPE", row.stype],
    ["SSPACE", row.sspace === 0 ? null : String(row.sspace)],
    ["INITCOND", row.initcond === null ? null : literal(row.initcond)],
    ["FINALFUNC", row.finalfunc],
    ["FINALFUNC_EXTRA", row.finalfuncExtra ? "" : null],
    [
      "FINALFUNC_MODIFY",
      row.finalfuncModify === usualModify ? null : (modifies[row.finalfuncModify] ?? null),
    ],
    ["COMBINEFUNC", row.combinefunc],
    ["SERIALFUNC", row.serialfunc],
    ["DESERIALFUNC", row.deserialfunc],
    ["MSFUNC", row.msfunc],
    ["MINVFUNC", row.minvfunc],
    ["MSTYPE", row.mstype],
    ["MSSPACE", row.msspace === 0 ? null : String(row.msspace)],
    ["MINITCOND", row.minitcond === null ? null : literal(row.minitcond)],
    ["MFINALFUNC", row.mfinalfunc],
    ["MFINALFUNC_EXTRA", row.mfinalfuncExtra ? "" : null],
    [
      "MFINALFUNC_MODIFY",
      row.mfinalfuncModify === usualModify ? null : (modifies[row.mfinalfuncModify] ?? null),
    ],
    ["SORTOP", row.sortop],
    ["HYPOTHETICAL", row.kind === "h" ? "" : null],
    ["PARALLEL", parallels[row.parallel] ?? null],
  ];
  return options.flatMap(([option, value]) =>
    value === null ? [] : [value === "" ? option : `${option} = ${value}`],
  );
}
