/** CREATE TABLE as a dump writes it, taken apart. */
import { parseScript } from "../../db/script.ts";
import { as } from "../../db/tree.ts";

export interface TableElement {
  readonly kind: "column" | "constraint";
  /** Not quoted; "" for a constraint that has no name. */
  readonly name: string;
  /** As written: `email text NOT NULL`. */
  readonly text: string;
}

export interface TableText {
  readonly elements: readonly TableElement[];
  /** What stands before and after the list: `CREATE UNLOGGED TABLE app.t (`, `) PARTITION BY …`. */
  readonly frame: string;
}

/**
 * Undefined for what is no CREATE TABLE. The parser must be loaded.
 *
 * The parser says where an element begins; it ends at the comma before the next one.
 */
export function readTable(statement: string): TableText | undefined {
  const [parsed] = parseScript(statement);
  const node = parsed?.node;
  const table = as(node, "CreateStmt") ?? as(node, "CreateForeignTableStmt")?.base;
  if (!table) return undefined;
  const bytes = Buffer.from(statement);
  const found = (table.tableElts ?? []).flatMap((element) => {
    const column = as(element, "ColumnDef");
    const constraint = as(element, "Constraint");
    const kind = column ? ("column" as const) : ("constraint" as const);
    const start = (column ?? constraint)?.location;
    const name = column?.colname ?? constraint?.conname ?? "";
    return start === undefined ? [] : [{ kind, name, start }];
  });
  const first = found[0];
  if (!first) return { elements: [], frame: statement };
  // The list ends at the parenthesis that the dump puts at the beginning of a line.
  const close = bytes.lastIndexOf("\n)");
  const end = close > first.start ? close : bytes.length;
  const elements = found.map(({ kind, name, start }, index): TableElement => {
    const next = found[index + 1]?.start;
    const text = bytes.subarray(start, next ?? end).toString();
    return { kind, name, text: next === undefined ? text.trimEnd() : text.replace(/,\s*$/, "") };
  });
  const frame = `${bytes.subarray(0, first.start).toString().trimEnd()} … ${bytes.subarray(end).toString().trim()}`;
  return { elements, frame };
}
