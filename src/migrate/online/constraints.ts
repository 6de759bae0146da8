/** The safe forms of constraints that ALTER TABLE adds, in parts before and after what takes its time. */
import { ident } from "../../db/identifier.ts";
import type { Node, Tree } from "../../db/script.ts";
import { allOf, as, findNodes, relationName, stringsOf } from "../../db/tree.ts";
import { columnsIn } from "../../locks/column.ts";
import type { Table } from "../../locks/model.ts";
import { relationSql } from "../table-names.ts";
import type { Names } from "./names.ts";
import { namesInIndex } from "./names.ts";
import type { Piece } from "./rewriting.ts";

/** The table that an ALTER is about. */
export interface Altered {
  readonly table: Table;
  /** `ALTER TABLE ONLY shop.orders` */
  readonly head: string;
  /** `shop.orders` */
  readonly on: string;
  readonly isOnly: boolean;
  readonly server: number;
  readonly names: Names;
  isPartitioned(table: string): boolean;
  /** The column is of a composite type, as far as its name tells. */
  isRow(column: string): boolean;
}

/** A command in its safe form: what is brief, then what is not, each with its place. */
export interface SafeForm {
  readonly first: readonly Piece[];
  readonly later: readonly Piece[];
}

/** What could be done with a constraint: its safe form, or why there is none. */
export type Outcome = SafeForm | { readonly why: string };

const joins = (sql: string): Piece => ({ sql, place: "joins" });
const apart = (sql: string): Piece => ({ sql, place: "apart" });

/** NOT VALID, and validated in a later transaction. `body` is the constraint without its name. */
export function addLater({ head }: Altered, name: string, body: string): SafeForm {
  return {
    first: [joins(`${head} ADD CONSTRAINT ${ident(name)} ${body} NOT VALID`)],
    later: [apart(`${head} VALIDATE CONSTRAINT ${ident(name)}`)],
  };
}

/** The name that it has or gets: of its columns, if it is about one alone. */
export function nameOfCheck({ table, names }: Altered, check: Tree.Constraint): string {
  if (check.conname) return check.conname;
  const columns = columnsIn(check.raw_expr);
  return names.constraint(table, columns.length === 1 ? columns : [], "check");
}

/** Why a foreign key has no NOT VALID here, or none that ends as it should. */
export function whyNoForeignKey(
  { table, server, isPartitioned }: Altered,
  key: Tree.Constraint,
): string | undefined {
  if (server >= 18) return undefined;
  if (table.kind === "partitioned") {
    return `a foreign key of a partitioned table has no NOT VALID in PostgreSQL ${server}: add it to each partition with NOT VALID, validate those, then add it to the parent, which takes them over`;
  }
  // Measured: VALIDATE CONSTRAINT leaves its parts for the partitions as they are until 18.
  return isPartitioned(relationName(key.pktable))
    ? `one that is validated later stays marked as not valid for the partitions of ${relationSql(key.pktable)} in PostgreSQL ${server}`
    : undefined;
}

/** A whole row in an expression: which columns PostgreSQL counts then is not told by their names. */
export function hasWholeRow(check: Tree.Constraint, table: Table, added?: string): boolean {
  return findNodes(check.raw_expr, "ColumnRef").some(({ fields }) => {
    const name = as(fields?.at(-1), "String")?.sval;
    return name === undefined || (name !== added && !table.columns.has(name));
  });
}

export const rowType =
  "IS NOT NULL of a composite type asks for every field of it, so that no CHECK proves it";

/** A valid CHECK is a proof that spares SET NOT NULL the look at every row; on 15 to 18. */
export function setNotNull(altered: Altered, column: string): SafeForm & { close: Piece[] } {
  const { head, isOnly, names, table } = altered;
  const name = ident(names.passing(table, column));
  const check = `CHECK (${ident(column)} IS NOT NULL)${isOnly ? " NO INHERIT" : ""}`;
  return {
    first: [joins(`${head} ADD CONSTRAINT ${name} ${check} NOT VALID`)],
    later: [
      apart(`${head} VALIDATE CONSTRAINT ${name}`),
      apart(`${head} ALTER COLUMN ${ident(column)} SET NOT NULL`),
    ],
    close: [joins(`${head} DROP CONSTRAINT ${name}`)],
  };
}

/** UNIQUE and PRIMARY KEY: the index beside writers, then the constraint takes it. */
export function addKey(altered: Altered, key: Tree.Constraint): Outcome {
  const { table, head, on, names } = altered;
  if (table.kind === "partitioned") {
    return {
      why: `PostgreSQL has no USING INDEX for a partitioned table: give each partition the constraint that way first, then add it to ${on}, which takes them over`,
    };
  }
  if (key.without_overlaps) return { why: "WITHOUT OVERLAPS is built by PostgreSQL alone" };
  const options = storageOptions(key.options);
  if (options === undefined) return { why: "its storage parameters could not be read" };
  const isPrimary = key.contype === "CONSTR_PRIMARY";
  const keys = stringsOf(key.keys);
  const included = stringsOf(key.including);
  const name = ident(
    key.conname ?? names.key(table, namesInIndex([...keys, ...included]), isPrimary),
  );
  const list = (columns: readonly string[]) => columns.map(ident).join(", ");
  const index = [
    `CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${on} (${list(keys)})`,
    ...(included.length > 0 ? [`INCLUDE (${list(included)})`] : []),
    ...(key.nulls_not_distinct ? ["NULLS NOT DISTINCT"] : []),
    ...(options === "" ? [] : [`WITH (${options})`]),
    ...(key.indexspace ? [`TABLESPACE ${ident(key.indexspace)}`] : []),
  ].join(" ");
  const kind = isPrimary ? "PRIMARY KEY" : "UNIQUE";
  const deferral = key.deferrable
    ? ` DEFERRABLE${key.initdeferred ? " INITIALLY DEFERRED" : ""}`
    : "";
  const take = `${head} ADD CONSTRAINT ${name} ${kind} USING INDEX ${name}${deferral}`;
  const nullable = isPrimary ? keys.filter((one) => !table.columns.get(one)?.isNotNull) : [];
  if (nullable.some((column) => altered.isRow(column))) return { why: rowType };
  const proofs = nullable.map((column) => setNotNull(altered, column));
  const [firstSet, ...otherSets] = proofs.flatMap(({ later }) => later.slice(1));
  return {
    first: proofs.flatMap(({ first }) => first),
    later: [
      ...proofs.flatMap(({ later }) => later.slice(0, 1)),
      { sql: index, place: "alone" },
      ...(firstSet
        ? [firstSet, ...otherSets.map(({ sql }) => joins(sql)), joins(take)]
        : [apart(take)]),
      ...proofs.flatMap(({ close }) => close),
    ],
  };
}

/** `fillfactor = 70`, as SQL; undefined where one has a form that an index is not known to have. */
function storageOptions(options: readonly Node[] | undefined): string | undefined {
  const written = allOf(options, "DefElem").map(({ defname, defnamespace, arg }) => {
    const number = as(arg, "Integer");
    // The parser leaves out what is 0.
    const word = stringsOf(as(arg, "TypeName")?.names).at(-1);
    const text = as(arg, "Float")?.fval ?? as(arg, "String")?.sval ?? word;
    const value = number ? (number.ival ?? 0) : text;
    return defname === undefined || defnamespace || value === undefined
      ? undefined
      : `${ident(defname)} = ${value}`;
  });
  return written.includes(undefined) ? undefined : written.join(", ");
}
