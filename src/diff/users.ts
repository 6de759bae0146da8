/** Who needs an object of the first schema, and what a table inherits from. */
import type { DumpedObject } from "../schema/dump.ts";
import type { Node } from "./step.ts";

/** What needs a part of another object. */
export interface User extends Node {
  readonly onPart: string;
}

/**
 * By label: what needs it, and is a hindrance to dropping it. A view's rules and triggers go with it,
 * even where their text names it once more.
 */
export function usersOf(from: readonly DumpedObject[]): ReadonlyMap<string, readonly User[]> {
  const users = new Map<string, User[]>();
  for (const { label, needs, isPart, relation } of from) {
    const own = isPart ? [`view ${relation ?? ""}`, `materialized view ${relation ?? ""}`] : [];
    for (const { part, on, onPart, goesWith } of needs) {
      if (goesWith || own.includes(on)) continue;
      const known = users.get(on);
      if (known) known.push({ label, part, onPart });
      else users.set(on, [{ label, part, onPart }]);
    }
  }
  return users;
}

/** The tables that one INHERITS from. A partition goes with its table, and does not count. */
export function parentsOf(from: readonly DumpedObject[]): Map<string, string[]> {
  return new Map(
    from.map(({ label, needs }) => [
      label,
      needs
        .filter(({ part, on, onPart, goesWith }) => {
          const isWhole = part === "" && onPart === "" && !goesWith;
          return isWhole && on !== label && on.startsWith("table ");
        })
        .map(({ on }) => on),
    ]),
  );
}
