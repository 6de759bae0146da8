/** Tables and their references as a graph to be drawn. */
import { countOf } from "../../db/amount.ts";
import { anchorOf } from "../anchor.ts";
import type { Column, Reference, SchemaPart, Table, TableName } from "../model.ts";

export interface Box {
  readonly table: TableName;
  /** Lines below the name; none for a box that only stands for its table. */
  readonly lines: readonly BoxLine[];
  /** Tables that refer to one and the same table and are referred to by none, in one box. */
  readonly members?: readonly TableName[];
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

/** Schemas in place of tables, with how many references lead from one to the other. */
export function graphOfSchemas(title: string, schemas: readonly SchemaPart[]): Graph {
  const shown = schemas.filter(({ tables }) => tables.some(isDrawn));
  const names = new Map(
    shown.map(({ name }, i): [string, TableName] => [
      name,
      { oid: i + 1, id: name, anchor: anchorOf(name), schema: name, name },
    ]),
  );
  const counts = new Map<string, { from: TableName; to: TableName; count: number }>();
  for (const reference of shown.flatMap(({ tables }) => tables).flatMap((one) => one.references)) {
    const from = names.get(reference.from.schema);
    const to = names.get(reference.to.schema);
    if (!from || !to || from === to) continue;
    const key = `${from.oid} ${to.oid}`;
    const known = counts.get(key)?.count ?? 0;
    counts.set(key, { from, to, count: known + 1 });
  }
  return {
    title,
    boxes: shown.flatMap(({ name, tables }) => {
      const table = names.get(name);
      const line = countOf(tables.filter(isDrawn).length, "table");
      const lines = [{ name: line, type: "", isPrimary: false, isReference: false }];
      return table ? [{ table, lines, isForeign: false }] : [];
    }),
    edges: [...counts.values()].map(({ from, to, count }) => ({
      name: "",
      from,
      to,
      columns: [countOf(count, "reference")],
      toColumns: [],
      onDelete: "",
      isOptional: false,
      isUnique: false,
    })),
  };
}

// Fewer stand well enough by themselves.
const fewestMembers = 4;

/**
 * Puts tables that only refer to one other table, and to which nothing refers, into one box for each
 * such table: a hundred tables around `users` are a list, and a hundred lines would show nothing more.
 */
export function gatherLeaves({ title, boxes, edges }: Graph): Graph {
  const targets = new Map<number, Set<number>>();
  const isReferred = new Set(
    edges.filter(({ from, to }) => from.oid !== to.oid).map(({ to }) => to.oid),
  );
  for (const { from, to } of edges) {
    targets.set(from.oid, (targets.get(from.oid) ?? new Set()).add(to.oid));
  }
  const groups = new Map<number, Box[]>();
  for (const box of boxes) {
    const [target, ...others] = targets.get(box.table.oid) ?? [];
    if (target === undefined || others.length > 0 || target === box.table.oid) continue;
    if (isReferred.has(box.table.oid)) continue;
    groups.set(target, [...(groups.get(target) ?? []), box]);
  }
  const homes = new Map<number, Box>();
  for (const members of groups.values()) {
    const [first] = members;
    if (first === undefined || members.length < fewestMembers) continue;
    const box = { ...first, members: members.map(({ table }) => table) };
    for (const { table } of members) homes.set(table.oid, box);
  }
  return {
    title,
    boxes: [...new Set(boxes.map((box) => homes.get(box.table.oid) ?? box))],
    edges: edges.filter(({ from }, i) => {
      const home = homes.get(from.oid);
      // One line for all of them, however many columns each has.
      return (
        !home ||
        (home.table.oid === from.oid && edges.findIndex((one) => one.from.oid === from.oid) === i)
      );
    }),
  };
}

function isKey({ isPrimary, isReference }: Column): boolean {
  return isPrimary || isReference;
}

function lineOf({ name, type, isPrimary, isReference }: Column): BoxLine {
  return { name, type, isPrimary, isReference };
}
