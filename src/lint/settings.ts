/** Settings that a statement makes: SET, RESET, and set_config() with constants. */
import type { Node } from "../db/script.ts";
import { as, findNodes, stringsOf } from "../db/tree.ts";
import { nodeOf } from "./rule.ts";
import type { Step } from "./rule.ts";

export interface Setting {
  /** In lower case: PostgreSQL takes it in any. */
  readonly name: string;
  /** As text, with its unit where it has one; null gives back what the session began with. */
  readonly value: string | null;
  /** It ends with the transaction. */
  readonly isLocal: boolean;
}

/** None for what only running it tells, such as a value that is put together. */
export function settingsIn(step: Pick<Step, "statement">): Setting[] {
  const set = nodeOf(step, "VariableSetStmt");
  if (set) {
    const value = set.kind === "VAR_SET_VALUE" ? constantOf(set.args?.[0]) : null;
    if (set.name === undefined || value === undefined) return [];
    return [{ name: set.name.toLowerCase(), value, isLocal: set.is_local === true }];
  }
  // Most queries set nothing, and their trees are large.
  if (!/set_config/i.test(step.statement.text)) return [];
  const calls = findNodes(nodeOf(step, "SelectStmt"), "FuncCall");
  return calls.flatMap(({ funcname, args = [] }) => {
    const [name, value] = [constantOf(args[0]), constantOf(args[1])];
    const isOne = stringsOf(funcname).at(-1) === "set_config";
    if (!isOne || name === undefined || value === undefined) return [];
    const isLocal = as(args[2], "A_Const")?.boolval?.boolval === true;
    return [{ name: name.toLowerCase(), value, isLocal }];
  });
}

/** `'10s'`, `0`, `off`; undefined for what is no constant. */
function constantOf(node: Node | undefined): string | undefined {
  const inner = as(node, "TypeCast")?.arg ?? node;
  const constant = as(inner, "A_Const");
  if (constant?.sval) return constant.sval.sval ?? "";
  if (constant?.ival) return String(constant.ival.ival ?? 0);
  return constant?.fval?.fval;
}
