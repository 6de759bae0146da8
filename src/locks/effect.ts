/** A fact of the table, come true for a table that has a name. */
import type { FactName, Work } from "./facts.ts";
import { factOf } from "./facts.ts";
import type { LockMode } from "./mode.ts";
import { keyOf } from "./model.ts";

/** One lock on one table, with the work that is done under it. */
export interface Effect {
  readonly fact: FactName;
  /** As written, without quotes: `shop.orders`. */
  readonly table: string;
  readonly lock: LockMode;
  readonly work: Work;
  /** The table beside it that is locked too. */
  readonly other?:
    | { readonly table: string; readonly lock: LockMode; readonly work: Work }
    | undefined;
  /** The name of the column it is about, where there is one. */
  readonly column?: string | undefined;
  /** The index that is built anew, where that is its work. */
  readonly index?: string | undefined;
  /** Place of the command in its ALTER TABLE, from 0. */
  readonly command?: number | undefined;
  /** What would have to be known to be sure: "the type that x has now". The worst is assumed. */
  readonly unsure?: string | undefined;
}

type More = Pick<Effect, "column" | "index" | "command" | "unsure"> & { readonly lock?: LockMode };

/** An effect as the table of facts has it. `other` is the name of the second table. */
export function effect(name: FactName, table: string, other?: string, more: More = {}): Effect {
  const { lock, work, other: second } = factOf(name);
  return {
    fact: name,
    table: keyOf(table),
    lock,
    work,
    ...(second && other !== undefined
      ? { other: { table: keyOf(other), lock: second.lock, work: second.work ?? "none" } }
      : {}),
    ...more,
  };
}

const untold = "the table of ";

/** What stands for the table of an index of which nobody has told. */
export function tableOfUntold(index: string): string {
  return untold + index;
}

/** The index in what stands for its table; undefined for the name of a table. */
export function untoldIndexOf(table: string): string | undefined {
  return table.startsWith(untold) ? table.slice(untold.length) : undefined;
}
