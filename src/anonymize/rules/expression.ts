/** SQL that rules hold: one expression each, and nothing that reaches beyond it. */
import { loadParser, parseScript, ScriptError } from "../../db/script.ts";
import type { Location } from "../../errors.ts";
import type { Finding } from "../../findings.ts";
import type { MaskingRules } from "./rule.ts";

/** Parses each `where` and `sql` as the one column of a SELECT. */
export async function checkExpressions(rules: MaskingRules): Promise<Finding[]> {
  const given = rules.tables.flatMap(({ table, where, at, rules: columns }) => [
    ...(where === undefined ? [] : [{ object: table, what: "`where`", sql: where, at }]),
    ...columns.flatMap((rule) =>
      rule.options.sql === undefined
        ? []
        : [
            {
              object: `${table}.${rule.path.column}`,
              what: "`sql`",
              sql: rule.options.sql,
              at: rule.at,
            },
          ],
    ),
  ]);
  if (given.length === 0) return [];
  await loadParser();
  return given.flatMap(({ object, what, sql, at }) => {
    const wrong = refuse(sql);
    return wrong === undefined ? [] : [problem(object, `${what} of ${object} ${wrong}`, at)];
  });
}

function refuse(sql: string): string | undefined {
  try {
    // Alone between parentheses, so that neither a comma nor a parenthesis leads out of it.
    const [statement, ...more] = parseScript(`select (\n${sql}\n)`);
    const tree = statement?.node as {
      SelectStmt?: { targetList?: unknown[]; fromClause?: unknown };
    };
    const isOne = more.length === 0 && tree.SelectStmt?.targetList?.length === 1;
    const isBare = tree.SelectStmt?.fromClause === undefined;
    const lists = JSON.stringify(tree.SelectStmt?.targetList ?? []).startsWith(
      '[{"ResTarget":{"val":{"RowExpr"',
    );
    return isOne && isBare && !lists ? undefined : "is not one expression";
  } catch (error) {
    if (error instanceof ScriptError) return `is no SQL: ${error.message}`;
    throw error;
  }
}

function problem(object: string, message: string, at: Location | undefined): Finding {
  return {
    rule: "masking/expression",
    severity: "error",
    message,
    hint: "write one expression over the row `t`: t.role <> 'staff'",
    at,
    object,
  };
}
