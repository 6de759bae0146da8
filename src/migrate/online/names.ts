/** The names that PostgreSQL gives to indexes and constraints without one: src/backend/commands/indexcmds.c. */
import type { Node, Tree } from "../../db/script.ts";
import { as, stringsOf } from "../../db/tree.ts";
import { schemaOf } from "../../locks/learn-column.ts";
import type { Model, Table } from "../../locks/model.ts";

/** NAMEDATALEN without the closing zero. */
const longest = 63;

/** Chooses names in the schema of a table, each of which is then taken. For one statement. */
export class Names {
  readonly #model: Model;
  readonly #others: ReadonlySet<string>;
  readonly #chosen = new Set<string>();

  /** `others` are the names, with their schema, of what the model does not know: sequences, types, domains' constraints. */
  constructor(model: Model, others: ReadonlySet<string>) {
    this.#model = model;
    this.#others = others;
  }

  /** ChooseIndexName: `columns` are the names of all its columns, included ones too. */
  index({ name: table }: Pick<Table, "name">, columns: readonly string[]): string {
    const isTaken = (name: string) => this.#isRelation(schemaOf(table) + name);
    return this.#choose(table, joined(columns), "idx", isTaken);
  }

  /** The same for the index of a constraint, whose name must be free as that of a constraint too. */
  key(
    { name: table }: Pick<Table, "name">,
    columns: readonly string[],
    isPrimary: boolean,
  ): string {
    const isTaken = (name: string) =>
      this.#isRelation(schemaOf(table) + name) || this.#isConstraint(schemaOf(table), name);
    return isPrimary
      ? this.#choose(table, undefined, "pkey", isTaken)
      : this.#choose(table, joined(columns), "key", isTaken);
  }

  /** ChooseConstraintName: a schema's constraints have different names, though nothing demands it. */
  constraint(
    { name: table }: Pick<Table, "name">,
    columns: readonly string[],
    label: "check" | "fkey" | "not_null",
  ): string {
    const isTaken = (name: string) => this.#isConstraint(schemaOf(table), name);
    return this.#choose(table, columns.length === 0 ? undefined : joined(columns), label, isTaken);
  }

  /** A name for what is gone at the end; free on the table, and among all others to be seen. */
  passing({ name: table }: Pick<Table, "name">, column: string): string {
    const isTaken = (name: string) => this.#isConstraint(schemaOf(table), name);
    return this.#choose(`${bare(table)}_${column}`, undefined, "not_null_online", isTaken, table);
  }

  #choose(
    name: string,
    middle: string | undefined,
    label: string,
    isTaken: (name: string) => boolean,
    table = name,
  ): string {
    for (let pass = 0; ; pass += 1) {
      const chosen = composeName(bare(name), middle, pass === 0 ? label : `${label}${pass}`);
      const key = schemaOf(table) + chosen;
      if (!this.#chosen.has(key) && !isTaken(chosen)) {
        this.#chosen.add(key);
        return chosen;
      }
    }
  }

  #isRelation(name: string): boolean {
    return this.#model.tables.has(name) || this.#model.indexes.has(name) || this.#others.has(name);
  }

  #isConstraint(schema: string, name: string): boolean {
    if (this.#others.has(schema + name)) return true;
    for (const table of this.#model.tables.values()) {
      if (schemaOf(table.name) === schema && table.constraints.has(name)) return true;
    }
    return false;
  }
}

const bare = (table: string) => table.slice(schemaOf(table).length);

/** ChooseIndexNameAddition: it stops as soon as there is more than a name can hold. */
function joined(columns: readonly string[]): string {
  let text = "";
  for (const column of columns) {
    text += text === "" ? column : `_${column}`;
    if (Buffer.byteLength(text) > longest) break;
  }
  return text;
}

/** makeObjectName: of the first two parts, the longer one is cut first. */
export function composeName(first: string, second: string | undefined, label: string): string {
  const room = longest - (label.length + 1) - (second === undefined ? 0 : 1);
  let left = Buffer.byteLength(first);
  let right = second === undefined ? 0 : Buffer.byteLength(second);
  while (left + right > room) {
    if (left > right) left -= 1;
    else right -= 1;
  }
  return [clip(first, left), ...(second === undefined ? [] : [clip(second, right)]), label].join(
    "_",
  );
}

/** As many whole characters as fit into so many bytes. */
export function clip(text: string, bytes: number): string {
  let clipped = "";
  let size = 0;
  for (const character of text) {
    size += Buffer.byteLength(character);
    if (size > bytes) break;
    clipped += character;
  }
  return clipped;
}

/**
 * ChooseIndexColumnNames: the columns of an index by the names that they have there. Undefined where an
 * expression is of a kind whose name is not known here.
 */
export function indexColumns(index: Tree.IndexStmt): string[] | undefined {
  const names: string[] = [];
  for (const element of [...(index.indexParams ?? []), ...(index.indexIncludingParams ?? [])]) {
    const { name, expr } = as(element, "IndexElem") ?? {};
    const figured = name ?? figure(expr);
    if (figured === undefined) return undefined;
    names.push(figured === "" ? "expr" : figured);
  }
  return namesInIndex(names);
}

/** What the columns are called in an index, where no two have the same name. */
export function namesInIndex(columns: readonly string[]): string[] {
  const names: string[] = [];
  for (const column of columns) {
    let unique = column;
    for (let i = 1; names.includes(unique); i += 1) {
      unique = `${clip(column, longest - String(i).length)}${i}`;
    }
    names.push(unique);
  }
  return names;
}

/** FigureColname for what stands in indexes; "" is an expression that gives no name. */
function figure(node: Node | undefined): string | undefined {
  const column = as(node, "ColumnRef");
  if (column) return stringsOf(column.fields).at(-1);
  const call = as(node, "FuncCall");
  if (call) return stringsOf(call.funcname).at(-1);
  const collated = as(node, "CollateClause");
  if (collated) return figure(collated.arg);
  const cast = as(node, "TypeCast");
  if (cast) {
    const inner = as(cast.arg, "CaseExpr") ? undefined : figure(cast.arg);
    return inner === "" ? stringsOf(cast.typeName?.names).at(-1) : inner;
  }
  if (as(node, "CoalesceExpr")) return "coalesce";
  const chosen = as(node, "MinMaxExpr");
  if (chosen) return chosen.op === "IS_GREATEST" ? "greatest" : "least";
  const operator = as(node, "A_Expr");
  if (operator) return operator.kind === "AEXPR_NULLIF" ? "nullif" : "";
  if (as(node, "BoolExpr") || as(node, "NullTest") || as(node, "A_Const")) return "";
  return undefined;
}
