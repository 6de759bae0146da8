/** How an expression depends on who asks. */
import type { Node, Tree } from "../../../db/script.ts";
import { as, stringsOf } from "../../../db/tree.ts";
import { hasColumn, isConstant, readsIdentity, visit, type Call } from "./expression.ts";
import { columnOf, fold } from "./fold.ts";

export { as, stringsOf } from "../../../db/tree.ts";
export type { Node } from "../../../db/script.ts";

/** `current_setting(name)` without missing_ok: an error where the setting is not there. */
export function isMissing({ node }: Call): boolean {
  const [, missingOk] = node.args ?? [];
  return missingOk === undefined || isConstant(missingOk, false);
}

/** Who asks, and nothing of the row. */
export function isIdentity(node: Node | undefined): boolean {
  return node !== undefined && !hasColumn(node) && readsIdentity(node);
}

/**
 * A part that is true where the identity is missing: `x IS NULL OR …`, `coalesce(…, true)`,
 * `(…) IS NOT FALSE`, IS NOT DISTINCT FROM with a column. Undefined where there is none.
 */
export function opensWithoutIdentity(root: Node): string | undefined {
  let why: string | undefined;
  visit(root, (node) => {
    const either = as(node, "BoolExpr");
    if (either?.boolop === "OR_EXPR") {
      const isOpen = either.args?.some((arm) => {
        const test = as(arm, "NullTest");
        return test?.nulltesttype === "IS_NULL" && isIdentity(test.arg);
      });
      if (isOpen) why ??= "`… IS NULL OR …`";
    }
    const coalesce = as(node, "CoalesceExpr");
    if (coalesce?.args?.some((arm) => isConstant(arm, true)) && readsIdentity(coalesce)) {
      why ??= "`coalesce(…, true)`";
    }
    const comparison = as(node, "A_Expr");
    if (comparison?.kind === "AEXPR_OP" && stringsOf(comparison.name).at(-1) === "=") {
      const sides = [comparison.lexpr, comparison.rexpr];
      const column = sides.map(columnOf).find((one) => one !== undefined);
      const other = sides.map((side) => as(side, "CoalesceExpr")).find((one) => one !== undefined);
      const isOwn = column !== undefined && other?.args?.some((arm) => columnOf(arm) === column);
      if (isOwn) why ??= "`column = coalesce(…, column)`";
    }
    const choice = as(node, "CaseExpr");
    if (choice && opensByCase(choice)) why ??= "`CASE … true`";
    const test = as(node, "BooleanTest");
    if (test?.booltesttype === "IS_NOT_FALSE" && readsIdentity(test.arg)) {
      why ??= "`(…) IS NOT FALSE`";
    }
    return "inside";
  });
  return why;
}

/** THEN true where the identity is missing, or ELSE true, which is where a comparison with NULL ends. */
function opensByCase({ args, defresult }: Tree.CaseExpr): boolean {
  const arms = (args ?? []).map((arm) => as(arm, "CaseWhen"));
  if (fold(defresult) === true && arms.some((arm) => readsIdentity(arm?.expr))) return true;
  return arms.some((arm) => {
    if (fold(arm?.result) !== true) return false;
    const isNull = as(arm?.expr, "NullTest");
    if (isNull?.nulltesttype === "IS_NULL") return isIdentity(isNull.arg);
    const comparison = as(arm?.expr, "A_Expr");
    const isEmpty = [comparison?.lexpr, comparison?.rexpr].some((side) => isEmptyText(side));
    return (
      stringsOf(comparison?.name).at(-1) === "=" &&
      isEmpty &&
      (isIdentity(comparison?.lexpr) || isIdentity(comparison?.rexpr))
    );
  });
}

/** `''`, also as `''::text`. */
function isEmptyText(node: Node | undefined): boolean {
  const constant = as(as(node, "TypeCast")?.arg ?? node, "A_Const");
  return constant?.sval !== undefined && (constant.sval.sval ?? "") === "";
}

/** Whether rows are tied to who asks in every arm of every OR. */
export function isTiedToIdentity(node: Node | undefined): boolean {
  const both = as(node, "BoolExpr");
  if (both?.boolop === "OR_EXPR") return both.args?.every((arm) => isTiedToIdentity(arm)) ?? false;
  if (both?.boolop === "AND_EXPR") return both.args?.some((arm) => isTiedToIdentity(arm)) ?? false;
  return node !== undefined && hasColumn(node) && readsIdentity(node);
}
