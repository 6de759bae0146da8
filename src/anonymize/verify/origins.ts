/** Where originals stand in the source: the SELECT of every value that the rules take away. */
import { ident, literal } from "../../db/identifier.ts";
import { type Catalog, type Column, nameOf, rootOf, type Table } from "../catalog.ts";
import { maskerNamed } from "../maskers/list.ts";
import type { MaskingPlan, TableMasking } from "../plan.ts";
import { parseRulePath, type RulePath } from "../rules/path.ts";
import { resolveRules, type ResolvedRules } from "../rules/resolve.ts";
import type { MaskingRules } from "../rules/rule.ts";
import { valueType } from "../type-kind.ts";
import { documentSql, leavesSql, piecesSql, readingOf, wholeSql, wholesSql } from "./pieces.ts";

/** A masked column; a partition's is that of its root. */
export interface Origin {
  readonly table: string;
  readonly column: string;
  /** The maskers, most often one. */
  readonly maskers: readonly string[];
  /** It records rows of other tables, so one value may be in it many times. */
  readonly isHistory: boolean;
  /** Some of its originals may stay, as its maskers declare: cut, rounded, moved to other rows. */
  readonly isWeak: boolean;
}

interface OriginSelect {
  readonly sql: string;
  /** Where it is one value at most: SQL of that, NULL for none, which is far quicker to read. */
  readonly value?: string | undefined;
}

export interface OriginTable {
  readonly masking: TableMasking;
  readonly oid: number;
  /** SELECTs of one column `v` over the alias `t`, with the number of the origin. */
  readonly selects: readonly (OriginSelect & { readonly origin: number })[];
  /** The server's estimate of rows. */
  readonly rows: number;
}

/** What the rules keep with a reason: values that may be anywhere. */
export interface KeptTable {
  readonly masking: TableMasking;
  /** SELECTs of one column `v` over the alias `t`. */
  readonly selects: readonly string[];
}

export interface Origins {
  readonly kept: readonly KeptTable[];
  readonly list: readonly Origin[];
  readonly tables: readonly OriginTable[];
}

/** Lists them by the plan and, for paths and histories, by the rules. */
export function listOrigins(catalog: Catalog, rules: MaskingRules, plan: MaskingPlan): Origins {
  const { resolved } = resolveRules(catalog, rules);
  const list: Origin[] = [];
  const numbers = new Map<string, number>();
  const tables = plan.tables.flatMap((masking): OriginTable[] => {
    const table = catalog.byOid.get(masking.oid);
    if (!table) return [];
    const selects = masking.columns.flatMap(({ name, expression, rules: said }) => {
      if (expression === undefined) return [];
      const column = table.columns.find((one) => one.name === name);
      if (!column) return [];
      const key = `${nameOf(rootOf(catalog, table))} ${name}`;
      const origin = numbers.get(key) ?? list.length;
      if (origin === list.length) {
        numbers.set(key, origin);
        const maskers = [...new Set(said.map(({ masker }) => masker))];
        list.push({
          table: nameOf(rootOf(catalog, table)),
          column: name,
          maskers,
          isHistory: said.some(({ masker }) => masker.startsWith("as ")),
          isWeak: maskers.some((one) => maskerNamed(one)?.strength === "weak"),
        });
      }
      const found = selectsOf({ catalog, resolved, plan, table }, column, said);
      return found.map((select) => ({ origin, ...select }));
    });
    return selects.length === 0 ? [] : [{ masking, oid: table.oid, selects, rows: table.rows }];
  });
  return { list, tables, kept: listKept({ catalog, resolved, plan }) };
}

function listKept(given: Omit<Place, "table">): KeptTable[] {
  const { catalog, plan } = given;
  return plan.tables.flatMap((masking): KeptTable[] => {
    const table = catalog.byOid.get(masking.oid);
    if (!table) return [];
    const selects = masking.columns.flatMap(({ name, expression, rules: said }) => {
      const column = table.columns.find((one) => one.name === name);
      if (!column) return [];
      const value = `t.${ident(name)}`;
      if (expression === undefined) {
        const isKept = said.some(({ reason }) => reason !== undefined);
        const reading = readingOf(typeOf(catalog, column));
        return isKept ? piecesSql(value, reading, column.typeName) : [];
      }
      return pathsOf({ ...given, table }, table, name, said).kept.map((path) =>
        leavesSql(documentSql(value, column.typeName), jsonPath(path)),
      );
    });
    return selects.length === 0 ? [] : [{ masking, selects }];
  });
}

interface Place {
  readonly catalog: Catalog;
  readonly resolved: ResolvedRules;
  readonly plan: MaskingPlan;
  readonly table: Table;
}

type Said = TableMasking["columns"][number]["rules"];

function selectsOf(place: Place, column: Column, said: Said): OriginSelect[] {
  const { catalog, resolved, table } = place;
  const mirror = (
    resolved.mirrors.get(table.oid) ?? resolved.mirrors.get(rootOf(catalog, table).oid)
  )?.mirror;
  const value = `t.${ident(column.name)}`;
  if (mirror?.values.includes(column.name)) {
    const document = documentSql(value, column.typeName);
    return recorded(place, `t.${ident(mirror.table)}`, document).map((sql) => ({ sql }));
  }
  if (mirror?.key === column.name) {
    return recordedKeys(place, `t.${ident(mirror.table)}`, value).map((sql) => ({ sql }));
  }
  const ruled = resolved.of(table, column.name);
  const condition = ruled?.where === undefined ? undefined : `(${ruled.where}) is not false`;
  const where = condition === undefined ? "" : ` where ${condition}`;
  if (said.some(({ path }) => path !== undefined)) {
    const paths = pathsOf(place, table, column.name, said);
    const leaves = maskedLeaves(documentSql(value, column.typeName), paths);
    return [{ sql: `select v from (${leaves}) w${where}` }];
  }
  const reading = readingOf(typeOf(catalog, column));
  const whole = wholeSql(value, reading);
  return wholesSql(value, reading, column.typeName).map((sql) => ({
    sql: `select v from (${sql}) w${where}`,
    value:
      whole === undefined || condition === undefined
        ? whole
        : `case when ${condition} then ${whole} end`,
  }));
}

function typeOf(catalog: Catalog, column: Column) {
  return valueType(catalog, column.type, column.modifier, column.typeName);
}

interface Paths {
  readonly masked: readonly RulePath[];
  readonly kept: readonly RulePath[];
}

/** Paths that rules name, and those that a rule for the rest leaves out. */
function pathsOf({ resolved }: Place, table: Table, column: string, said: Said): Paths {
  const read = (text: string): RulePath[] => {
    const path = parseRulePath(text);
    return typeof path === "string" ? [] : [path];
  };
  const rules = resolved.of(table, column)?.paths ?? [];
  const isKept = (masker: string) => masker === "keep";
  return {
    masked: said.flatMap(({ path, masker }) =>
      path === undefined || isKept(masker) ? [] : read(path),
    ),
    kept: [
      ...said.flatMap(({ path, masker }) =>
        path !== undefined && isKept(masker) ? read(path) : [],
      ),
      // Named from where the `**` stands.
      ...rules.flatMap(({ keep, path }) =>
        keep.flatMap((text) =>
          read(text).map(({ column: key, steps }) => ({
            column: path.column,
            steps: [...path.steps.slice(0, -1), { key }, ...steps],
          })),
        ),
      ),
    ],
  };
}

/** The leaves at the masked paths but for those that are kept: what stays there may be anywhere. */
function maskedLeaves(document: string, { masked, kept }: Paths): string {
  const at = (path: RulePath) => leavesSql(document, jsonPath(path));
  const all = masked.map(at).join(" union all ");
  if (kept.length === 0) return all;
  return `(${all}) except all (${kept.map(at).join(" union ")})`;
}

/** As PostgreSQL's jsonpath: `$."contacts"[*]."email"`. */
function jsonPath({ steps }: RulePath): string {
  return `$${steps
    .map((step) => (step === "*" ? "[*]" : step === "**" ? "" : `.${JSON.stringify(step.key)}`))
    .join("")}`;
}

/** What a history holds of the masked columns of the tables it records. */
function recorded(place: Place, tableName: string, document: string): string[] {
  const columns: Record<string, string[]> = {};
  const selects: string[] = [];
  for (const [name, table, masking] of recordedTables(place)) {
    for (const { name: column, rules: said, expression } of masking.columns) {
      if (expression === undefined) continue;
      if (!said.some(({ path }) => path !== undefined)) {
        (columns[name] ??= []).push(column);
        continue;
      }
      const member = `(${document} -> ${literal(column)})`;
      const inner = maskedLeaves(member, pathsOf(place, table, column, said));
      selects.push(`select v from (${inner}) w where ${tableName} = ${literal(name)}`);
    }
  }
  const map = `${literal(JSON.stringify(columns))}::jsonb -> ${tableName}::text`;
  const masked = `(select jsonb_object_agg(e.key, e.value) from jsonb_each(case when jsonb_typeof(${document}) = 'object' then ${document} else '{}' end) e where (${map}) ? e.key)`;
  return [leavesSql(masked), ...selects];
}

/** Keys of recorded rows, where the table's own key is masked. */
function recordedKeys(place: Place, tableName: string, value: string): string[] {
  const names = [...recordedTables(place)].flatMap(([name, table, masking]) => {
    const key = table.uniques.find(({ isPrimary }) => isPrimary)?.uses ?? [];
    const isMasked = masking.columns.some(
      (one) => one.expression !== undefined && key.includes(one.name),
    );
    return isMasked && key.length === 1 ? [literal(name)] : [];
  });
  if (names.length === 0) return [];
  return [`select ${value}::text as v where ${tableName} in (${names.join(", ")})`];
}

/** Tables under the name that a history knows them by; of a partitioned one the first leaf says what is masked. */
function* recordedTables({ catalog, plan }: Place): Generator<[string, Table, TableMasking]> {
  const seen = new Set<string>();
  for (const masking of plan.tables) {
    const leaf = catalog.byOid.get(masking.oid);
    if (!leaf) continue;
    const root = rootOf(catalog, leaf);
    const name = nameOf(root);
    if (seen.has(name)) continue;
    seen.add(name);
    yield [name, leaf, masking];
  }
}

/** `schema.table.column`, of the table where the column's rule stands. */
export function originName({ table, column }: Pick<Origin, "table" | "column">): string {
  return `${table}.${column}`;
}
