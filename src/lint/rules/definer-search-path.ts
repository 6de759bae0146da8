import type { Statement } from "../../db/script.ts";
import { allOf, as, stringsOf } from "../../db/tree.ts";
import { setsPath } from "../../locks/search-path.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

/** The functions that ALTER FUNCTION gives a search_path. */
function given({ node }: Statement): string[] {
  const alter = as(node, "AlterFunctionStmt");
  return setsPath(alter?.actions) ? [stringsOf(alter?.func?.objname).join(".")] : [];
}

export const definerSearchPath: LintRule = {
  name: "definer-search-path",
  severity: "warning",
  summary: "a SECURITY DEFINER function without a search_path of its own",
  why: "It runs with its owner's rights and the caller's search_path: whoever may create objects in a schema of that path, pg_temp at least, puts a table or an operator of his own in the place of the one that is meant.",
  safe: "CREATE FUNCTION close_order(id bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS …;",
  kinds: ["CreateFunctionStmt", "AlterFunctionStmt"],
  judge: (step) => {
    const create = nodeOf(step, "CreateFunctionStmt");
    const alter = nodeOf(step, "AlterFunctionStmt");
    const options = create?.options ?? alter?.actions;
    const isDefiner = allOf(options, "DefElem").some(
      ({ defname, arg }) => defname === "security" && as(arg, "Boolean")?.boolval === true,
    );
    const name = stringsOf(create?.funcname ?? alter?.func?.objname).join(".");
    // ALTER leaves it the one that it has, and one may be set right after.
    const had = alter && step.model.find(step.model.ownPaths, name);
    if (!isDefiner || (setsPath(options) ?? had) || step.file.has(given, name)) return [];
    const isUntold = alter !== undefined && had === undefined;
    return [
      {
        object: name,
        message: `${sqlName(name)} runs with its owner's rights and ${isUntold ? "perhaps " : ""}the caller's search_path${isUntold ? "; whether it has one of its own is not known here, `--url` looks it up" : ""}`,
        hint: create
          ? "`SET search_path = ''` in its definition, and names with their schemas in its body"
          : "`SET search_path = ''` in the same ALTER, and names with their schemas in its body",
      },
    ];
  },
};
