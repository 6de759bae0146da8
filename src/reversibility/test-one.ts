/** All that is tried of one migration, and what it comes to. */
import type { LeftStatement } from "../migrate/confinement.ts";
import type { InspectedMigration } from "../migrate/inspect.ts";
import type { Open } from "../migrate/migrator.ts";
import type { Sections } from "../migrate/section.ts";
import type { DumpedSchema } from "../schema/dump.ts";
import type { SectionWrites } from "./data-trial.ts";
import type { FillOptions } from "./fill.ts";
import { tryWithFittingRows } from "./fitting-rows.ts";
import { judge } from "./judge.ts";
import type { Judged } from "./judge.ts";
import { proposeDown } from "./propose.ts";
import { isAllLeftOut, placeLeftOut } from "./server-wide-statements.ts";
import type { Trial, Ways } from "./trial.ts";
import { tryMigration } from "./trial.ts";
import { writesOf } from "./unmet-writes.ts";
import { tablesWrittenFrom } from "./unusual-texts.ts";

export interface TestPlace {
  readonly ways: Ways;
  /** Does work in a copy of a database in which everything before the migration is applied. */
  readonly within: <T>(work: (open: Open) => Promise<T>) => Promise<T>;
  /** What was left out of the migration so far. */
  readonly leftOut: () => readonly LeftStatement[];
  /** With it, the migration is tried with rows too. */
  readonly fill: FillOptions | undefined;
  /** `migrations.role` */
  readonly role: string | undefined;
  /** Who owns what migrations make. */
  readonly owner: string;
}

/**
 * @param before the schema that the migration meets.
 * @returns with the schema that it makes; undefined where it cannot be applied.
 * @throws PgwrightError for everything but sections and rows that the server refuses.
 */
export async function testOne(
  one: InspectedMigration,
  before: DumpedSchema,
  { ways, within, leftOut, fill, role, owner }: TestPlace,
): Promise<Judged & { readonly after: DumpedSchema | undefined }> {
  const started = performance.now();
  const { file, sections } = one;
  const hasDown = sections.down !== undefined;
  const trial = await within((open) => tryMigration(ways, open, file, { before, hasDown }));
  const { after, upFailure, downFailure } = trial;
  const isNothingLeft = isAllLeftOut(one, leftOut());
  const isUndone = hasDown && !isNothingLeft && !upFailure && !downFailure;
  const data =
    fill && isUndone
      ? await tryWithFittingRows(within, ways, file, writesIn(one), fill)
      : undefined;
  const proposal =
    after && needsProposal(sections, trial)
      ? await proposeDown(ways, one, { before, after, owner, within })
      : undefined;
  const judged = judge(file, sections, {
    trial,
    data,
    proposal,
    role,
    leftOut: placeLeftOut(one, leftOut()),
    isNothingLeft,
    durationMs: performance.now() - started,
  });
  return { ...judged, after };
}

function writesIn({ file, up, down }: InspectedMigration): SectionWrites {
  return {
    up: writesOf(file, up),
    down: down ? writesOf(file, down) : [],
    from: tablesWrittenFrom([...up.statements, ...(down?.statements ?? [])]),
  };
}

function needsProposal({ down, irreversible }: Sections, trial: Trial): boolean {
  if (!down) return irreversible === undefined;
  const isOther = trial.unrestored?.some(({ kind }) => kind !== "column-order") ?? false;
  return isOther || trial.downFailure !== undefined;
}
