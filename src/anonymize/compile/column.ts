/** The SQL of one column of a row. */
import { hasValue } from "../../db/stored-value.ts";
import type { Finding } from "../../findings.ts";
import type { Column, Table } from "../catalog.ts";
import { homeOf, nameOf } from "../catalog.ts";
import { legible } from "../fold.ts";
import { maskerNamed } from "../maskers/list.ts";
import type { ColumnMasking } from "../plan.ts";
import { formatRulePath } from "../rules/path.ts";
import type { Rule } from "../rules/rule.ts";
import { valueType } from "../type-kind.ts";
import type { Compilation } from "./compilation.ts";
import { compileDocument } from "./document.ts";
import { type Compiled, compileValue, type RowSource } from "./value.ts";

/** What one column becomes: SQL where it is masked, and what is said of it. */
export interface CompiledColumn {
  readonly expression: string | undefined;
  readonly rules: ColumnMasking["rules"];
}

/** Compiles a column by the rule of its domain; a problem becomes a finding. */
export function compileColumn(
  compilation: Compilation,
  source: RowSource,
  column: Column,
): CompiledColumn {
  const { table } = source;
  const domain = compilation.domains.of(table, column.name);
  const said = compilation.rules.of(table, column.name);
  const paths = said?.paths ?? [];
  if (paths.length > 0) {
    const rules = paths.map((rule) => ({ path: formatRulePath(rule.path), ...tell(rule) }));
    // All of it is kept, so it is carried as it is.
    if (rules.every(({ masker }) => masker === "keep")) return { expression: undefined, rules };
    const compiled = compileDocument(compilation, source, column, paths);
    return {
      expression: finish(compilation, source, column, paths[0], compiled),
      rules,
    };
  }
  const rule = said?.whole ?? domain.rule;
  if (!rule) return { expression: undefined, rules: [] };
  const masker = maskerNamed(rule.masker);
  if (!masker || masker.name === "keep") return { expression: undefined, rules: [tell(rule)] };
  const type = valueType(compilation.catalog, column.type, column.modifier, column.typeName);
  if (said?.where !== undefined && domain.isForeign) {
    const compiled = {
      refused: "foreign keys join it to columns that do not know `where`",
      hint: "mask it in all rows, or keep it: {keep: true, reason: …}",
    };
    return { expression: finish(compilation, source, column, rule, compiled), rules: [tell(rule)] };
  }
  const compiled = compileValue({
    compilation,
    source,
    rule,
    masker,
    value: legible(source.value(column), column),
    type: { ...type, maxLength: domain.maxLength },
    isNullable: !column.isNotNull,
    isUnique: domain.isUnique,
    digests: source.digests,
    domain: domain.isShared ? domain : undefined,
    label: domain.label,
  });
  return {
    expression: finish(compilation, source, column, rule, compiled),
    rules: [tell(rule)],
  };
}

function tell({ masker, reason }: Rule): { masker: string; reason?: string } {
  return { masker, ...(reason !== undefined && { reason }) };
}

/** Casts to the column's type, leaves NULL and the rows outside `where` alone. */
function finish(
  compilation: Compilation,
  source: RowSource,
  column: Column,
  rule: Rule | undefined,
  compiled: Compiled,
): string | undefined {
  if ("refused" in compiled) {
    compilation.findings.push(refusal(compilation, source.table, column, rule, compiled));
    return undefined;
  }
  const value = source.value(column);
  const cast = `(${compiled.sql})::${column.typeName}`;
  const isSure = column.isNotNull && !source.isHistory;
  const masked = isSure ? cast : `case when ${hasValue(value)} then ${cast} end`;
  const where = compilation.rules.of(source.table, column.name)?.where;
  if (where === undefined) return masked;
  // In a history the condition cannot be asked any more: everything is masked.
  return source.isHistory
    ? masked
    : `case when (${where}) is false then ${value} else ${masked} end`;
}

function refusal(
  { catalog }: Compilation,
  table: Table,
  column: Column,
  rule: Rule | undefined,
  { refused, hint }: Extract<Compiled, { refused: string }>,
): Finding {
  const object = `${nameOf(homeOf(catalog, table, column.name))}.${column.name}`;
  return {
    rule: "masking/type",
    severity: "error",
    message: `${object}: ${refused}`,
    hint,
    at: rule?.at,
    object,
  };
}
