/** Statements that set where names without a schema are looked for. */
import type { Node, Tree } from "../db/script.ts";
import { allOf, as, stringsOf } from "../db/tree.ts";

/**
 * The search path that a statement sets, without `$user`; "reset" where it gives back that of the
 * session. Undefined for what does not touch it, and for what only running it tells.
 */
export function searchPathIn(node: Node): readonly string[] | "reset" | undefined {
  const set = as(node, "VariableSetStmt");
  if (set) return setIn(set);
  if (as(node, "DiscardStmt")?.target === "DISCARD_ALL") return "reset";
  for (const { val } of allOf(as(node, "SelectStmt")?.targetList, "ResTarget")) {
    const call = as(val, "FuncCall");
    if (stringsOf(call?.funcname).at(-1) !== "set_config") continue;
    const [name, value] = (call?.args ?? []).map((arg) => as(arg, "A_Const")?.sval?.sval ?? "");
    const constant = as(call?.args?.[1], "A_Const");
    if (name?.toLowerCase() === "search_path" && constant?.sval) return namesOf(value ?? "");
  }
  return undefined;
}

function setIn({ kind, name, args }: Tree.VariableSetStmt) {
  if (kind === "VAR_RESET_ALL") return "reset";
  if (name?.toLowerCase() !== "search_path") return undefined;
  if (kind !== "VAR_SET_VALUE") return kind === "VAR_SET_CURRENT" ? undefined : "reset";
  // SET takes each constant for one name, whatever is in it.
  return allOf(args, "A_Const")
    .map(({ sval }) => sval?.sval ?? "")
    .filter(isPlace);
}

const isPlace = (name: string) => name !== "" && name !== "$user";

/** `s, "Other One"`: what set_config() takes, as SplitIdentifierString reads it. */
export function namesOf(list: string): string[] {
  return [...list.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)]
    .map(([word, quoted]) => quoted?.replaceAll('""', '"') ?? word.toLowerCase())
    .filter(isPlace);
}

/** True where the options of a function give it a search_path of its own, false where they take it away. */
export function setsPath(options: readonly Node[] | undefined): boolean | undefined {
  const set = allOf(options, "DefElem")
    .flatMap(({ defname, arg }) => (defname === "set" && as(arg, "VariableSetStmt")) || [])
    .findLast(
      ({ kind, name }) => kind === "VAR_RESET_ALL" || name?.toLowerCase() === "search_path",
    );
  return set && set.kind !== "VAR_RESET_ALL" && set.kind !== "VAR_RESET";
}
