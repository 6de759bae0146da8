/** The tables that effects are about, for a plan that is read before it runs. */
import { ident } from "../db/identifier.ts";
import type { Effect } from "./effect.ts";
import type { Work } from "./facts.ts";
import type { LockMode } from "./mode.ts";
import { isAtLeast } from "./mode.ts";
import type { Model } from "./model.ts";

/** One table that a statement locks so that others could notice. */
export interface LockedTable {
  /** As SQL. */
  readonly table: string;
  readonly lock: LockMode;
  readonly work: Work;
  /** The planner's estimate; null where there is none, as the table was never analyzed. */
  readonly rows: number | null;
  /** With its indexes, and its partitions; null where the table is not known. */
  readonly bytes: number | null;
  /** What could not be told, so that the worst is assumed. */
  readonly unsure?: string;
}

/** The tables of some effects, each once with its strongest lock and its work; new ones and weak locks left out. */
export function lockedTables(effects: readonly Effect[], model: Model): LockedTable[] {
  const found = new Map<string, LockedTable>();
  const note = (name: string, lock: LockMode, work: Work, unsure?: string) => {
    const known = model.table(name);
    const isWeak = work === "none" && !isAtLeast(lock, "SHARE UPDATE EXCLUSIVE");
    if (isWeak || known?.isNew === true || (model.isWhole && !known)) return;
    const before = found.get(name);
    found.set(name, {
      table: name.split(".").map(ident).join("."),
      lock: before && isAtLeast(before.lock, lock) ? before.lock : lock,
      work: before && works.indexOf(before.work) > works.indexOf(work) ? before.work : work,
      rows: known?.rows ?? null,
      bytes: known?.bytes ?? null,
      ...(unsure === undefined ? {} : { unsure }),
    });
  };
  for (const { table, lock, work, other, unsure } of effects) {
    note(table, lock, work, unsure);
    if (other) note(other.table, other.lock, other.work);
  }
  return [...found.values()];
}

const works: readonly Work[] = ["none", "scan", "index", "rewrite"];
