/** The mask of a leaf of a document: a text stays a text, a number a number. */
import { literal } from "../../db/identifier.ts";
import type { ValueType } from "../type-kind.ts";
import { isoDate } from "../maskers/iso-date.ts";
import { scrambledNumber } from "./rest.ts";
import { type Compiled, compileValue, type ValueTask } from "./value.ts";

export type LeafTask = Pick<
  ValueTask,
  "compilation" | "source" | "rule" | "masker" | "digests" | "domain" | "label" | "value"
>;

const plain = (kind: ValueType["kind"], base: string): ValueType => ({
  kind,
  base,
  baseName: base,
  typeName: base,
  maxLength: undefined,
  labels: undefined,
  element: undefined,
});

/** Types that a text may be an instance of, and how that is told without a cast that may fail. */
const textual: readonly { readonly type: ValueType; readonly pattern: string }[] = [
  {
    type: plain("uuid", "uuid"),
    pattern: "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
  },
  { type: plain("integer", "int8"), pattern: "^-?[0-9]{1,18}$" },
  { type: plain("date", "date"), pattern: `${isoDate}$` },
];

/** SQL of the JSONB that stands for `value`, a JSONB that may be of any kind. */
export function compileLeaf(task: LeafTask): Compiled {
  const { masker, rule, value } = task;
  if (masker.name === "null") return { sql: "'null'::jsonb" };
  if (masker.name === "fixed") {
    return { sql: `${literal(JSON.stringify(rule.options.value ?? null))}::jsonb` };
  }
  if (masker.name === "shuffle" || masker.name === "sql") {
    return {
      refused: `\`${masker.name}\` cannot mask a path`,
      hint: "write a rule for the column",
    };
  }
  const text = textLeaf(task);
  if ("refused" in text) return text;
  const number = numberLeaf(task);
  if ("refused" in number) return number;
  // What is no text or number where one was expected is not let through: it keeps its kind alone.
  return {
    sql: `case jsonb_typeof(${value}) when 'string' then ${text.sql} when 'number' then ${number.sql}
      when 'boolean' then ${booleanLeaf(task)} when 'object' then '{}' when 'array' then '[]' else ${value} end`,
  };
}

function textLeaf(task: LeafTask): Compiled {
  const { masker, value } = task;
  const text = `(${value} #>> '{}')`;
  if (masker.accepts === "any" || masker.accepts.includes("text")) {
    return asJson(compileValue({ ...task, ...loose, value: text, type: plain("text", "text") }));
  }
  const form = textual.find(({ type }) => masker.accepts.includes(type.kind));
  if (!form) return { sql: `'""'::jsonb` };
  const compiled = compileValue({
    ...task,
    ...loose,
    value: `${text}::${form.type.base}`,
    type: form.type,
  });
  if ("refused" in compiled) return compiled;
  return {
    sql: `case when ${text} ~ '${form.pattern}' then to_jsonb((${compiled.sql})::text) else '""'::jsonb end`,
  };
}

const loose = { isNullable: true, isUnique: false } as const;

function asJson(compiled: Compiled): Compiled {
  return "refused" in compiled
    ? compiled
    : { sql: `coalesce(to_jsonb((${compiled.sql})::text), 'null')` };
}

function numberLeaf(task: LeafTask): Compiled {
  const { masker, value, digests } = task;
  const text = `(${value} #>> '{}')`;
  if (masker.accepts === "any" || masker.accepts.includes("number")) {
    const type = plain("number", "numeric");
    const compiled = compileValue({ ...task, ...loose, value: `${text}::numeric`, type });
    return "refused" in compiled ? compiled : { sql: `to_jsonb((${compiled.sql})::numeric)` };
  }
  if (masker.accepts.includes("integer")) {
    const type = plain("integer", "int8");
    const compiled = compileValue({ ...task, ...loose, value: `${text}::int8`, type });
    return "refused" in compiled
      ? compiled
      : {
          sql: `case when ${text} ~ '^-?[0-9]{1,18}$' then to_jsonb((${compiled.sql})::int8) else '0'::jsonb end`,
        };
  }
  return { sql: `${scrambledNumber(text, digests.ofRow().bytes(16))}::jsonb` };
}

function booleanLeaf({ masker, digests }: LeafTask): string {
  return masker.accepts !== "any" && masker.accepts.includes("boolean")
    ? `to_jsonb(${digests.ofRow().below(2)} = 1)`
    : "'false'::jsonb";
}
