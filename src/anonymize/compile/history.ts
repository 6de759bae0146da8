/** A history of other tables: what it recorded is masked by the rules of the table it is of. */
import { literal } from "../../db/identifier.ts";
import type { Catalog, Column, Table } from "../catalog.ts";
import { nameOf, rootOf } from "../catalog.ts";
import { RowDigests } from "../digests.ts";
import type { TableRules } from "../rules/rule.ts";
import type { KeySettings } from "../settings.ts";
import { isDocument, type ValueType, valueType } from "../type-kind.ts";
import { type CompiledColumn, compileColumn } from "./column.ts";
import type { Compilation } from "./compilation.ts";
import { identityOf, inDrawOrder, keyOf } from "./row.ts";
import { scrambleRest } from "./rest.ts";
import type { RowSource } from "./value.ts";

/** The columns of the history that hold recorded values and keys, by name. */
export function compileHistory(
  compilation: Compilation,
  keys: KeySettings,
  source: RowSource,
  { mirror, table: title }: TableRules,
): Map<string, CompiledColumn> {
  const found = new Map<string, CompiledColumn>();
  if (!mirror) return found;
  const { table } = source;
  const columnOf = (name: string) => {
    const column = table.columns.find((one) => one.name === name);
    if (!column) {
      compilation.findings.push({
        rule: "masking/stale-rule",
        severity: "error",
        message: `${title} has no column ${name}, which its mirror names`,
        hint: `its columns are ${table.columns.map((one) => one.name).join(", ")}`,
        at: mirror.at,
        object: `${title}.${name}`,
      });
    }
    return column;
  };
  const names = columnOf(mirror.table);
  const key = mirror.key === undefined ? undefined : columnOf(mirror.key);
  const values = mirror.values.flatMap((name) => columnOf(name) ?? []);
  if (!names || values.length === 0) return found;
  const recorded = recordedTables(compilation.catalog, table);
  const tableName = source.value(names);
  const rules = [{ masker: `as ${mirror.table} says` }];
  for (const column of values) {
    const document = `${source.value(column)}::jsonb`;
    const branches = recorded.map((one) => {
      const entry = entryOf(compilation, keys, one, key && source.value(key), document);
      return `when ${literal(nameOf(one))} then ${entry.document()}`;
    });
    const unknown = scrambleRest(document, source.digests.ofRow().bytes(16), "0");
    found.set(column.name, {
      expression: `(case ${tableName} ${branches.join(" ")} else ${unknown} end)::${column.typeName}`,
      rules,
    });
  }
  if (key) {
    const branches = recorded.flatMap((one) => {
      const masked = entryOf(compilation, keys, one, source.value(key), "null::jsonb").key();
      return masked === undefined ? [] : [`when ${literal(nameOf(one))} then ${masked}`];
    });
    if (branches.length > 0) {
      const value = source.value(key);
      const known = recorded.map((one) => literal(nameOf(one))).join(", ");
      // The key of a table that is gone may have been anything.
      found.set(key.name, {
        expression: `(case ${tableName} ${branches.join(" ")} else case when ${tableName} in (${known}) then ${value}::text end end)::${key.typeName}`,
        rules,
      });
    }
  }
  return found;
}

/** Tables that a history may be about; partitions are recorded under their root's name. */
function recordedTables(catalog: Catalog, history: Table): Table[] {
  const own = rootOf(catalog, history).oid;
  return catalog.tables.filter((one) => !one.isPartition && one.oid !== own);
}

/** One entry about a row of `table`: its key as text and its values by column. */
function entryOf(
  compilation: Compilation,
  keys: KeySettings,
  table: Table,
  key: string | undefined,
  document: string,
): { document(): string; key(): string | undefined } {
  const primary = table.uniques.find(({ isPrimary }) => isPrimary)?.uses ?? [];
  const recorded = (column: Column) => recordedValue(compilation.catalog, column, document);
  const keyed = (column: Column) =>
    primary.length === 1
      ? `(${key})::${column.typeName}`
      : `(${key}::jsonb ->> ${literal(column.name)})::${column.typeName}`;
  const isKeyed = key !== undefined && primary.length > 0;
  // An entry of an UPDATE holds what changed, so the row is known by the entry's key.
  const identifying = isKeyed ? keyed : recorded;
  const digests = new RowDigests({
    keys,
    label: `row ${nameOf(rootOf(compilation.catalog, table))}`,
    identity: identityOf(compilation, table, identifying),
    key: keyOf(compilation, table, identifying),
    alias: "r",
  });
  const columns = inDrawOrder(compilation.catalog, table);
  return {
    document() {
      const value = (column: Column) =>
        // What an UPDATE left as it was is not recorded, but the key is.
        isKeyed && primary.includes(column.name)
          ? `coalesce(${recorded(column)}, ${keyed(column)})`
          : recorded(column);
      const source: RowSource = { table, digests, value, isHistory: true };
      const parts = columns.flatMap((column) => {
        const { expression } = compileColumn(compilation, source, column);
        if (expression === undefined) return [];
        const name = literal(column.name);
        const isJson = typeOf(compilation.catalog, column).kind === "json";
        const masked = maskedEntry(expression, `${document} -> ${name}`, isJson);
        return [
          `case when ${document} ? ${name} then jsonb_build_object(${name}, ${masked}) else '{}' end`,
        ];
      });
      const known = table.columns.map(({ name }) => literal(name)).join(", ");
      const strange = `(${document} - array[${known}]::text[])`;
      // A column that is gone has no rule any more, and is not let through.
      const gone = `case when ${strange} = '{}' then '{}' else ${scrambleRest(strange, digests.ofRow().bytes(16), "0")} end`;
      const whole = digests.wrap(
        `(${[`(${document} - array(select jsonb_object_keys(${strange})))`, gone, ...parts].join(" || ")})`,
      );
      return `case when jsonb_typeof(${document}) = 'object' then ${whole} else ${document} end`;
    },
    key() {
      if (!isKeyed) return undefined;
      const source: RowSource = { table, digests, value: keyed, isHistory: true };
      const masked = columns.map((column) => ({
        column,
        ...compileColumn(compilation, source, column),
      }));
      const parts = masked.filter(({ column }) => primary.includes(column.name));
      if (!parts.some(({ expression }) => expression !== undefined)) return undefined;
      const text = ({ column, expression }: (typeof parts)[number]) =>
        `(${expression ?? keyed(column)})::text`;
      const [first] = parts;
      if (parts.length === 1 && first) return digests.wrap(text(first));
      const pairs = parts.map((part) => `${literal(part.column.name)}, ${text(part)}`);
      return digests.wrap(`jsonb_build_object(${pairs.join(", ")})::text`);
    },
  };
}

/** What the audit log writes for a value that it must not hold. */
const hidden = "'***'";

/** SQL of a recorded value, of its column's type: a text that the type reads, or a list for an array. */
function recordedValue(catalog: Catalog, column: Column, document: string): string {
  const { name, typeName } = column;
  const type = typeOf(catalog, column);
  const text = `nullif(${document} ->> ${literal(name)}, ${hidden})::${typeName}`;
  if (type.kind !== "array") return `(${text})`;
  const member = `${document} -> ${literal(name)}`;
  return `(case jsonb_typeof(${member}) when 'array' then array(select ${isDocument(type) ? "jsonb_array_elements" : "jsonb_array_elements_text"}(${member}))::${typeName} else ${text} end)`;
}

function typeOf(catalog: Catalog, { type, modifier, typeName }: Column): ValueType {
  return valueType(catalog, type, modifier, typeName);
}

/** A recorded value is a text or stands for itself; what is masked is recorded the same way. */
function maskedEntry(expression: string, original: string, isJson: boolean): string {
  const masked = isJson
    ? `coalesce((${expression})::jsonb, 'null')`
    : `case jsonb_typeof(${original}) when 'string' then coalesce(to_jsonb((${expression})::text), 'null') else coalesce(to_jsonb(${expression}), 'null') end`;
  return `case when ${original} = to_jsonb(${hidden}::text) then ${original} else ${masked} end`;
}
