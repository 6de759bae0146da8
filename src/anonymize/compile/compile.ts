/** From rules and catalog to the SQL of each table. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import { type Dictionary, loadDictionary } from "../../seed/dictionary.ts";
import type { Catalog, Column, Table } from "../catalog.ts";
import { nameOf, rootOf } from "../catalog.ts";
import { RowDigests } from "../digests.ts";
import { type Domains, joinDomains } from "../domains.ts";
import type { MaskingKey } from "../key.ts";
import type { ColumnMasking, TableMasking } from "../plan.ts";
import { type ResolvedRules, resolveRules } from "../rules/resolve.ts";
import type { MaskingRules } from "../rules/rule.ts";
import type { Setting } from "../settings.ts";
import { KeySettings, sessionSettings } from "../settings.ts";
import { compileColumn } from "./column.ts";

export interface Compilation {
  readonly catalog: Catalog;
  readonly rules: ResolvedRules;
  readonly domains: Domains;
  readonly dictionary: Dictionary;
  readonly findings: Finding[];
}

export interface Compiled extends Compilation {
  readonly tables: readonly TableMasking[];
  readonly settings: readonly Setting[];
}

/** Compiles every table with rows of its own. Problems become findings; what they are about is left out. */
export async function compileMasking(given: {
  readonly catalog: Catalog;
  readonly rules: MaskingRules;
  readonly key: MaskingKey;
}): Promise<Compiled> {
  const { catalog } = given;
  const { resolved, findings } = resolveRules(catalog, given.rules);
  const domains = joinDomains(catalog, resolved);
  findings.push(...domains.findings.map((one) => ({ ...one, source: given.rules.source })));
  const dictionary = await loadDictionary(given.rules.locale);
  const compilation: Compilation = { catalog, rules: resolved, domains, dictionary, findings };
  const keys = new KeySettings(given.key);
  const tables = catalog.tables
    .filter(({ isPartitioned }) => !isPartitioned)
    .map((table) => compileTable(compilation, keys, table));
  return { ...compilation, tables, settings: [...sessionSettings, ...keys.list] };
}

function compileTable(compilation: Compilation, keys: KeySettings, table: Table): TableMasking {
  const { catalog } = compilation;
  const stored = table.columns.filter(({ generated }) => generated === null);
  const root = rootOf(catalog, table);
  const digests = new RowDigests(
    keys,
    `row ${nameOf(root)}`,
    identityOf(compilation, table, stored),
  );
  const columns = stored.map((column) => compileColumn(compilation, table, column, digests));
  const routed = routeTo(catalog, table, columns);
  return {
    oid: table.oid,
    schema: table.schema,
    name: table.name,
    columns,
    from: `only ${qualified(table.schema, table.name)} t${digests.from}`,
    ...(routed && { routeTo: { schema: routed.schema, name: routed.name } }),
  };
}

/**
 * SQL of a text that tells the rows of a table apart: the primary key, else all columns that are
 * masked. A record's text quotes its members, so ('a,b', 'c') and ('a', 'b,c') differ.
 */
function identityOf({ rules }: Compilation, table: Table, stored: readonly Column[]): string {
  const key = table.uniques.find(({ isPrimary }) => isPrimary)?.uses;
  const masked = stored.map(({ name }) => name).filter((name) => rules.of(table, name));
  const columns = (key ?? masked).map((name) => `t.${ident(name)}`);
  return columns.length === 1 ? `${columns[0]}::text` : `row(${columns.join(", ")})::text`;
}

/** The partitioned table above whose key is masked; the topmost of several. */
function routeTo(
  catalog: Catalog,
  table: Table,
  columns: readonly ColumnMasking[],
): Table | undefined {
  const masked = new Set(columns.filter(({ expression }) => expression).map(({ name }) => name));
  let found: Table | undefined;
  for (let next: Table | undefined = table; next?.isPartition;) {
    next = next.parent === null ? undefined : catalog.byOid.get(next.parent);
    if (next?.partitionKey.some((name) => masked.has(name))) found = next;
  }
  return found;
}
