/** Tables and their references as a graph to be drawn. */
import type { Column, Reference, Table, TableName } from "../model.ts";

export interface Box {
  readonly table: TableName;
  /** Lines below the name; none for a box that only stands for its table. */
  readonly lines: readonly BoxLine[];
  /** Another schema's, which is only there because something refers to it. */
  readonly isForeign: boolean;
}

export interface BoxLine {
  readonly name: string;
  readonly type: string;
  readonly isPrimary: boolean;
  readonly isReference: boolean;
}

export interface Graph {
  readonly title: string;
  readonly boxes: readonly Box[];
  readonly edges: readonly Reference[];
}

/** Views refer to nothing: they are listed, not drawn. */
export function isDrawn({ kind }: Table): boolean {
  return kind !== "view" && kind !== "materialized view";
}

/** Tables with their key columns, or with their names alone. */
export function graphOf(
  title: string,
  tables: readonly Table[],
  { hasColumns }: { readonly hasColumns: boolean },
): Graph {
  const drawn = tables.filter(isDrawn);
  const own = new Set(drawn.map(({ oid }) => oid));
  const edges = drawn.flatMap(({ references }) => references);
  const foreign = new Map(edges.filter(({ to }) => !own.has(to.oid)).map(({ to }) => [to.oid, to]));
  return {
    title,
    boxes: [
      ...drawn.map((table) => ({
        table,
        lines: hasColumns ? table.columns.filter(isKey).map(lineOf) : [],
        isForeign: false,
      })),
      ...[...foreign.values()].map((table) => ({ table, lines: [], isForeign: true })),
    ],
    edges,
  };
}

function isKey({ isPrimary, isReference }: Column): boolean {
  return isPrimary || isReference;
}

function lineOf({ name, type, isPrimary, isReference }: Column): BoxLine {
  return { name, type, isPrimary, isReference };
}
