/** Kept values on their way into columns. */
import { ident, literal } from "../../db/identifier.ts";
import type { Shape } from "./shape.ts";
import { keptColumn } from "./shape.ts";

/** Without the modifiers of the column: an assignment refuses what a cast would cut. */
export function castSql({ name, type }: Pick<Shape["columns"][number], "name" | "type">): string {
  return `pgwright_k.${keptColumn(name)}::${type}`;
}

/** `INSERT … SELECT` of the columns of a kept row, up to its FROM. */
export function insertFromKept({ table, columns }: Shape): string {
  const list = columns.map(({ name }) => ident(name)).join(", ");
  const target = list === "" ? "" : ` (${list}) overriding system value`;
  return `insert into ${table}${target} select ${columns.map(castSql).join(", ")}`;
}

/** GENERATED ALWAYS is lifted while its columns are updated: PostgreSQL lets nothing but DEFAULT into them. */
export function alwaysSql(
  { table }: Shape,
  columns: Shape["columns"],
): { readonly before: string[]; readonly after: string[] } {
  const alter = (how: string) =>
    columns
      .filter(({ isAlways }) => isAlways)
      .map(
        ({ name }) =>
          `execute ${literal(`alter table ${table} alter column ${ident(name)} set generated ${how}`)}`,
      );
  return { before: alter("by default"), after: alter("always") };
}
