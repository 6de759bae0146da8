/** What the partitions that are there ask of the partition key: rows without one are refused. */
import { qualified } from "../db/identifier.ts";
import { type Node, parseScript } from "../db/script.ts";
import { allOf, as } from "../db/tree.ts";
import type { Table } from "./catalog.ts";
import type { Rules } from "./check.ts";
import { constantOf } from "./expression.ts";
import { meet, type Rule } from "./rule.ts";

type Divided = Table["partitions"][number];

/** Adds to the rules; a default partition takes everything, and so do all of a table by hash. */
export function addBounds(table: Table, rules: Rules): void {
  for (const part of table.partitions) {
    const columns = keyColumns(part.key);
    const bounds = (part.bounds ?? []).map(parseBound);
    if (bounds.some((bound) => bound?.is_default === true)) continue;
    // NULL has a place in a default partition, or in a list that names it; the latter is left out.
    const isHash = part.key.startsWith("HASH");
    for (const column of isHash || bounds.length === 0 ? [] : columns) {
      if (column !== undefined) add(rules, column, { isNotNull: true });
    }
    const [first] = columns;
    const values = bounds.flatMap((bound) =>
      (bound?.listdatums ?? []).flatMap((node) => constantOf(node, 0)?.text ?? []),
    );
    if (values.length > 0 && first !== undefined) add(rules, first, { values });
    const spans = bounds.flatMap((bound) => {
      const [from, to] = [bound?.lowerdatums ?? [], bound?.upperdatums ?? []].map(placeOf);
      return from && to && from.length > 0 ? [{ from, to }] : [];
    });
    // A key of texts or of an expression is left to the server.
    if (spans.length === 0 || spans.length < bounds.length) continue;
    const steps = columns.map((name) => stepOf(table, name));
    const stretch = widest(spans);
    for (const [n, rule] of between(stretch.from, stretch.to, steps).entries()) {
      const column = columns[n];
      if (column !== undefined) add(rules, column, rule);
    }
  }
}

/** Why no row, or not every row, finds a partition, with the statement that makes one. */
export function lacksPartition(table: Table): string | undefined {
  for (const { schema, name, key, bounds } of table.partitions) {
    const place = qualified(schema, name);
    const make = (suffix: string, bound: string) =>
      `create table ${qualified(schema, `${name}_${suffix}`)} partition of ${place} ${bound};`;
    if (!key.startsWith("HASH")) {
      if (bounds !== null) continue;
      return `${place} has no partition, so there is no place for a row: ${make("default", "default")}`;
    }
    const hashes = (bounds ?? []).map(parseBound);
    const most = Math.max(1, ...hashes.map((hash) => hash?.modulus ?? 1));
    const rest = Array.from({ length: most }, (_, n) => n).find(
      (n) => !hashes.some((hash) => n % (hash?.modulus ?? 1) === (hash?.remainder ?? 0)),
    );
    if (rest === undefined) continue;
    return `${place} lacks a partition by hash, so some rows have no place: ${make(String(rest), `for values with (modulus ${most}, remainder ${rest})`)}`;
  }
  return undefined;
}

function add(rules: Rules, column: string, rule: Rule): void {
  rules.set(column, meet(rules.get(column) ?? {}, rule));
}

/** Of pg_get_partkeydef; undefined for an expression. */
export function keyColumns(key: Divided["key"]): (string | undefined)[] {
  const [statement] = parseScript(`CREATE TABLE a () PARTITION BY ${key}`);
  const spec = as(statement?.node, "CreateStmt")?.partspec;
  return allOf(spec?.partParams, "PartitionElem").map(({ name }) => name || undefined);
}

/** `FOR VALUES …` or `DEFAULT`, as pg_get_expr prints it. */
export function parseBound(bound: string) {
  const [statement] = parseScript(`CREATE TABLE a PARTITION OF b ${bound}`);
  return as(statement?.node, "CreateStmt")?.partbound;
}

/** Where a bound is, as numbers; MINVALUE and MAXVALUE are infinite. Undefined for other types. */
function placeOf(nodes: readonly Node[]): number[] | undefined {
  const numbers = nodes.map((node) => {
    const column = as(node, "ColumnRef");
    if (!column) return constantOf(node, 0)?.number;
    const [word] = allOf(column.fields, "String");
    return word?.sval === "minvalue" ? -Infinity : Infinity;
  });
  return numbers.some((number) => number === undefined) ? undefined : (numbers as number[]);
}

interface Span {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((number, n) => number !== other[n]);
  return at < 0 ? 0 : (one[at] as number) < (other[at] as number) ? -1 : 1;
}

/** The longest stretch without a gap. */
function widest(spans: readonly Span[]): Span {
  const sorted = spans.toSorted((one, other) => compare(one.from, other.from));
  const width = ({ from, to }: Span) => from.map((number, n) => (to[n] as number) - number);
  let best = sorted[0] as Span;
  let current = best;
  for (const span of sorted.slice(1)) {
    current = compare(span.from, current.to) <= 0 ? { from: current.from, to: span.to } : span;
    if (compare(width(current), width(best)) > 0) best = current;
  }
  return best;
}

/** The distance of two neighbours, in the numbers of the rules; 0 where there is none. */
function stepOf(table: Table, name: string | undefined): number {
  const type = table.columns.find((column) => column.name === name)?.typeName ?? "";
  return type === "date" ? 86_400 : /^(smallint|integer|bigint)$/.test(type) ? 1 : 0;
}

/**
 * Rules for the columns of a key, which together keep it from `from` on below `to`: the first column
 * that can lie between the two does, and what follows it is free.
 */
function between(from: readonly number[], to: readonly number[], steps: readonly number[]): Rule[] {
  const [low = -Infinity, ...lowRest] = from;
  const [high = Infinity, ...highRest] = to;
  const isLast = lowRest.length === 0;
  if (low === high && Number.isFinite(low)) {
    return [{ min: low, max: low }, ...between(lowRest, highRest, steps.slice(1))];
  }
  // The bound itself is inside when everything that follows it is.
  const takesLow = isLast || lowRest.every((number) => number === -Infinity);
  const takesHigh = !isLast && highRest.every((number) => number === Infinity);
  const step = steps[0] ?? 0;
  if (takesLow || takesHigh || high - low > step) {
    return [
      {
        ...(Number.isFinite(low) ? { min: low, isMinExclusive: !takesLow } : {}),
        ...(Number.isFinite(high) ? { max: high, isMaxExclusive: !takesHigh } : {}),
      },
    ];
  }
  const open = lowRest.map(() => Infinity);
  return [{ min: low, max: low }, ...between(lowRest, open, steps.slice(1))];
}
