/** The mask of one value: of a column, an array's element, a leaf of a document. */
import { ident } from "../../db/identifier.ts";
import { hasValue } from "../../db/stored-value.ts";
import type { Column, Table } from "../catalog.ts";
import type { RowDigests } from "../digests.ts";
import type { Domain } from "../domains.ts";
import type { Draw } from "../draw.ts";
import { type Alike, asIs, canonical, legible } from "../fold.ts";
import type { MaskInput, Masker } from "../maskers/masker.ts";
import type { Rule } from "../rules/rule.ts";
import { utf8 } from "../settings.ts";
import type { ValueType } from "../type-kind.ts";
import { valueType } from "../type-kind.ts";
import type { Compilation } from "./compilation.ts";

/** Where the values of a row come from: the table itself, or an entry of its history. */
export interface RowSource {
  readonly table: Table;
  readonly digests: RowDigests;
  /** SQL of a column's value, of its type. */
  readonly value: (column: Column) => string;
  /** Shuffling needs the table itself. */
  readonly isHistory: boolean;
}

/** One value to mask. */
export interface ValueTask {
  readonly compilation: Compilation;
  readonly source: RowSource;
  readonly rule: Rule;
  readonly masker: Masker;
  readonly value: string;
  readonly type: ValueType;
  readonly isNullable: boolean;
  readonly isUnique: boolean;
  /** Bits are drawn from here: those of the row, or of a member of a list in it. */
  readonly digests: RowDigests;
  /** Equal values become equal masks: by this name. */
  readonly domain: ({ readonly label: string } & Alike) | undefined;
  /** For a permutation, which needs a name always. */
  readonly label: string;
}

/** SQL of the mask, or why it cannot be. */
export type Compiled =
  | { readonly sql: string }
  | { readonly refused: string; readonly hint: string };

/** Compiles a value that is not NULL; what comes out is not yet cast to the column's type. */
export function compileValue(task: ValueTask): Compiled {
  const { masker, type } = task;
  const isAccepted = masker.accepts === "any" || masker.accepts.includes(type.kind);
  if (!isAccepted && type.kind === "array") return compileArray(task);
  if (!isAccepted) {
    return {
      refused: `\`${masker.name}\` does not mask ${type.typeName}`,
      hint: `it takes ${masker.accepts.toString().replaceAll(",", ", ")}`,
    };
  }
  if (masker.name === "shuffle" && task.source.isHistory) {
    return {
      refused: "`shuffle` cannot be followed by a history, which knows no other rows",
      hint: "choose another masker",
    };
  }
  const input = inputOf(task);
  const refused = masker.refuse?.(input);
  if (refused !== undefined) {
    return { refused, hint: "choose another masker, or change the rule's options" };
  }
  return { sql: masker.compile(input) };
}

function compileArray(task: ValueTask): Compiled {
  const { type, digests } = task;
  if (!type.element)
    return { refused: `${type.typeName} has no known elements`, hint: "use `sql`" };
  const { maxLength = type.element.maxLength } = type;
  // Arrays of several dimensions come out as a list: none of their values is left, which counts more.
  const inner = digests.inside("o");
  const element = compileValue({
    ...task,
    value: "e",
    type: { ...type.element, maxLength },
    digests: inner,
    isUnique: false,
    isNullable: true,
  });
  if ("refused" in element) return element;
  const member = `case when ${hasValue("e")} then (${element.sql})::${type.element.typeName} end`;
  return {
    sql: `(select coalesce(array_agg(${member} order by o), '{}') from unnest(${task.value}) with ordinality u(e, o)${inner.from})`,
  };
}

function inputOf(task: ValueTask): MaskInput {
  const { value, type, rule, compilation, source } = task;
  const draw = drawOf(task);
  return {
    value,
    text: type.kind === "text" && type.base === "text" ? value : `${value}::text`,
    type,
    draw,
    pick: (words) => `(${source.digests.words(words)} ->> (${draw.below(words.length)})::int4)`,
    options: rule.options,
    isUnique: task.isUnique,
    isNullable: task.isNullable,
    dictionary: compilation.dictionary,
    utf8: (sql) => utf8(sql, compilation.catalog.isUnicode),
    letters: () => source.digests.letters(),
    column(name) {
      const column = source.table.columns.find((one) => one.name === name);
      return column ? legible(source.value(column), column) : `t.${ident(name)}`;
    },
    subject: () => subjectOf(task),
    shuffled: () => shuffledOf(task),
  };
}

function drawOf(task: ValueTask): Draw {
  const { masker, domain, digests, value, type, label } = task;
  const { isUnicode } = task.compilation.catalog;
  const text = (alike: Alike) => canonical(value, type, alike, isUnicode);
  if (domain) return digests.ofValue(domain.label, text(domain));
  // A permutation is keyed by the column and not by the row, else it would be none.
  return masker.uniqueness === "bijective" ? digests.ofValue(label, text(asIs)) : digests.ofRow();
}

/**
 * Bits of the person a row is about: of the digest that masks the column which names them. Where that
 * is NULL, or an entry of a history does not hold it, the row stands for itself.
 */
function subjectOf({ compilation, source, rule, digests }: ValueTask): Draw {
  const by = source.table.columns.find(({ name }) => name === rule.options.by);
  if (!by) return digests.ofRow();
  const domain: Domain = compilation.domains.of(source.table, by.name);
  const type = valueType(compilation.catalog, by.type, by.modifier, by.typeName);
  const text = canonical(source.value(by), type, domain, compilation.catalog.isUnicode);
  const isSure = by.isNotNull && !source.isHistory;
  return source.digests.besideValue(
    domain.label,
    isSure ? text : `coalesce(${text}, ${source.digests.identity})`,
  );
}

/** Each row with a value gets that of the next in a drawn order, the last that of the first. */
function shuffledOf({ source, value, label }: ValueTask): string {
  const { table, digests } = source;
  const order = digests.keyed(`${digests.identity} || ' ' || '${label.replaceAll("'", "''")}'`);
  const alias = digests.join(
    (name) =>
      ` left join (select id, case when lead(id) over w is null then first_value(v) over w else lead(v) over w end as v from (
        select t.ctid as id, ${value} as v, ${order} as o from only ${ident(table.schema)}.${ident(table.name)} t where ${hasValue(value)} offset 0) s
        window w as (order by o, id rows between unbounded preceding and unbounded following)) ${name} on ${name}.id = t.ctid`,
  );
  return `${alias}.v`;
}
