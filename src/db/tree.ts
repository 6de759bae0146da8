/** Looking into parse trees: a node is an object with one key, the name of its kind. */
import type { Node, Tree } from "./script.ts";

type KeysOf<T> = T extends T ? keyof T : never;
export type NodeKind = KeysOf<Node>;
export type NodeOf<K extends NodeKind> = Extract<Node, Record<K, unknown>>[K];

/** What is inside `node` when it is of this kind. */
export function as<K extends NodeKind>(node: Node | undefined, kind: K): NodeOf<K> | undefined {
  return (node as Partial<Record<K, NodeOf<K>>> | undefined)?.[kind];
}

/** The members of a list that are of this kind. */
export function allOf<K extends NodeKind>(
  nodes: readonly Node[] | undefined,
  kind: K,
): NodeOf<K>[] {
  const found: NodeOf<K>[] = [];
  if (nodes === undefined) return found;
  // By places: what walks a list makes two objects a step until V8 has optimised it.
  for (let place = 0; place < nodes.length; place += 1) {
    const inner = as(nodes[place], kind);
    if (inner !== undefined) found.push(inner);
  }
  return found;
}

/** Every node of this kind at any depth, the outer ones first. */
export function findNodes<K extends NodeKind>(root: unknown, kind: K): NodeOf<K>[] {
  return valuesOf(root, kind) as NodeOf<K>[];
}

/** What stands under this key, a node's kind or a field's name, at any depth. */
export function valuesOf(root: unknown, wanted: string): unknown[] {
  const found: unknown[] = [];
  // Not by recursion: a sum of thousands of terms is as deep as it is long.
  const left: unknown[] = [root];
  while (left.length > 0) {
    let value = left.pop();
    if (value instanceof Wanted) {
      ({ value } = value);
      found.push(value);
    }
    // The last one is taken first.
    if (Array.isArray(value)) {
      for (let place = value.length - 1; place >= 0; place -= 1) left.push(value[place]);
    } else if (typeof value === "object" && value !== null) {
      const keys = Object.keys(value);
      for (let place = keys.length - 1; place >= 0; place -= 1) {
        const key = keys[place] ?? "";
        const member = (value as Record<string, unknown>)[key];
        if (key === wanted) left.push(new Wanted(member));
        else if (typeof member === "object") left.push(member);
      }
    }
  }
  return found;
}

/** What stands under the key, among what else is left to be looked through. */
class Wanted {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** The strings of a list of String nodes: the parts of a qualified name. */
export function stringsOf(nodes: readonly Node[] | undefined): string[] {
  const found: string[] = [];
  for (let place = 0; place < (nodes?.length ?? 0); place += 1) {
    const string = as(nodes?.[place], "String");
    if (string !== undefined) found.push(string.sval ?? "");
  }
  return found;
}

/** `WITH (name)`, `name = true`, `name on`: what PostgreSQL reads as an option that is set. */
export function isOptionOn(
  options: readonly Node[] | undefined,
  name: string,
  otherwise: boolean,
): boolean {
  const option = allOf(options, "DefElem").findLast(({ defname }) => defname === name);
  if (!option) return otherwise;
  if (!option.arg) return true;
  const number = as(option.arg, "Integer");
  if (number) return number.ival === 1;
  const flag = as(option.arg, "Boolean");
  if (flag) return flag.boolval === true;
  return ["true", "on"].includes((as(option.arg, "String")?.sval ?? "").toLowerCase());
}

/** `schema.name` as written in the script; the schema only where it was written. */
export function relationName(relation: Tree.RangeVar | undefined): string {
  const { schemaname = "", relname = "" } = relation ?? {};
  return schemaname === "" ? relname : `${schemaname}.${relname}`;
}
