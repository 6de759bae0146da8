/** Column definitions and types as the parser has them. */
import type { Node, Tree } from "../db/script.ts";
import { allOf, as, findNodes, relationName, stringsOf } from "../db/tree.ts";
import type { Column, Constraint } from "./model.ts";
import { keyOf } from "./model.ts";

export type ColumnType = Pick<Column, "type" | "modifiers" | "isArray">;

const none: readonly number[] = [];

export function typeOf(type: Tree.TypeName | undefined): ColumnType {
  const parts = stringsOf(type?.names);
  if (parts[0] === "pg_catalog") parts.shift();
  return {
    type: parts.join("."),
    modifiers: type?.typmods?.flatMap(numberIn) ?? none,
    isArray: (type?.arrayBounds?.length ?? 0) > 0,
  };
}

/** The collation that a column definition names; that of the type has none. */
export function collationOf(column: Tree.ColumnDef | undefined): string | undefined {
  const name = stringsOf(column?.collClause?.collname).at(-1);
  return name === "default" ? undefined : name;
}

/** The parser leaves out what is 0: `ival: {}` is that of timestamptz(0). */
function numberIn(node: Node): number[] {
  const number = as(node, "A_Const")?.ival;
  return number ? [number.ival ?? 0] : [];
}

export const isSerial = (type: string) => /^(?:small|big)?serial[248]?$/.test(type);

/** The constraint that a column definition has, of this kind. */
export function constraintOf(
  column: Tree.ColumnDef | undefined,
  ...kinds: NonNullable<Tree.Constraint["contype"]>[]
): Tree.Constraint | undefined {
  return allOf(column?.constraints, "Constraint").find(
    ({ contype }) => contype !== undefined && kinds.includes(contype),
  );
}

/** NULL, also behind a cast. */
export function isNull(expression: Node | undefined): boolean {
  const cast = as(expression, "TypeCast");
  return as(cast ? cast.arg : expression, "A_Const")?.isnull === true;
}

/** The columns that an expression mentions. */
export function columnsIn(expression: unknown): string[] {
  const names = findNodes(expression, "ColumnRef").map(({ fields }) => stringsOf(fields).at(-1));
  return [...new Set(names.flatMap((name) => name ?? []))];
}

/** The column of a CHECK that is `column IS NOT NULL` and nothing else, or has that beside other conditions. */
export function provenNotNull(expression: Node | undefined): string | undefined {
  const test = as(expression, "NullTest");
  if (test?.nulltesttype === "IS_NOT_NULL") {
    return stringsOf(as(test.arg, "ColumnRef")?.fields).at(-1);
  }
  const all = as(expression, "BoolExpr");
  if (all?.boolop !== "AND_EXPR") return undefined;
  return all.args?.map(provenNotNull).find((name) => name !== undefined);
}

const kinds: Partial<Record<string, Constraint["kind"]>> = {
  CONSTR_CHECK: "check",
  CONSTR_FOREIGN: "foreign",
  CONSTR_UNIQUE: "unique",
  CONSTR_PRIMARY: "primary",
  CONSTR_EXCLUSION: "exclude",
  CONSTR_NOTNULL: "notnull",
};

/** The elements of an EXCLUDE: "" is an expression. */
function elementsOf({ exclusions }: Tree.Constraint): { column: string; operator: string }[] {
  return allOf(exclusions, "List").map(({ items = [] }) => ({
    column: as(items[0], "IndexElem")?.name ?? "",
    operator: stringsOf(as(items[1], "List")?.items).at(-1) ?? "",
  }));
}

/**
 * The columns by whose values the index of an EXCLUDE finds rows, from its first on: those with `=`,
 * which the operator class has then, that of btree_gist too.
 */
export function columnsFound(constraint: Tree.Constraint): string[] {
  const elements = elementsOf(constraint);
  const end = elements.findIndex(({ column, operator }) => column === "" || operator !== "=");
  return elements.slice(0, end < 0 ? elements.length : end).map(({ column }) => column);
}

function columnsOf(
  constraint: Tree.Constraint,
  kind: Constraint["kind"],
  of: string | undefined,
): string[] {
  if (kind === "exclude") return elementsOf(constraint).map(({ column }) => column);
  if (kind === "check") return columnsIn(constraint.raw_expr);
  const named = kind === "foreign" ? constraint.fk_attrs : constraint.keys;
  if (named) return stringsOf(named);
  return of === undefined ? [] : [of];
}

/** A constraint of a table for the model; undefined for DEFAULT and its like. `of`: the column it stands at. */
export function modelled(constraint: Tree.Constraint, of?: string): Constraint | undefined {
  const kind = kinds[constraint.contype ?? ""];
  if (kind === undefined) return undefined;
  const columns = columnsOf(constraint, kind, of);
  return {
    kind,
    isValid: constraint.skip_validation !== true,
    columns,
    ...(kind === "check" ? { provesNotNull: provenNotNull(constraint.raw_expr) } : {}),
    ...(kind === "notnull" ? { provesNotNull: columns[0] } : {}),
    ...(kind === "foreign" ? { references: keyOf(relationName(constraint.pktable)) } : {}),
  };
}

/** The name PostgreSQL gives a constraint that has none; without its cutting to 63 bytes. */
export function nameOf(
  constraint: Tree.Constraint,
  table: string,
  columns: readonly string[],
): string {
  if (constraint.conname) return constraint.conname;
  const suffix = {
    CONSTR_CHECK: "check",
    CONSTR_FOREIGN: "fkey",
    CONSTR_UNIQUE: "key",
    CONSTR_PRIMARY: "pkey",
    CONSTR_EXCLUSION: "excl",
    CONSTR_NOTNULL: "not_null",
  }[constraint.contype as string];
  const bare = table.split(".").at(-1) ?? table;
  return constraint.contype === "CONSTR_PRIMARY"
    ? `${bare}_pkey`
    : [
        bare,
        // Only a CHECK that is about one column alone is called by it (AddRelationNewConstraints).
        ...(constraint.contype === "CONSTR_CHECK" && columns.length > 1 ? [] : columns),
        suffix,
      ].join("_");
}
