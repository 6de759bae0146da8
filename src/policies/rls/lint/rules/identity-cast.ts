import { literal } from "../../../../db/identifier.ts";
import { as, isMissing, stringsOf, type Node } from "../identity.ts";
import { callOf, replaceCalls, visit, type Call } from "../expression.ts";
import { alterPolicy, clausesOf, nameOf, objectOf, type Rule } from "../rule.ts";

const texts = new Set(["text", "varchar", "bpchar", "name"]);

/**
 * After SET LOCAL and the end of its transaction a setting is '' in that session, which no uuid or
 * integer is; one that was never set is an error of its own without missing_ok.
 */
export const identityCast: Rule = {
  name: "policies/identity-cast",
  judge: ({ policies }) =>
    policies.flatMap((policy) => {
      const found = clausesOf(policy).map(([word, expression]) => ({
        word,
        expression,
        cast: castSettings(expression.node),
        strict: settingsIn(expression.node).filter(isMissing),
      }));
      const wrong = found.filter(({ cast, strict }) => cast.length + strict.length > 0);
      if (wrong.length === 0) return [];
      const clauses = wrong.map(({ word, expression, cast, strict }) => {
        const calls = [...new Map([...cast, ...strict].map((call) => [call.node, call])).values()];
        const fixed = replaceCalls(expression, calls, (written, call) => {
          const lenient = strict.some(({ node }) => node === call.node)
            ? withMissingOk(written, call)
            : written;
          return cast.some(({ node }) => node === call.node) ? `nullif(${lenient}, '')` : lenient;
        });
        return `${word} (${fixed})`;
      });
      const isStrict = wrong.some(({ strict }) => strict.length > 0);
      const isCast = wrong.some(({ cast }) => cast.length > 0);
      const when = [
        ...(isStrict ? ["where the setting was never set"] : []),
        ...(isCast ? ["where it is empty, as it is after the transaction that set it"] : []),
      ];
      return [
        {
          severity: "error",
          message: `${nameOf(policy)} fails ${when.join(", and ")}, instead of showing nothing`,
          hint: `\`${alterPolicy(policy, clauses.join(" "))}\``,
          object: objectOf(policy),
        },
      ];
    }),
};

/** The same call with missing_ok; as it is where the setting's name is computed. */
function withMissingOk(written: string, { node }: Call): string {
  const [name] = node.args ?? [];
  const constant = as(as(name, "TypeCast")?.arg ?? name, "A_Const");
  const setting = constant?.sval?.sval;
  return setting === undefined ? written : `current_setting(${literal(setting)}, true)`;
}

/** Calls of current_setting() anywhere. */
function settingsIn(root: Node): Call[] {
  const found: Call[] = [];
  visit(root, (node) => {
    const call = callOf(node);
    if (call?.name === "current_setting") found.push(call);
    return "inside";
  });
  return found;
}

/** Calls of current_setting() whose text goes into a cast to another type as it is. */
function castSettings(root: Node): Call[] {
  const found = new Map<unknown, Call>();
  visit(root, (node) => {
    const cast = as(node, "TypeCast");
    if (cast?.arg === undefined) return "inside";
    if (texts.has(stringsOf(cast.typeName?.names).at(-1) ?? "")) return "inside";
    visit([cast.arg], (inner) => {
      if (as(inner, "A_Expr")?.kind === "AEXPR_NULLIF") return "skip";
      const call = callOf(inner);
      if (call === undefined) return "inside";
      if (call.name === "current_setting") found.set(call.node, call);
      return "skip";
    });
    return "inside";
  });
  return [...found.values()];
}
