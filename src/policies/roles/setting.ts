/** Values of settings, as SQL has them and as pg_db_role_setting stores them. */
import { ident, literal } from "../../db/identifier.ts";
import type { Tree } from "../../db/script.ts";
import { as } from "../../db/tree.ts";

/** Settings whose value is a list of names, which PostgreSQL stores quoted as identifiers. */
const nameLists = new Set([
  "search_path",
  "local_preload_libraries",
  "session_preload_libraries",
  "temp_tablespaces",
]);

/** The value as pg_db_role_setting stores it; undefined for what is no plain value. */
export function settingValue(set: Tree.VariableSetStmt): string | undefined {
  if (set.kind !== "VAR_SET_VALUE") return undefined;
  const isNames = nameLists.has(set.name ?? "");
  const parts = (set.args ?? []).map((arg) => {
    const constant = as(arg, "A_Const");
    if (constant?.sval) {
      const text = constant.sval.sval ?? "";
      return isNames ? quotedName(text) : text;
    }
    if (constant?.ival) return String(constant.ival.ival ?? 0);
    if (constant?.fval) return constant.fval.fval ?? "";
    if (constant?.boolval) return constant.boolval.boolval === true ? "true" : "false";
    return undefined;
  });
  return parts.includes(undefined) ? undefined : parts.join(", ");
}

/** As quote_identifier() does it: `"$user"` stays quoted, because of the dollar at its beginning. */
function quotedName(name: string): string {
  return name === "" ? '""' : ident(name);
}

/** The stored value as SET reads it: a list of names as it is, anything else as a string. */
export function settingSql(name: string, value: string): string {
  return nameLists.has(name) ? value : literal(value);
}
