/** Functions and procedures that come to another definition where they stand. */
import { parseScript } from "../db/script.ts";
import { allOf, as } from "../db/tree.ts";

/**
 * Whether CREATE OR REPLACE takes the new definition: it refuses another return type, other
 * parameters, and to take a default away. There is none for aggregates here, whose parts it may not
 * change either.
 */
export function canReplace(label: string, before: string, after: string): boolean {
  if (!/^(?:function|procedure) /.test(label)) return false;
  const [had, has] = [before, after].map(readHead);
  if (!had || !has || had.signature !== has.signature) return false;
  return had.defaults.every((given, at) => !given || has.defaults[at] === true);
}

function readHead(sql: string): { signature: string; defaults: boolean[] } | undefined {
  const routine = as(parseScript(sql)[0]?.node, "CreateFunctionStmt");
  if (!routine) return undefined;
  const parameters = allOf(routine.parameters, "FunctionParameter");
  const rest = parameters.map(({ name, argType, mode }) => [name, argType, mode]);
  const places = new Set(["location", "stmt_location"]);
  return {
    signature: JSON.stringify(
      [routine.is_procedure, routine.returnType, rest],
      (key, value: unknown) => (places.has(key) ? undefined : value),
    ),
    defaults: parameters.map(({ defexpr }) => defexpr !== undefined),
  };
}
