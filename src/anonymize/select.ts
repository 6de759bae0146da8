/** The SELECT that a table is copied with. */
import { ident } from "../db/identifier.ts";
import type { TableMasking } from "./plan.ts";

/** `where`: a condition over the alias `t`, such as a range of `t.ctid`. */
export function selectMasked(table: TableMasking, where?: string): string {
  const columns = table.columns.map(
    ({ name, expression }) => `${expression ?? `t.${ident(name)}`} as ${ident(name)}`,
  );
  return `select ${columns.join(", ")} from ${table.from}${where === undefined ? "" : ` where ${where}`}`;
}
