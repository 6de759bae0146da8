/** From rules and catalog to the SQL of each table. */
import { ident, qualified } from "../../db/identifier.ts";
import { loadDictionary } from "../../seed/dictionary.ts";
import type { Catalog, Column, Table } from "../catalog.ts";
import { nameOf, rootOf } from "../catalog.ts";
import { RowDigests } from "../digests.ts";
import { joinDomains } from "../domains.ts";
import type { MaskingKey } from "../key.ts";
import type { PersonalData } from "../personal.ts";
import type { ColumnMasking, TableMasking } from "../plan.ts";
import { resolveRules } from "../rules/resolve.ts";
import type { MaskingRules } from "../rules/rule.ts";
import type { Setting } from "../settings.ts";
import { KeySettings, sessionSettings } from "../settings.ts";
import { proveKeys } from "../proof/keys.ts";
import { checkExpressions } from "../rules/expression.ts";
import { findUnclassified, settleUnclassified } from "../unclassified.ts";
import { compileColumn } from "./column.ts";
import type { Compilation } from "./compilation.ts";
import { compileHistory } from "./history.ts";
import { identityOf, inDrawOrder, keyOf } from "./row.ts";
import type { RowSource } from "./value.ts";

/** One table with rows of its own. */
export interface CompiledTable {
  readonly table: Table;
  readonly masking: TableMasking;
  /** What stands in `from` behind the table itself. */
  readonly beside: string;
}

export interface Compiled extends Compilation {
  readonly tables: readonly CompiledTable[];
  readonly settings: readonly Setting[];
}

/** Compiles every table with rows of its own. Problems become findings; what they are about is left out. */
export async function compileMasking(given: {
  readonly catalog: Catalog;
  readonly rules: MaskingRules;
  readonly key: MaskingKey;
  readonly personal: PersonalData;
}): Promise<Compiled> {
  const { catalog } = given;
  const { resolved, findings } = resolveRules(catalog, given.rules);
  findings.push(...(await checkExpressions(given.rules)));
  const unclassified = findUnclassified(
    { catalog, personal: given.personal },
    resolved,
    joinDomains(catalog, resolved),
  );
  findings.push(...settleUnclassified(unclassified, given.rules, resolved));
  const domains = joinDomains(catalog, resolved);
  findings.push(...domains.findings);
  const dictionary = await loadDictionary(given.rules.locale);
  const compilation: Compilation = {
    catalog,
    rules: resolved,
    domains,
    namedDomains: new Set(
      given.rules.tables.flatMap(({ rules }) => rules.flatMap(({ domain }) => domain ?? [])),
    ),
    dictionary,
    findings,
    caseClaims: [],
  };
  const keys = new KeySettings(given.key, catalog.isUnicode);
  const tables = catalog.tables
    .filter(({ isPartitioned }) => !isPartitioned)
    .map((table) => compileTable(compilation, keys, table));
  findings.push(...proveKeys(compilation));
  return { ...compilation, tables, settings: [...sessionSettings, ...keys.list] };
}

function compileTable(compilation: Compilation, keys: KeySettings, table: Table): CompiledTable {
  const { catalog } = compilation;
  const root = rootOf(catalog, table);
  const stored = table.columns.filter(({ generated }) => generated === null);
  const value = ({ name }: Column) => `t.${ident(name)}`;
  const digests = new RowDigests({
    keys,
    label: `row ${nameOf(root)}`,
    identity: identityOf(compilation, table, value),
    key: keyOf(compilation, table, value),
  });
  const source: RowSource = { table, digests, value, isHistory: false };
  const mirror =
    compilation.rules.mirrors.get(table.oid) ?? compilation.rules.mirrors.get(root.oid);
  const history = mirror && compileHistory(compilation, keys, source, mirror);
  const masked = new Map(
    inDrawOrder(catalog, table).map((column) => {
      const { expression, rules } =
        history?.get(column.name) ?? compileColumn(compilation, source, column);
      const masking: ColumnMasking = {
        name: column.name,
        rules,
        ...(expression !== undefined && { expression }),
      };
      return [column.name, masking] as const;
    }),
  );
  const columns = stored.flatMap(({ name }) => masked.get(name) ?? []);
  const routed = routeTo(catalog, table, columns);
  const beside = digests.from;
  return {
    table,
    beside,
    masking: {
      oid: table.oid,
      schema: table.schema,
      name: table.name,
      columns,
      from: `only ${qualified(table.schema, table.name)} t${beside}`,
      ...(routed && { routeTo: { schema: routed.schema, name: routed.name } }),
    },
  };
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
