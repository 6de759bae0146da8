/** Walks JSON to its leaves. */
import type { Kind } from "./detector.ts";

/** `path` begins with the column: `meta.contacts[*].email`. */
export type Visit = (
  path: string,
  key: string,
  parents: readonly string[],
  value: string,
  kind: Kind,
) => void;

// A key that is itself a value: an address, an identifier, a number, a date.
const valueKey = /@|^\+?\d[\d\s().-]*$|^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$|^[\da-f]{24,}$/i;
// An object with more different keys than this, each of which is in few documents, is a map; one with
// very many is a map whatever else.
const mostKeys = 50;
const fewTimes = 5;
const veryManyKeys = 500;
const deepest = 32;

/** Which paths are maps, learned from documents before they are walked. */
export class Shape {
  /** By path: the different keys, and how many there were in all documents. */
  readonly #keys = new Map<string, { readonly keys: Set<string>; total: number }>();

  learn(path: string, value: unknown, depth = 0): void {
    if (typeof value !== "object" || value === null || depth > deepest) return;
    if (Array.isArray(value)) {
      for (const member of value) this.learn(`${path}[*]`, member, depth + 1);
      return;
    }
    const seen = this.#keys.get(path) ?? { keys: new Set<string>(), total: 0 };
    this.#keys.set(path, seen);
    for (const [key, member] of Object.entries(value)) {
      if (seen.keys.size <= veryManyKeys) seen.keys.add(key);
      seen.total += 1;
      this.learn(this.#next(path, key), member, depth + 1);
    }
  }

  /** Calls `visit` for each text, number and truth value, and for keys that are values themselves. */
  walk(path: string, value: unknown, visit: Visit): void {
    this.#walk({ path, key: lastKey(path), parents: [] }, value, visit, 0);
  }

  #walk(
    place: { path: string; key: string; parents: readonly string[] },
    value: unknown,
    visit: Visit,
    depth: number,
  ): void {
    const { path, key, parents } = place;
    if (depth > deepest || value === null || value === undefined) return;
    if (typeof value === "object") {
      if (Array.isArray(value)) {
        for (const member of value)
          this.#walk({ path: `${path}[*]`, key, parents }, member, visit, depth + 1);
        return;
      }
      for (const [name, member] of Object.entries(value)) {
        const next = this.#next(path, name);
        const isMap = next.endsWith(".*");
        if (isMap) visit(next, key, parents, name, "text");
        const inner = isMap
          ? { path: next, key, parents }
          : { path: next, key: name, parents: [...parents, key] };
        this.#walk(inner, member, visit, depth + 1);
      }
      return;
    }
    const kind =
      typeof value === "number" ? "number" : typeof value === "boolean" ? "boolean" : "text";
    visit(path, key, parents, typeof value === "string" ? value : JSON.stringify(value), kind);
  }

  #next(path: string, key: string): string {
    const isMap = valueKey.test(key) || this.#isMap(path);
    return isMap ? `${path}.*` : `${path}.${/^[\w$-]+$/.test(key) ? key : JSON.stringify(key)}`;
  }

  #isMap(path: string): boolean {
    const { keys, total } = this.#keys.get(path) ?? { keys: new Set(), total: 0 };
    return keys.size > veryManyKeys || (keys.size > mostKeys && total / keys.size < fewTimes);
  }
}

function lastKey(path: string): string {
  return (
    path
      .replace(/(?:\[\*\])+$/, "")
      .split(".")
      .at(-1) ?? path
  );
}
