/** How many rows of the target are alike in what could tell people apart, and what would make it more. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import type { MaskingRules, QuasiIdentifiers } from "../rules/rule.ts";
import readColumns from "./quasi-columns.sql";

/** Rows with the same values in these columns are a class. */
export interface Measure {
  /** Rows of the smallest class; 0 where there are none. */
  readonly k: number;
  readonly classes: number;
  readonly rows: number;
  /** Rows in classes smaller than wanted. */
  readonly below: number;
}

export interface Anonymity extends Measure {
  readonly table: string;
  readonly columns: readonly string[];
  readonly wanted: number;
  /** Each step with all before it; the last one reaches what is wanted, where anything does. */
  readonly steps: readonly (Measure & { readonly column: string; readonly how: string })[];
}

/** What is warned about where the rules do not say: the usual least of statistics offices is 3 to 10. */
const usualK = 5;

interface Way {
  readonly how: string;
  readonly sql: string;
  /** How much is lost, in the order in which it is tried. */
  readonly loss: number;
}

export async function measureAnonymity(
  target: Session,
  rules: MaskingRules,
): Promise<{ measured: Anonymity[]; findings: Finding[] }> {
  const measured: Anonymity[] = [];
  const findings: Finding[] = [];
  const wanted = rules.k ?? usualK;
  for (const declared of rules.quasiIdentifiers) {
    const types = await readTypes(target, declared);
    const missing = declared.columns.filter((column) => !types.has(column));
    if (missing.length > 0) {
      findings.push({
        rule: "verify/quasi-identifiers",
        severity: "error",
        message: `${declared.table} has no column ${missing.join(", ")}, which \`quasi_identifiers\` names`,
        hint: "take it out, or write it as it is called now",
        at: declared.at,
        source: rules.source,
        object: declared.table,
      });
      continue;
    }
    const one = await measureTable(target, declared, types, wanted);
    measured.push(one);
    if (one.rows > 0 && one.k < wanted) findings.push(finding(one, rules, declared));
  }
  return { measured, findings };
}

async function readTypes(
  target: Session,
  { table, columns }: QuasiIdentifiers,
): Promise<Map<string, string>> {
  const rows = await target.query<{ name: string; category: string }>(readColumns, [table]);
  const all = new Map(rows.map(({ name, category }) => [name, category]));
  return new Map(columns.flatMap((name) => (all.has(name) ? [[name, all.get(name) ?? ""]] : [])));
}

async function measureTable(
  target: Session,
  { table, columns }: QuasiIdentifiers,
  types: ReadonlyMap<string, string>,
  wanted: number,
): Promise<Anonymity> {
  const [schema = "", ...name] = table.split(".");
  const from = qualified(schema, name.join("."));
  const measure = async (keys: readonly string[]): Promise<Measure> =>
    target.one<{ k: number; classes: number; rows: number; below: number }>(
      `select coalesce(min(n), 0)::float8 as k, count(*)::float8 as classes, coalesce(sum(n), 0)::float8 as rows,
         coalesce(sum(n) filter (where n < ${wanted}), 0)::float8 as below
       from (select count(*) as n from ${from} t${keys.length === 0 ? "" : ` group by ${keys.join(", ")}`}) c where n > 0`,
    );
  const chosen = new Map(columns.map((column) => [column, `t.${ident(column)}`]));
  const now = await measure([...chosen.values()]);
  const steps: Anonymity["steps"][number][] = [];
  let last = now;
  while (last.k < wanted && last.rows >= wanted && chosen.size > 0) {
    const step = await bestStep(chosen, types, measure);
    if (!step) break;
    const { column, way, result } = step;
    if (way.sql === "") chosen.delete(column);
    else chosen.set(column, way.sql);
    steps.push({ column, how: way.how, ...result });
    last = result;
  }
  return { table, columns, wanted, ...now, steps };
}

/** The one change after which the fewest rows stand out; of equals, that which loses less. */
async function bestStep(
  chosen: ReadonlyMap<string, string>,
  types: ReadonlyMap<string, string>,
  measure: (keys: readonly string[]) => Promise<Measure>,
) {
  let best: { column: string; way: Way; result: Measure } | undefined;
  for (const [column, before] of chosen) {
    for (const way of waysOf(`t.${ident(column)}`, types.get(column) ?? "")) {
      if (way.sql === before) continue;
      const keys = [...chosen].flatMap(([name, sql]) =>
        name === column ? (way.sql === "" ? [] : [way.sql]) : [sql],
      );
      const result = await measure(keys);
      const isBetter =
        best === undefined ||
        result.below < best.result.below ||
        (result.below === best.result.below && way.loss < best.way.loss);
      if (isBetter) best = { column, way, result };
    }
  }
  return best;
}

/** `category`: pg_type.typcategory. */
function waysOf(value: string, category: string): Way[] {
  const leaveOut = { how: "left out", sql: "", loss: 3 };
  switch (category) {
    case "D":
      return [
        { how: "by year", sql: `date_trunc('year', ${value})`, loss: 1 },
        { how: "by decade", sql: `date_trunc('decade', ${value})`, loss: 2 },
        leaveOut,
      ];
    case "N":
      return [
        { how: "in steps of 10", sql: `floor(${value}::numeric / 10)`, loss: 1 },
        { how: "in steps of 100", sql: `floor(${value}::numeric / 100)`, loss: 2 },
        leaveOut,
      ];
    case "S":
      return [
        { how: "by the first two letters", sql: `left(${value}::text, 2)`, loss: 2 },
        leaveOut,
      ];
    default:
      return [leaveOut];
  }
}

function finding(one: Anonymity, rules: MaskingRules, { at }: QuasiIdentifiers): Finding {
  const { table, columns, k, wanted, below, rows, steps } = one;
  const last = steps.at(-1);
  // The last word on each column.
  const ways = new Map(steps.map((step) => [step.column, step.how]));
  const how = [...ways].map(([column, way]) => `${column} ${way}`).join(", ");
  return {
    rule: "verify/k-anonymity",
    severity: rules.k === undefined ? "warning" : "error",
    message: `${below} of ${rows} rows of ${table} share their ${columns.join(", ")} with fewer than ${wanted - 1} others (k = ${k})`,
    hint: last === undefined ? undefined : `with ${how}, k would be ${last.k}`,
    at,
    source: rules.source,
    object: table,
  };
}
