import type { Statement } from "../../db/script.ts";
import { allOf, as, stringsOf } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

function altered({ node }: Statement): string[] {
  const alter = as(node, "AlterFunctionStmt");
  return alter ? [stringsOf(alter.func?.objname).join(".")] : [];
}

export const definerSearchPath: LintRule = {
  name: "definer-search-path",
  severity: "warning",
  summary: "a SECURITY DEFINER function without a search_path of its own",
  why: "It runs with its owner's rights and the caller's search_path: whoever may create objects in a schema of that path, pg_temp at least, puts a table or an operator of his own in the place of the one that is meant.",
  safe: "CREATE FUNCTION close_order(id bigint) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS …;",
  kinds: ["CreateFunctionStmt"],
  judge: (step) => {
    const create = nodeOf(step, "CreateFunctionStmt");
    const options = allOf(create?.options, "DefElem");
    const isDefiner = options.some(
      ({ defname, arg }) => defname === "security" && as(arg, "Boolean")?.boolval === true,
    );
    const setsPath = options.some(
      ({ defname, arg }) => defname === "set" && as(arg, "VariableSetStmt")?.name === "search_path",
    );
    const name = stringsOf(create?.funcname).join(".");
    // It may be set right after, by ALTER FUNCTION.
    if (!isDefiner || setsPath || step.file.has(altered, name)) return [];
    return [
      {
        object: name,
        message: `${sqlName(name)} runs with its owner's rights and the caller's search_path`,
        hint: "`SET search_path = ''` in its definition, and names with their schemas in its body",
      },
    ];
  },
};
