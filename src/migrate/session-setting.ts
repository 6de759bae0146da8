/** Settings that a file makes for the rest of its session: they hold until the file ends. */
import type { Statement } from "../db/script.ts";
import { allOf, as, stringsOf } from "../db/tree.ts";

/**
 * The statements among these that set something beyond their transaction, in order. A file whose
 * statements are spread over several transactions, or is taken up again after an interruption,
 * repeats them in front of each.
 */
export function sessionSettings(statements: readonly Statement[]): Statement[] {
  return statements.filter((statement) => settingNames(statement).length > 0);
}

/** The names of what they set. */
export function sessionSettingNames(statements: readonly Statement[]): string[] {
  return [...new Set(statements.flatMap(settingNames))];
}

function settingNames({ node }: Statement): string[] {
  const set = as(node, "VariableSetStmt");
  if (set) {
    const isForSession =
      set.is_local !== true &&
      set.name !== undefined &&
      // A role is refused before it comes to this; SET TRANSACTION ends with the transaction.
      !/^(?:role|session_authorization|TRANSACTION.*)$/.test(set.name);
    if (!isForSession) return [];
    return set.kind === "VAR_SET_MULTI" ? characteristics : [set.name ?? ""];
  }
  return setConfigNames(node);
}

/** What SET SESSION CHARACTERISTICS AS TRANSACTION sets. */
const characteristics = [
  "default_transaction_isolation",
  "default_transaction_read_only",
  "default_transaction_deferrable",
];

/** `SELECT set_config('name', 'value', false)`, as pg_dump writes it; nothing else in the SELECT. */
function setConfigNames(node: Statement["node"]): string[] {
  const select = as(node, "SelectStmt");
  if (!select || select.fromClause || select.whereClause || select.valuesLists) return [];
  const targets = allOf(select.targetList, "ResTarget");
  const names = targets.map(({ val }) => {
    const call = as(val, "FuncCall");
    if (stringsOf(call?.funcname).at(-1) !== "set_config") return undefined;
    const [name, , isLocal] = call?.args ?? [];
    const flag = as(isLocal, "A_Const")?.boolval;
    return flag !== undefined && flag.boolval !== true
      ? as(name, "A_Const")?.sval?.sval
      : undefined;
  });
  const found = names.filter((name) => name !== undefined);
  return found.length === targets.length ? found : [];
}
