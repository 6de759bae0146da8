/** Dependencies between the objects of a dump, and the way out of cycles. */
import { PgwrightError } from "../errors.ts";
import type { Catalog } from "./catalog.ts";
import type { Address, SchemaObject } from "./object.ts";
import type { Needs, Placed } from "./order.ts";
import { inCycles, sortObjects } from "./order.ts";

export interface OrderedObjects {
  readonly placed: readonly Placed[];
  /** Addresses of what is made in a statement of its own instead of inside its object's. */
  readonly apart: ReadonlySet<Address>;
}

/** Finds the object that stands for an address, if one is dumped. */
export type Owner = (address: Address) => SchemaObject | undefined;

/**
 * Sorts the objects by their dependencies. Where those go in a circle, defaults and checks are
 * taken out of their tables first (a default that calls a function that takes the table's rows);
 * then a view is created empty and replaced later (a function and a view that use each other).
 *
 * @throws PgwrightError `dump-unsupported` naming the objects of a circle that is left.
 */
export function orderObjects(catalog: Catalog, objects: readonly SchemaObject[]): OrderedObjects {
  let apart = new Set<Address>();
  for (const loosen of [looseningPieces, looseningViews, undefined]) {
    const all = objects.flatMap((object) => expand(object, apart));
    const owner = ownersOf(catalog, all);
    const needs = needsOf(catalog, all, owner);
    const { placed, stuck } = sortObjects(all, needs);
    if (stuck.length === 0) return { placed, apart };
    const cycle = inCycles(stuck, needs);
    if (!loosen) throw unbreakable(cycle);
    apart = new Set([...apart, ...loosen(cycle, catalog, owner)]);
  }
  return { placed: [], apart };
}

/** The objects that one stands for, once what is apart has been taken out of it. */
function expand(object: SchemaObject, apart: ReadonlySet<Address>): SchemaObject[] {
  if (object.placeholder && apart.has(object.addresses[0] ?? "")) {
    const { placeholder } = object;
    const rest = object.addresses.slice(placeholder.addresses.length);
    const requires = [...(object.requires ?? []), ...placeholder.addresses];
    // The placeholder keeps the view's name for others; the view itself comes when it can.
    return [placeholder, { ...object, addresses: rest, requires }];
  }
  const pieces = (object.pieces ?? []).filter((piece) => apart.has(piece.addresses[0] ?? ""));
  if (pieces.length === 0) return [object];
  const taken = new Set(pieces.flatMap((piece) => piece.addresses));
  return [
    { ...object, addresses: object.addresses.filter((address) => !taken.has(address)) },
    ...pieces.map((piece) => piece.apart),
  ];
}

/**
 * Whose each address is. What is no object of its own (a row type, a constraint's trigger, a clone
 * on a partition) hangs on one by an internal dependency; what an extension made is the
 * extension's.
 */
export function ownersOf(catalog: Catalog, objects: readonly SchemaObject[]): Owner {
  const owners = new Map<Address, SchemaObject | undefined>();
  for (const object of objects) {
    for (const address of object.addresses) owners.set(address, object);
    for (const address of object.covers ?? []) owners.set(address, object);
  }
  const find = (address: Address): SchemaObject | undefined => {
    if (owners.has(address)) return owners.get(address);
    owners.set(address, undefined);
    const extension = catalog.members.get(address);
    const internal = (catalog.dependencies.get(address) ?? []).filter(([, kind]) =>
      ["i", "P", "S"].includes(kind),
    );
    const candidates = extension === undefined ? internal.map(([to]) => to) : [extension];
    let found: SchemaObject | undefined;
    for (const candidate of candidates) found ??= find(candidate);
    owners.set(address, found);
    return found;
  };
  return find;
}

/** What each object needs before it, among these. */
export function needsOf(catalog: Catalog, objects: readonly SchemaObject[], owner: Owner): Needs {
  const resolved = new Map<SchemaObject, Set<SchemaObject>>();
  for (const object of objects) {
    const found = new Set<SchemaObject>();
    const needed = [
      ...object.addresses.flatMap((address) => dependenciesOf(catalog, object, address)),
      ...(object.requires ?? []),
    ];
    for (const address of needed) {
      const other = owner(address);
      if (other && other !== object) found.add(other);
    }
    resolved.set(object, found);
  }
  return (object) => resolved.get(object) ?? new Set();
}

function dependenciesOf(catalog: Catalog, object: SchemaObject, address: Address): Address[] {
  return (catalog.dependencies.get(address) ?? [])
    .map(([to]) => to)
    .filter((to) => object.ignores?.includes(to) !== true);
}

function looseningPieces(
  cycle: ReadonlySet<SchemaObject>,
  catalog: Catalog,
  owner: Owner,
): Address[] {
  return [...cycle]
    .flatMap((object) => object.pieces ?? [])
    .filter((piece) =>
      piece.addresses.some((address) =>
        (catalog.dependencies.get(address) ?? []).some(([to]) => {
          const other = owner(to);
          return other !== undefined && cycle.has(other) && !other.pieces?.includes(piece);
        }),
      ),
    )
    .flatMap((piece) => piece.addresses);
}

function looseningViews(cycle: ReadonlySet<SchemaObject>): Address[] {
  return [...cycle]
    .filter((object) => object.placeholder !== undefined)
    .flatMap((object) => object.addresses.slice(0, 1));
}

function unbreakable(cycle: ReadonlySet<SchemaObject>): PgwrightError {
  const labels = [...cycle].map((object) => object.label).toSorted();
  return new PgwrightError(
    "dump-unsupported",
    "the schema cannot be dumped: these objects depend on each other in a circle",
    { notes: labels, hint: "nothing was written; take one of them out of the circle" },
  );
}
