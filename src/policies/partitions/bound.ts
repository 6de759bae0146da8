/** The bounds of a partition as the catalog tells them, read with PostgreSQL's own grammar. */
import { parseScript } from "../../db/script.ts";
import type { Node } from "../../db/script.ts";
import { as } from "../../db/tree.ts";

/** A bound as written in the catalog, its values still texts of the column's type. */
export type WrittenBound =
  | { readonly kind: "default" }
  | {
      readonly kind: "range";
      /** Null is MINVALUE or MAXVALUE. Only the first column of the key. */
      readonly from: string | null;
      readonly to: string | null;
    }
  | { readonly kind: "list"; readonly values: readonly (string | null)[] }
  | { readonly kind: "hash"; readonly modulus: number; readonly remainder: number };

/**
 * Reads `pg_get_expr(relpartbound, oid)`: "FOR VALUES FROM ('2024-01-01') TO (MAXVALUE)".
 * `loadParser()` must have finished.
 */
export function parseBound(text: string): WrittenBound {
  const [statement] = parseScript(`create table p partition of t ${text}`);
  const bound = as(statement?.node, "CreateStmt")?.partbound;
  if (!bound) throw new TypeError(`not the bound of a partition: ${text}`);
  if (bound.is_default) return { kind: "default" };
  if (bound.strategy === "h") {
    return { kind: "hash", modulus: bound.modulus ?? 0, remainder: bound.remainder ?? 0 };
  }
  if (bound.strategy === "l") {
    return { kind: "list", values: (bound.listdatums ?? []).map(constantOf) };
  }
  const [from, to] = [bound.lowerdatums?.[0], bound.upperdatums?.[0]];
  return { kind: "range", from: from ? constantOf(from) : null, to: to ? constantOf(to) : null };
}

/** The text of a constant; null for NULL, MINVALUE and MAXVALUE (a column's name to the grammar). */
function constantOf(node: Node): string | null {
  const cast = as(node, "TypeCast");
  if (cast?.arg) return constantOf(cast.arg);
  const constant = as(node, "A_Const");
  if (!constant || constant.isnull) return null;
  if (constant.sval) return constant.sval.sval ?? "";
  if (constant.boolval) return String(constant.boolval.boolval ?? false);
  if (constant.fval) return constant.fval.fval ?? "";
  if (constant.ival) return String(constant.ival.ival ?? 0);
  return null;
}
