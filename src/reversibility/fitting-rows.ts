/** One migration tried with rows that fit it: made up ones may be such as there are none in production. */
import type { MigrationFile } from "../migrate/file.ts";
import type { Open } from "../migrate/migrator.ts";
import type { DataTrial, SectionWrites } from "./data-trial.ts";
import { tryWithRows } from "./data-trial.ts";
import type { FillOptions } from "./fill.ts";
import type { Failure, Ways } from "./trial.ts";

/** One that got no rows, because those that were made up are in the migration's way. */
export interface SparedTable {
  /** `schema.name` */
  readonly table: string;
  readonly why: string;
}

export interface FittingTrial extends DataTrial {
  /** Tables that were left without rows, for the migration to be applied at all. */
  readonly spared?: readonly SparedTable[];
  /** Columns that were left without unusual texts: a section fails with them alone. */
  readonly withoutTexts?: {
    readonly columns: readonly string[];
    readonly failure: Failure;
    /** The rollback fails with values that were there before the migration. */
    readonly isDown: boolean;
  };
}

/** As many tables are tried without rows, one more each time, before the failure is told. */
const mostSpared = 3;

/**
 * Tries a migration with rows: up, down, up, each time in a copy of its own. Where the migration meets
 * rows that it would not find in production, such as a made up one that has the key of a row that it
 * inserts, it is tried without rows in that table; where unusual texts make a section fail, without these.
 */
export async function tryWithFittingRows(
  within: <T>(work: (open: Open) => Promise<T>) => Promise<T>,
  ways: Ways,
  file: MigrationFile,
  writes: SectionWrites,
  options: FillOptions,
): Promise<FittingTrial> {
  const tryOnce = async (spared: readonly SparedTable[]): Promise<FittingTrial> => {
    const without = new Set(spared.map(({ table }) => table));
    const tryWith = (from: SectionWrites["from"]) =>
      within((open) =>
        tryWithRows(ways, open, file, { ...writes, from }, { ...options, spared: without }),
      );
    const trial = await tryWith(writes.from);
    const [failure, columns] = [failureOf(trial), trial.unusual ?? []];
    if (failure === undefined || columns.length === 0) return { ...trial, spared };
    const usual = await tryWith([]);
    return failureOf(usual) === undefined
      ? {
          ...usual,
          spared,
          withoutTexts: { columns, failure, isDown: failure === trial.downFailure },
        }
      : { ...usual, spared };
  };
  const first = await tryOnce([]);
  const spared: SparedTable[] = [];
  for (let trial = first; ;) {
    const { upFailure, unfilled } = trial;
    if (upFailure === undefined) return unfilled === undefined ? trial : first;
    const { table, sqlstate = "" } = upFailure;
    const isKnown = spared.some((one) => one.table === table);
    // That there is no value for a column that must have one is true of any row.
    const isAboutValues = sqlstate.startsWith("23") && sqlstate !== "23502";
    if (table === undefined || !isAboutValues || isKnown || spared.length === mostSpared) {
      return first;
    }
    spared.push({ table, why: upFailure.message });
    trial = await tryOnce([...spared]);
  }
}

/** Of its sections, with the rows that were there before it. */
function failureOf({ upFailure, downFailure, againFailure }: DataTrial): Failure | undefined {
  return upFailure ?? downFailure ?? againFailure;
}
