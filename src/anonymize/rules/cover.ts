/** Which rule speaks of a path that was found in documents. */
import { parseRulePath, type Step } from "./path.ts";
import type { Rule } from "./rule.ts";

/** A step as a scan writes it: "map" stands for keys that are values themselves, `.*`. */
export type FoundStep = Step | "map";

/** The steps of a path that a scan found below a column: `meta.contacts[*]."first name"`. */
export function stepsOf(column: string, path: string): FoundStep[] {
  const steps: FoundStep[] = [];
  const token = /\[\*\]|\.\*(?=[.[]|$)|\.("(?:[^"\\]|\\.)*")|\.([^."[]+)/y;
  token.lastIndex = column.length;
  while (token.lastIndex < path.length) {
    const match = token.exec(path);
    if (!match) throw new Error(`a path that no scan writes: ${path}`);
    const [whole, quoted, bare = ""] = match;
    if (whole === "[*]") steps.push("*");
    else if (whole === ".*") steps.push("map");
    else steps.push({ key: quoted === undefined ? bare : (JSON.parse(quoted) as string) });
  }
  return steps;
}

/**
 * The rule that decides what becomes of a place: its own or that of a value around it, else the
 * nearest `**` above. Undefined where the value is carried as it is and nobody says why.
 */
export function ruleFor(rules: readonly Rule[], steps: readonly FoundStep[]): Rule | undefined {
  const own = rules.find(({ path }) => path.steps.at(-1) !== "**" && leads(path.steps, steps));
  if (own) return own;
  const [rest] = rules
    .filter(({ path }) => path.steps.at(-1) === "**" && leads(path.steps.slice(0, -1), steps))
    .toSorted((one, other) => other.path.steps.length - one.path.steps.length);
  if (!rest) return undefined;
  const isKept = rest.keep.some((text) => {
    const path = parseRulePath(text);
    if (typeof path === "string") return false;
    return leads([...rest.path.steps.slice(0, -1), { key: path.column }, ...path.steps], steps);
  });
  return isKept && rest.reason === undefined ? undefined : rest;
}

function leads(base: readonly Step[], steps: readonly FoundStep[]): boolean {
  return (
    base.length <= steps.length &&
    base.every((step, n) => JSON.stringify(step) === JSON.stringify(steps[n]))
  );
}
