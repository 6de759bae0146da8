/** One partition that is wanted and not there. */
import { createHash } from "node:crypto";
import { ident, literal } from "../../db/identifier.ts";
import type { Edge } from "./axis.ts";
import type { ListValue } from "./declared.ts";
import type { LeafState } from "./state.ts";

export interface MissingLeaf {
  /** Name of the table, in the schema of its parent. */
  readonly name: string;
  /** "for values from ('…') to ('…')". */
  readonly bound: string;
  /** Condition for rows of the default partition that belong here; null where there is none. */
  readonly belongs: string | null;
  /** Why it is wanted, as a sentence fragment. */
  readonly why: string;
  readonly range: { readonly from: Edge; readonly to: Edge } | null;
  /** A partition that an interrupted drain has begun and whose upper bound must still grow. */
  readonly grows: LeafState | null;
}

/** "for values from ('2024-01-01 00:00:00+00:00') to ('2024-02-01 00:00:00+00:00')". */
export function rangeBound(from: Edge, to: Edge): string {
  return `for values from (${edgeSql(from)}) to (${edgeSql(to)})`;
}

/** As PostgreSQL itself words a range, so that it recognises a CHECK of this form. */
export function rangeCondition(column: string, from: Edge, to: Edge): string {
  const key = ident(column);
  return [
    `${key} is not null`,
    ...(from.ms === -Infinity ? [] : [`${key} >= ${edgeSql(from)}`]),
    ...(to.ms === Infinity ? [] : [`${key} < ${edgeSql(to)}`]),
  ].join(" and ");
}

export function listBound(values: readonly ListValue[]): string {
  return `for values in (${values.map(valueSql).join(", ")})`;
}

export function listCondition(column: string, values: readonly ListValue[]): string {
  const given = values.filter((value) => value !== null);
  const key = ident(column);
  return [
    ...(given.length > 0 ? [`${key} in (${given.map(valueSql).join(", ")})`] : []),
    ...(given.length < values.length ? [`${key} is null`] : []),
  ].join(" or ");
}

/** `<table>_<suffix>`; the table's part is cut with a hash where PostgreSQL's 63 bytes are exceeded. */
export function leafName(table: string, suffix: string): string {
  const name = `${table}_${suffix}`;
  if (Buffer.byteLength(name) <= 63) return name;
  const end = `_${createHash("sha256").update(table).digest("hex").slice(0, 8)}_${suffix}`;
  let cut = table;
  while (Buffer.byteLength(cut + end) > 63) cut = [...cut].slice(0, -1).join("");
  return cut + end;
}

function edgeSql({ ms, text }: Edge): string {
  return Number.isFinite(ms) ? literal(text) : text.toLowerCase();
}

function valueSql(value: ListValue): string {
  return literal(value === null ? null : String(value));
}
