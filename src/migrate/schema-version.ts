/** The semantic version of a schema, raised by every migration. */

/** From the smallest to the greatest. */
export const changes = ["patch", "minor", "major"] as const;

/**
 * What a migration means to programs written for the schema before it: they may break (major),
 * go on and miss something new (minor), or notice nothing (patch).
 */
export type Change = (typeof changes)[number];

/** The version of an empty database. */
const firstVersion = "0.0.0";

/** True when `a` is a smaller change than `b`. */
export function isBelow(a: Change, b: Change): boolean {
  return changes.indexOf(a) < changes.indexOf(b);
}

/** The greatest of several changes; patch when there are none. */
export function greatest(all: Iterable<Change>): Change {
  let found: Change = "patch";
  for (const change of all) if (isBelow(found, change)) found = change;
  return found;
}

/**
 * The version after a change: `1.4.2` becomes 2.0.0, 1.5.0 or 1.4.3.
 *
 * @throws RangeError when `version` is not three numbers with dots.
 */
export function raise(version: string, change: Change): string {
  const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (!parts) throw new RangeError(`not a schema version: ${version}`);
  const [major = 0, minor = 0, patch = 0] = parts.slice(1).map(Number);
  if (change === "major") return `${major + 1}.0.0`;
  return change === "minor" ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

/**
 * The version of a schema: every applied change in the order of application. Computed from what is
 * applied now, so that a rollback gives back the version before. A row nobody recorded a change
 * for counts as minor.
 */
export function schemaVersionOf(applied: readonly { readonly change: Change | null }[]): string {
  return applied.reduce((version, { change }) => raise(version, change ?? "minor"), firstVersion);
}
