/** What a rollback of several migrations can know of its losses before the first of them runs. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Loss } from "./count-loss.ts";
import type { Earlier, Examination } from "./data-loss.ts";
import { examineLosses, startOfRun } from "./data-loss.ts";
import { statementsOf } from "./journal.ts";
import { planLosses } from "./keep/plan-losses.ts";
import { bringsRows, changesValues, reachOf } from "./makes-rows.ts";
import type { DownStep } from "./plan-down.ts";
import type { RollbackOptions } from "./rollback.ts";
import type { Suspect } from "./suspect.ts";
import type { Names } from "./table-names.ts";
import { noRenames, sqlOf } from "./table-names.ts";

/** What would be lost, as the database is now; renames of earlier steps are followed. */
export interface Foreseen {
  readonly losses: ReadonlyMap<DownStep, readonly Loss[]>;
  /** Steps that may lose more than is counted, each with the first before it on which that depends. */
  readonly uncounted: ReadonlyMap<DownStep, DownStep>;
  /** What the steps before it have made of names. */
  readonly names: ReadonlyMap<DownStep, Names>;
  /** Code of which nobody can tell what it deletes. */
  readonly unseen: ReadonlyMap<DownStep, readonly string[]>;
}

export async function foresee(
  session: Session,
  steps: readonly DownStep[],
  options: RollbackOptions,
): Promise<Foreseen> {
  const earlier = startOfRun();
  const losses = new Map<DownStep, readonly Loss[]>();
  const names = new Map<DownStep, Names>();
  const unseen = new Map<DownStep, readonly string[]>();
  for (const step of steps) {
    const { tables, columns, separated } = earlier.names;
    names.set(step, {
      tables: [...tables],
      columns: new Map(columns),
      separated: new Set(separated),
    });
    const examination = await examine(session, step, options.role, earlier);
    unseen.set(step, examination.unseen);
    losses.set(step, (await planLosses(session, step, examination, options, 0)).losses);
  }
  return { losses, uncounted: findUncounted(steps), names, unseen };
}

/** What `--keep-data` does for a rollback: it is given, it could keep all that is listed, some of it, or nothing. */
export type Keeping = "given" | "all" | "some" | "none";

/** What `keepData` does, or would do, for these losses. */
export async function keepingOf(
  session: Session,
  steps: readonly DownStep[],
  options: RollbackOptions,
  { losses }: Pick<Foreseen, "losses">,
): Promise<Keeping> {
  if (options.keepData) return "given";
  const count = (found: Foreseen["losses"]) => [...found.values()].flat().length;
  const all = count(losses);
  if (all === 0) return "all";
  const kept = await foresee(session, steps, { ...options, keepData: true });
  const lost = count(kept.losses);
  return lost === 0 ? "all" : lost < all ? "some" : "none";
}

/** What one step would lose now, or behind the steps of `earlier`, which it is added to. */
export async function examine(
  session: Session,
  step: DownStep,
  role: string | undefined,
  earlier?: Earlier,
): Promise<Examination> {
  const { runs, journal } = step.work;
  return examineLosses(session, runs, role, step.section.line, journal?.doneStatements, earlier);
}

/** Steps that may remove what a step before them brings about, with that step. */
export function findUncounted(steps: readonly DownStep[]): Map<DownStep, DownStep> {
  const found = new Map<DownStep, DownStep>();
  let bringing: DownStep | undefined;
  let changing: DownStep | undefined;
  for (const step of steps) {
    const statements = statementsOf(step.work.runs);
    const reaches = statements.map(reachOf);
    const ofRows = reaches.some((reach) => reach !== undefined) ? bringing : undefined;
    const first = ofRows ?? (reaches.includes("values") ? changing : undefined);
    if (first) found.set(step, first);
    if (statements.some(bringsRows)) bringing ??= step;
    if (statements.some(changesValues)) changing ??= step;
  }
  return found;
}

/** A sentence behind the names of the files that depend on this one. */
export function describeUncounted({ title }: DownStep): string {
  return `may lose more than is listed: what ${title} makes or changes can be counted only when it is rolled back`;
}

/**
 * Losses that were not counted when the run began, or not all of whose rows were: what to stop for
 * though `allowDataLoss` lets go what was listed. `examination` is that of right before the step.
 */
export function findUnforeseen(
  { losses, uncounted, names }: Foreseen,
  step: DownStep,
  found: readonly Loss[],
  { lost }: Examination,
): Loss[] {
  if (!uncounted.has(step)) return [];
  const listed = [...losses.values()].flat();
  return found.filter((loss) => {
    const suspect = lost.find((one) => one.loss.object === loss.object)?.suspect;
    const { table, object } = suspect
      ? nameBefore(suspect, names.get(step) ?? noRenames())
      : { table: loss.object, object: loss.object };
    return !listed.some(
      (one) =>
        (one.object === object || one.object === table) &&
        (one.rows === null || one.isMore || (loss.rows !== null && loss.rows <= one.rows)),
    );
  });
}

/** What the table or column was called when the run began, as `Loss.object` has it. */
function nameBefore(
  { table, column }: Suspect,
  names: Names,
): { readonly table: string; readonly object: string } {
  const renamed = names.tables.findLast(
    ({ schemaThen, tableThen }) => `${ident(schemaThen)}.${ident(tableThen)}` === table,
  );
  const before = renamed ? sqlOf(renamed) : table;
  if (column === undefined) return { table: before, object: before };
  const name = names.columns.get(`${before}\n${column}`) ?? column;
  return { table: before, object: `${before}.${ident(name)}` };
}
