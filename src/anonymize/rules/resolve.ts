/** Holds the rules against the database: which column each is about, and which are about nothing. */
import { findNearest } from "../../config/nearest.ts";
import type { Finding } from "../../findings.ts";
import type { Catalog, Column, Table } from "../catalog.ts";
import { homeOf, nameOf } from "../catalog.ts";
import { isDocument, valueType } from "../type-kind.ts";
import { formatRulePath } from "./path.ts";
import type { MaskingRules, Rule, TableRules } from "./rule.ts";

/** What the rules say of one column. */
export interface ColumnRules {
  /** About the whole value. */
  readonly whole: Rule | undefined;
  /** About parts of a JSON value. */
  readonly paths: readonly Rule[];
  /** SQL over the row `t`; rows for which it is false are left alone. */
  readonly where: string | undefined;
}

export class ResolvedRules {
  readonly #byColumn = new Map<string, ColumnRules>();
  readonly #catalog: Catalog;
  /** Mirrors by the oid of the history's table. */
  readonly mirrors = new Map<number, TableRules>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  set(table: Table, column: string, rules: ColumnRules): void {
    this.#byColumn.set(`${table.oid} ${column}`, rules);
  }

  /** The rules of a column: its own, else those of what it is a partition of or inherits from. */
  of(table: Table, column: string): ColumnRules | undefined {
    for (let next: Table | undefined = table; next;) {
      const found = this.#byColumn.get(`${next.oid} ${column}`);
      if (found) return found;
      if (next.oid === homeOf(this.#catalog, table, column).oid) return undefined;
      next = next.parent === null ? undefined : this.#catalog.byOid.get(next.parent);
    }
    return undefined;
  }
}

/** Matches rules and columns; what matches nothing, or cannot be a rule, becomes a finding. */
export function resolveRules(
  catalog: Catalog,
  rules: MaskingRules,
): { resolved: ResolvedRules; findings: Finding[] } {
  const resolved = new ResolvedRules(catalog);
  const findings: Finding[] = [];
  for (const said of rules.tables) {
    const table = catalog.tables.find((one) => nameOf(one) === said.table);
    if (!table) {
      findings.push(staleTable(catalog, said));
      continue;
    }
    if (said.mirror) resolved.mirrors.set(table.oid, said);
    for (const name of new Set(said.rules.map(({ path }) => path.column))) {
      const group = said.rules.filter(({ path }) => path.column === name);
      const column = table.columns.find((one) => one.name === name);
      const wrong = column
        ? refuseColumn(catalog, table, column, group)
        : staleColumn(table, name, said);
      if (wrong) {
        findings.push({ severity: "error", at: group[0]?.at, ...wrong });
        continue;
      }
      resolved.set(table, name, {
        whole: group.find(({ path }) => path.steps.length === 0),
        paths: group.filter(({ path }) => path.steps.length > 0),
        where: said.where,
      });
    }
  }
  return { resolved, findings };
}

function staleTable(catalog: Catalog, said: TableRules): Finding {
  const near = findNearest(said.table, catalog.tables.map(nameOf));
  const [, bare] = said.table.split(".");
  const moved = catalog.tables.find(({ name }) => name === bare);
  const likely = near ?? (moved && nameOf(moved));
  return {
    rule: "masking/stale-rule",
    severity: "error",
    message: `there is no table ${said.table}`,
    hint: likely === undefined ? "take its rules out" : `it is called ${likely} now, it seems`,
    at: said.at,
    object: said.table,
  };
}

type Wrong = Pick<Finding, "rule" | "message" | "hint" | "object">;

/** The likely new name: spelt alike, or the only column without a rule that shares a word. */
function staleColumn(table: Table, name: string, said: TableRules): Wrong {
  const ruled = new Set(said.rules.map(({ path }) => path.column));
  const free = table.columns.map((one) => one.name).filter((one) => !ruled.has(one));
  const words = new Set(name.toLowerCase().split(/[^a-z0-9]+/));
  const sharing = free.filter((one) =>
    one
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .some((w) => words.has(w)),
  );
  const likely = findNearest(name, free) ?? (sharing.length === 1 ? sharing[0] : undefined);
  return {
    rule: "masking/stale-rule",
    message: `${nameOf(table)} has no column ${name}`,
    hint: likely === undefined ? "take the rule out" : `it is called ${likely} now, it seems`,
    object: `${nameOf(table)}.${name}`,
  };
}

function refuseColumn(
  catalog: Catalog,
  table: Table,
  column: Column,
  rules: readonly Rule[],
): Wrong | undefined {
  const object = `${nameOf(table)}.${column.name}`;
  if (column.generated !== null && rules.some(({ masker }) => masker !== "keep")) {
    return {
      rule: "masking/generated",
      message: `${object} is generated and cannot be masked`,
      hint: `it is computed again from what is masked: ${column.generated}`,
      object,
    };
  }
  const path = rules.find((one) => one.path.steps.length > 0);
  if (path && rules.some((one) => one.path.steps.length === 0)) {
    return {
      rule: "masking/twofold",
      message: `${object} has a rule for all of it and one for ${formatRulePath(path.path)}`,
      hint: `keep one of them; \`"${column.name}.**"\` is what the other paths do not name`,
      object,
    };
  }
  const type = valueType(catalog, column.type, column.modifier, column.typeName);
  if (path && !isDocument(type)) {
    return {
      rule: "masking/not-json",
      message: `${object} is ${column.typeName}, which has no paths`,
      hint: `write a rule for \`${column.name}\``,
      object,
    };
  }
  return undefined;
}
