/** What each object of a dump needs, column by column: finer than the order of the dump asks for. */
import type { Catalog } from "./catalog.ts";
import { ownersOf } from "./graph.ts";
import type { Address, SchemaObject } from "./object.ts";

/** One part of an object needs a part of the same or of another one. */
export interface Need {
  /** `column a`, `constraint b`; "" for the object itself. */
  readonly part: string;
  /** The label of what is needed. */
  readonly on: string;
  readonly onPart: string;
  /** It is dropped together with what it needs (pg_depend's kinds but `n`), and is no hindrance. */
  readonly goesWith: boolean;
}

/** What PostgreSQL has noted in pg_depend about these objects, as parts and labels. */
export function elementNeeds(
  catalog: Catalog,
  objects: readonly SchemaObject[],
): (object: SchemaObject) => readonly Need[] {
  const owner = ownersOf(catalog, objects);
  return (object) => {
    const found = new Map<string, Need>();
    const add = (part: string, on: Address, onSub: number, goesWith: boolean): void => {
      const other = owner(on);
      if (!other || object.ignores?.includes(on) === true) return;
      const onPart = partAt(other, on, onSub);
      if (other === object && (onPart === part || onPart === "")) return;
      const key = [part, other.label, onPart].join("\n");
      // One that hinders is enough.
      if (found.get(key)?.goesWith === false) return;
      found.set(key, { part, on: other.label, onPart, goesWith });
    };
    for (const address of object.addresses) {
      for (const { sub, on, onSub, kind } of catalog.columnDependencies.get(address) ?? []) {
        if (kind !== "x") add(partAt(object, address, sub), on, onSub, kind !== "n");
      }
    }
    // What the catalog does not know as a thing of its own: a comment, a proof.
    if (object.addresses.length === 0) {
      for (const on of object.requires ?? []) add("", on, 0, true);
    }
    // pg_depend does not say it of a CHECK.
    const { inherited } = object;
    const parent = inherited && owner(inherited.from);
    for (const part of parent ? inherited.parts : []) {
      found.set(`${part}\n${parent?.label ?? ""}`, {
        part,
        on: parent?.label ?? "",
        onPart: part,
        goesWith: true,
      });
    }
    return [...found.values()];
  };
}

function partAt({ elements }: SchemaObject, address: Address, sub: number): string {
  return elements?.get(`${address}/${sub}`) ?? elements?.get(address) ?? "";
}
