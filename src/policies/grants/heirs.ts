/** Rights that somebody has passed on: they must go before the right that they come from. */
import type { Entry } from "./rights.ts";

/** An entry of an object or of one of its columns. */
export interface Held extends Entry {
  readonly column: string | null;
  readonly grantor: string;
}

/** An entry that goes, or loses its grant option. */
export interface Removal<E extends Held = Held> {
  readonly entry: E;
  readonly takes: "right" | "option";
  /** `heir`: goes only because what it comes from does. */
  readonly reason: "undeclared" | "revoked" | "option" | "heir";
  extra: "security" | undefined;
}

/**
 * Adds what was passed on by an entry that goes, to any depth: PostgreSQL refuses the one without
 * the other (2BP01), and silently keeps rights on columns that come from an option on the table. A chain with an end that nobody declares goes as a whole with `--prune`.
 *
 * Gives back also the entries that are declared all the same, which the owner must grant first.
 */
export function addHeirs<E extends Held>(
  first: readonly Removal<E>[],
  present: readonly E[],
  isDeclared: (entry: E) => boolean,
): { removals: Removal<E>[]; again: { entry: E; extra: "security" | undefined }[] } {
  const all = new Map(first.map((removal) => [removal.entry, removal]));
  const of = (entry: E) => all.get(entry);
  for (let changed = true; changed;) {
    changed = false;
    for (const heir of [...all.keys()].flatMap((entry) => heirsOf(entry, present))) {
      const keeps = present.some(
        (other) => other.isGrantable && isSource(other, heir) && of(other) === undefined,
      );
      if (keeps || of(heir)?.takes === "right") continue;
      const extra = isDeclared(heir) ? undefined : "security";
      all.set(heir, { entry: heir, takes: "right", reason: "heir", extra });
      changed = true;
    }
  }
  const removals = [...all.values()];
  for (let changed = true; changed;) {
    changed = false;
    for (const removal of removals) {
      if (removal.extra) continue;
      const heirs = heirsOf(removal.entry, present);
      const sources = removals.filter(
        ({ entry }) => removal.reason === "heir" && isSource(entry, removal.entry),
      );
      // What it comes from stays without --prune, and so may it.
      const waits = sources.length > 0 && sources.every(({ extra }) => extra);
      if (!waits && !removals.some(({ entry, extra }) => extra && heirs.includes(entry))) continue;
      removal.extra = "security";
      changed = true;
    }
  }
  const again = removals
    .filter(({ entry, takes }) => takes === "right" && isDeclared(entry))
    .filter(
      ({ entry }) =>
        !present.some((other) => isSameRight(other, entry) && of(other)?.takes !== "right"),
    )
    .map(({ entry, extra }) => ({ entry, extra }));
  return { removals, again };
}

/** `entry` lets its grantee grant `heir`: an option on the table covers its columns. */
function isSource(entry: Held, heir: Held): boolean {
  return (
    entry.grantee === heir.grantor &&
    entry.privilege === heir.privilege &&
    (entry.column === null || entry.column === heir.column)
  );
}

function isSameRight(one: Held, other: Held): boolean {
  return (
    one.grantee === other.grantee &&
    one.privilege === other.privilege &&
    one.column === other.column
  );
}

export function heirsOf<E extends Held>(entry: E, present: readonly E[]): E[] {
  return entry.isGrantable ? present.filter((heir) => heir !== entry && isSource(entry, heir)) : [];
}
