/** The SQL of one column. */
import { ident } from "../../db/identifier.ts";
import type { Column, Table } from "../catalog.ts";
import { nameOf } from "../catalog.ts";
import type { RowDigests } from "../digests.ts";
import type { Domain } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { maskerNamed } from "../maskers/list.ts";
import type { MaskInput, Masker } from "../maskers/masker.ts";
import type { ColumnMasking } from "../plan.ts";
import type { Rule } from "../rules/rule.ts";
import { type ValueType, valueType } from "../type-kind.ts";
import type { Compilation } from "./compile.ts";

/** Compiles a column by the rule of its domain; a problem becomes a finding. */
export function compileColumn(
  compilation: Compilation,
  table: Table,
  column: Column,
  digests: RowDigests,
): ColumnMasking {
  const domain = compilation.domains.of(table, column.name);
  const said = compilation.rules.of(table, column.name);
  const rule = said?.whole ?? domain.rule;
  if (!rule || rule.masker === "keep") {
    const rules = rule
      ? [{ masker: "keep", ...(rule.reason !== undefined && { reason: rule.reason }) }]
      : [];
    return { name: column.name, rules };
  }
  const masker = maskerNamed(rule.masker);
  if (!masker) return { name: column.name, rules: [] };
  const type = valueType(compilation.catalog, column.type, column.modifier, column.typeName);
  const expression = compileWhole(compilation, {
    table,
    column,
    domain,
    rule,
    masker,
    type,
    digests,
  });
  return {
    name: column.name,
    rules: [{ masker: rule.masker }],
    ...(expression !== undefined && { expression: guard(expression, column, said?.where) }),
  };
}

interface ColumnTask {
  readonly table: Table;
  readonly column: Column;
  readonly domain: Domain;
  readonly rule: Rule;
  readonly masker: Masker;
  readonly type: ValueType;
  readonly digests: RowDigests;
}

function compileWhole(compilation: Compilation, task: ColumnTask): string | undefined {
  const { table, column, domain, rule, masker, digests } = task;
  const value = `t.${ident(column.name)}`;
  const type = { ...task.type, maxLength: domain.maxLength };
  const object = `${nameOf(table)}.${column.name}`;
  const refuse = (message: string, hint: string) => {
    compilation.findings.push({
      rule: "masking/type",
      severity: "error",
      message: `${object}: ${message}`,
      hint,
      at: rule.at,
      object,
    });
    return undefined;
  };
  if (masker.accepts !== "any" && !masker.accepts.includes(type.kind)) {
    return refuse(
      `${masker.name} does not mask ${column.typeName}`,
      `it takes ${masker.accepts.join(", ")}`,
    );
  }
  const input: MaskInput = {
    value,
    text: `${value}::text`,
    type,
    draw: drawOf(task, value, digests),
    options: rule.options,
    isUnique: domain.isUnique,
    dictionary: compilation.dictionary,
    column: (name) => `t.${ident(name)}`,
    subject: () => subjectOf(compilation, task),
  };
  const refusal = masker.refuse?.(input);
  if (refusal !== undefined) return refuse(refusal, "choose another masker or a longer type");
  return `(${masker.compile(input)})::${column.typeName}`;
}

function drawOf({ domain, type }: ColumnTask, value: string, digests: RowDigests): Draw {
  return domain.isShared
    ? digests.ofValue(domain.label, canonical(value, type, domain.ignoresCase))
    : digests.ofRow();
}

/** SQL of the text that is the same for values that are equal to the database. */
export function canonical(value: string, type: ValueType, ignoresCase: boolean): string {
  const text = type.base === "numeric" ? `trim_scale(${value})::text` : `${value}::text`;
  return ignoresCase && type.kind === "text" ? `lower(${text})` : text;
}

/** Bits of the person a row is about: of the digest that masks the column which names them. */
function subjectOf(compilation: Compilation, { table, rule, digests }: ColumnTask): Draw {
  const by = table.columns.find(({ name }) => name === rule.options.by);
  if (!by) return digests.ofRow();
  const domain = compilation.domains.of(table, by.name);
  const type = valueType(compilation.catalog, by.type, by.modifier, by.typeName);
  const text = canonical(`t.${ident(by.name)}`, type, domain.ignoresCase);
  return digests.besideValue(domain.label, by.isNotNull ? text : `coalesce(${text}, '')`);
}

function guard(expression: string, column: Column, where: string | undefined): string {
  const value = `t.${ident(column.name)}`;
  const masked = column.isNotNull
    ? expression
    : `case when ${value} is not null then ${expression} end`;
  return where === undefined
    ? masked
    : `case when (${where}) is false then ${value} else ${masked} end`;
}
