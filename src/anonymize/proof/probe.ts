/** Tries the masks on rows: that they can be computed, and that checks accept what comes out. */
import { ident, literal, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { isPostgresError } from "../../db/session.ts";
import { hasNoValue } from "../../db/stored-value.ts";
import type { Finding } from "../../findings.ts";
import type { Column } from "../catalog.ts";
import { nameOf, rootOf } from "../catalog.ts";
import type { Compiled, CompiledTable } from "../compile/compile.ts";
import { selectMasked } from "../select.ts";
import { proveCases } from "./case.ts";
import { maskerNamed } from "../maskers/list.ts";
import { type ValueType, valueType } from "../type-kind.ts";

/** Rows of a table that are tried. */
const sampleSize = 500;
/** Rows that are made up where a table has none. */
const madeUp = 50;

/** A finding for every table whose masks fail on its first rows, or on made-up ones where it is empty. */
export async function probeTables(session: Session, compiled: Compiled): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const table of compiled.tables) {
    if (!table.masking.columns.some(({ expression }) => expression !== undefined)) continue;
    findings.push(...(await probeTable(session, compiled, table)));
  }
  findings.push(...(await proveCases(session, compiled)));
  return findings;
}

async function probeTable(
  session: Session,
  compiled: Compiled,
  target: CompiledTable,
): Promise<Finding[]> {
  const { table, masking } = target;
  const name = qualified(table.schema, table.name);
  const answer = await tryQuery(session, `select exists (select from only ${name}) as "hasRows"`);
  if ("failed" in answer) return [unreadable(compiled, target, answer.failed)];
  const isEmpty = answer.rows[0]?.["hasRows"] !== true;
  if (isEmpty) {
    // Without rows the server still reads every expression: names and types are right, or it says so.
    const read = await tryQuery(session, selectMasked(masking));
    if ("failed" in read)
      return [await failing(session, compiled, target, `only ${name} t`, read.failed)];
  }
  const isTried = (column: Column) => (isEmpty ? isIndependent(compiled, target, column) : true);
  const columns = table.columns.filter(({ generated }) => generated === null);
  const select = columns.map((column) => {
    const expression = masking.columns.find((one) => one.name === column.name)?.expression;
    // Without its domain, which may refuse NULL.
    const plain = isEmpty
      ? `null::${typeOf(compiled, column).baseName}`
      : `t.${ident(column.name)}`;
    return `${isTried(column) ? (expression ?? plain) : plain} as ${ident(column.name)}`;
  });
  const source = isEmpty ? madeUpRows(compiled, columns) : `only ${name} t`;
  const rows = `select ${select.join(", ")} from ${source}${target.beside} limit ${sampleSize}`;
  const masked = new Set(
    masking.columns.flatMap((one) => (one.expression === undefined ? [] : [one.name])),
  );
  const checks = table.checks.filter((one) => one.columns.some((column) => masked.has(column)));
  const nulls = columns.filter(
    (column) => column.isNotNull && masked.has(column.name) && isTried(column),
  );
  const counts = [
    "count(*) as tried",
    ...checks.map(
      ({ expression }, n) => `count(*) filter (where (${expression}) is false) as c${n}`,
    ),
    ...nulls.map(
      (column, n) => `count(*) filter (where ${hasNoValue(ident(column.name))}) as n${n}`,
    ),
    // Every value is computed, also those that no check reads.
    `count(${ident("pgwright row")}::text) as computed`,
  ];
  const found = await tryQuery(
    session,
    `select row_to_json(r) as counts from (select ${counts.join(", ")} from (select ${ident(table.name)}.*, ${ident(table.name)} as "pgwright row" from (${rows}) ${ident(table.name)}) ${ident(table.name)}) r`,
  );
  if ("failed" in found) return [await failing(session, compiled, target, source, found.failed)];
  const count = found.rows[0]?.["counts"] as Record<string, number>;
  const root = nameOf(rootOf(compiled.catalog, table));
  const of = (broken: number) =>
    `${broken} of ${count["tried"]} ${isEmpty ? "made-up rows" : "rows"}`;
  return [
    ...checks.flatMap((check, n): Finding[] => {
      const broken = count[`c${n}`] ?? 0;
      const column = check.columns.find((one) => masked.has(one)) ?? "";
      return broken === 0
        ? []
        : [
            finding(
              compiled,
              target,
              column,
              "masking/check",
              `${root}.${column} is masked so that ${of(broken)} break ${check.name}: ${check.expression}`,
            ),
          ];
    }),
    ...nulls.flatMap((column, n): Finding[] => {
      const broken = count[`n${n}`] ?? 0;
      return broken === 0
        ? []
        : [
            finding(
              compiled,
              target,
              column.name,
              "masking/not-null",
              `${root}.${column.name} is NOT NULL, and ${of(broken)} become NULL`,
            ),
          ];
    }),
  ];
}

/** True where the mask does not depend on what the original looks like. */
function isIndependent(compiled: Compiled, { table }: CompiledTable, { name }: Column): boolean {
  const said = compiled.rules.of(table, name);
  const rule = said?.whole ?? compiled.domains.of(table, name).rule;
  const masker = rule && maskerNamed(rule.masker);
  return masker !== undefined && masker.name !== "keep" && masker.isShapedByOriginal !== true;
}

/** Rows of plausible values, another in each row and column. */
function madeUpRows(compiled: Compiled, columns: readonly Column[]): string {
  const values = columns.map((column, place) => {
    const type = typeOf(compiled, column);
    return `${sampleOf(type, `(n + ${place * madeUp})`)} as ${ident(column.name)}`;
  });
  // Shuffling looks for other rows by their place.
  values.push("null::tid as ctid");
  return `(select ${values.join(", ")} from generate_series(1, ${madeUp}) n) t`;
}

function typeOf({ catalog }: Compiled, column: Column): ValueType {
  return valueType(catalog, column.type, column.modifier, column.typeName);
}

function sampleOf(type: ValueType, n: string): string {
  const cast = (sql: string) => `(${sql})::${type.baseName}`;
  switch (type.kind) {
    case "text":
      return cast(`left('Ada ' || ${n}, ${type.maxLength ?? 100})`);
    case "integer":
    case "number":
      return cast(n);
    case "boolean":
      return `${n} % 2 = 0`;
    case "date":
    case "timestamp":
      return cast(`'2020-01-01'::timestamp + ${n} * interval '1 day'`);
    case "uuid":
      return `md5(${n}::text)::uuid`;
    case "network":
      return cast("'192.0.2.1'::inet");
    case "json":
      return cast("'{}'");
    case "bytes":
      return `convert_to(${n}::text, 'UTF8')`;
    case "enum":
      return `${literal(type.labels?.[0] ?? null)}::${type.baseName}`;
    default:
      return `null::${type.baseName}`;
  }
}

type Answer = { readonly rows: Record<string, unknown>[] } | { readonly failed: Error };

/** Connection troubles and interrupts go on; what the server refuses is an answer. */
async function tryQuery(session: Session, sql: string): Promise<Answer> {
  try {
    return { rows: await session.query(sql) };
  } catch (error) {
    if (isPostgresError(error)) return { failed: error };
    throw error;
  }
}

function unreadable(compiled: Compiled, { table }: CompiledTable, failed: Error): Finding {
  const object = nameOf(rootOf(compiled.catalog, table));
  return {
    rule: "masking/unreadable",
    severity: "error",
    message: `${object} cannot be read: ${failed.message}`,
    hint: "masking reads every row, so it needs SELECT on the table and, where row security is on, BYPASSRLS",
    object,
  };
}

/** Finds the column whose mask fails, by computing one after the other. */
async function failing(
  session: Session,
  compiled: Compiled,
  target: CompiledTable,
  source: string,
  failed: Error,
): Promise<Finding> {
  for (const { name, expression } of target.masking.columns) {
    if (expression === undefined) continue;
    const answer = await tryQuery(
      session,
      `select count(x::text) from (select ${expression} as x from ${source}${target.beside} limit ${sampleSize}) s`,
    );
    if ("failed" in answer) {
      const root = nameOf(rootOf(compiled.catalog, target.table));
      return finding(
        compiled,
        target,
        name,
        "masking/fails",
        `the mask of ${root}.${name} fails: ${answer.failed.message}`,
      );
    }
  }
  return unreadable(compiled, target, failed);
}

function finding(
  { catalog, rules, domains }: Compiled,
  { table }: CompiledTable,
  column: string,
  rule: string,
  message: string,
): Finding {
  const said = rules.of(table, column);
  const at = (said?.whole ?? said?.paths[0] ?? domains.of(table, column).rule)?.at;
  return {
    rule,
    severity: "error",
    message,
    hint: "choose a masker, or options of it, that the constraint accepts",
    at,
    object: `${nameOf(rootOf(catalog, table))}.${column}`,
  };
}
