/** How an expression depends on who asks. */
import type { Node } from "../../../db/script.ts";
import { as } from "../../../db/tree.ts";
import { hasColumn, isConstant, readsIdentity, visit, type Call } from "./expression.ts";

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
    const test = as(node, "BooleanTest");
    if (test?.booltesttype === "IS_NOT_FALSE" && readsIdentity(test.arg)) {
      why ??= "`(…) IS NOT FALSE`";
    }
    return "inside";
  });
  return why;
}

/** Whether rows are tied to who asks in every arm of every OR. */
export function isTiedToIdentity(node: Node | undefined): boolean {
  const both = as(node, "BoolExpr");
  if (both?.boolop === "OR_EXPR") return both.args?.every((arm) => isTiedToIdentity(arm)) ?? false;
  if (both?.boolop === "AND_EXPR") return both.args?.some((arm) => isTiedToIdentity(arm)) ?? false;
  return node !== undefined && hasColumn(node) && readsIdentity(node);
}
