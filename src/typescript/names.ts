/** Names in TypeScript for tables, enums and columns. */

/** `user_profiles` as `UserProfiles`; what no identifier may hold is left out. */
export function pascal(name: string): string {
  const joined = name
    .split(/[^\p{ID_Continue}$]+|_+/u)
    .filter((word) => word !== "")
    .map((word) => {
      const [first = "", ...rest] = Array.from(word);
      return first.toUpperCase() + rest.join("");
    })
    .join("");
  return /^[\p{ID_Start}$]/u.test(joined) ? joined : `T${joined}`;
}

export function camel(name: string): string {
  const [first = "", ...rest] = Array.from(name);
  return first.toLowerCase() + rest.join("");
}

/** A key of an object type: quoted where it is no identifier. */
export function propertyKey(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name);
}

/** What has a name that may be needed by another one too. */
export interface Nameable {
  readonly schema: string;
  readonly name: string;
}

// Names of the file's own, with the suffixes that tables get.
const taken = ["Json", "Interval", "Tables", "Date", "Record", "Partial", "Uint8Array"];

/**
 * A name for each: that of the table; with the schema before it where two have the same; with a
 * number where even that is one. The same list in any order gives the same names.
 */
export function chooseNames<T extends Nameable>(all: readonly T[]): ReadonlyMap<T, string> {
  const sorted = all.toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
  const count = new Map<string, number>();
  for (const { name } of sorted) {
    const key = pascal(name).toLowerCase();
    count.set(key, (count.get(key) ?? 0) + 1);
  }
  const used = new Set(taken.map((name) => name.toLowerCase()));
  const names = new Map<T, string>();
  for (const one of sorted) {
    const short = pascal(one.name);
    const isFree = count.get(short.toLowerCase()) === 1 && !used.has(short.toLowerCase());
    const wanted = isFree ? short : pascal(`${one.schema}_${one.name}`);
    let name = wanted;
    for (let n = 2; used.has(name.toLowerCase()); n += 1) name = `${wanted}${n}`;
    used.add(name.toLowerCase());
    names.set(one, name);
  }
  return names;
}

const sortKey = ({ schema, name }: Nameable) => `${schema}\0${name}`;
