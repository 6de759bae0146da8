/** Settings that a file makes for the rest of its session: they hold until the file ends. */
import { literal } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import { scanTokens } from "../db/script.ts";
import { spliced } from "../db/sql-text.ts";
import { allOf, as, stringsOf } from "../db/tree.ts";

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
  return setConfigCalls(node, false).map(({ name }) => name);
}

/** The calls with constants, `is_local` as said; none where the SELECT does anything else. */
function setConfigCalls(
  node: Statement["node"],
  isLocal: boolean,
): { readonly name: string; readonly value: string | undefined }[] {
  const select = as(node, "SelectStmt");
  if (!select || select.fromClause || select.whereClause || select.valuesLists) return [];
  const targets = allOf(select.targetList, "ResTarget");
  const calls = targets.flatMap(({ val }) => {
    const call = as(val, "FuncCall");
    if (stringsOf(call?.funcname).at(-1) !== "set_config") return [];
    const [name, value, local] = (call?.args ?? []).map((arg) => as(arg, "A_Const"));
    const known = name?.sval?.sval;
    if (known === undefined || !local?.boolval) return [];
    const isSaid = (local.boolval.boolval ?? false) === isLocal;
    return isSaid ? [{ name: known, value: value?.sval?.sval }] : [];
  });
  return calls.length === targets.length ? calls : [];
}

/** SET LOCAL of a setting that may hold to the end of the file just as well: all are reset behind it. */
export function isLocalSetting({ node }: Statement): boolean {
  const set = as(node, "VariableSetStmt");
  return (
    set?.is_local === true &&
    set.kind !== "VAR_SET_MULTI" &&
    !/^(?:role|session_authorization|TRANSACTION.*)$/.test(set.name ?? "")
  );
}

/** SET LOCAL as SET. */
export function withoutLocal(text: string): string {
  const [, local, name] = scanTokens(text);
  return spliced(text, local?.start ?? 0, name?.start ?? 0, "");
}

/**
 * The settings that statements have made, for the ones behind them in the same file: what runs as one
 * transaction elsewhere may take several, and a file may be taken up again after an interruption. SET
 * LOCAL holds to the end of the file as well, lest a name behind a cut means another table; but its
 * timeouts are not for what runs `alone`, such as the long build of an index.
 */
export function settingsBehind(
  statements: readonly Statement[],
  into: "block" | "alone",
): string[] {
  return statements.flatMap((statement) => {
    const { text, node } = statement;
    if (settingNames(statement).length > 0) return [text];
    if (isLocalSetting(statement)) {
      if (into === "block") return [text];
      return isTimeout(as(node, "VariableSetStmt")?.name) ? [] : [withoutLocal(text)];
    }
    const calls = setConfigCalls(node, true);
    if (into === "block") return calls.length > 0 ? [text] : [];
    return calls.flatMap(({ name, value }) =>
      value === undefined || isTimeout(name)
        ? []
        : [`select set_config(${literal(name)}, ${literal(value)}, false)`],
    );
  });
}

const isTimeout = (name = "") => name.endsWith("_timeout");
