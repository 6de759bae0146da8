/** The words of a rollback that stops because it would lose data. */
import { isPostgresError } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Loss } from "./count-loss.ts";
import { describeLoss } from "./count-loss.ts";
import { guardState } from "./loss-guard.ts";
import type { Foreseen, Keeping } from "./foreseen.ts";
import { describeUncounted } from "./foreseen.ts";
import type { DownStep } from "./plan-down.ts";
import { SectionFailed } from "./run-section.ts";

const ways: Record<Keeping, (what: string) => string> = {
  given: (what) => `add --allow-data-loss to lose ${what} and keep the rest`,
  all: (what) =>
    `pass --keep-data to keep it until the migration is applied again, or --allow-data-loss to lose ${what}`,
  some: (what) =>
    `not all of it can be kept (--keep-data says why): pass --allow-data-loss to lose ${what}, with --keep-data to keep the rest until the migration is applied again`,
  none: (what) =>
    `none of it can be kept (--keep-data says why): pass --allow-data-loss to lose ${what}`,
};

/**
 * Lets a rollback go on that loses nothing.
 *
 * @throws PgwrightError `data-loss` naming every loss, the files that may lose more, and then `note`.
 */
export function refuseLosses(
  { losses: found, uncounted }: Foreseen,
  keeping: Keeping,
  note?: string,
): void {
  const losing = [...found].filter(([, losses]) => losses.length > 0);
  if (losing.length === 0) return;
  const notes = losing.flatMap(([step, losses]) =>
    losses.map((loss) => `${step.title} ${describeLoss(loss)}`),
  );
  const more = [...new Set(uncounted.values())].map((first) => {
    const files = [...uncounted].flatMap(([step, one]) => (one === first ? [step.title] : []));
    return `${files.join(", ")} ${describeUncounted(first)}`;
  });
  throw dataLoss(
    `rolling back ${losing.map(([{ title }]) => title).join(", ")} would lose data`,
    [...notes, ...more, ...(note === undefined ? [] : [note])],
    keeping,
    more.length > 0 ? "what is listed (it stops again before more is lost)" : "what is listed",
  );
}

/** A guard that found rows: they came in after the look at the data, or were not all moved away. */
export function explainGuard(error: unknown, step: DownStep, keepsData: boolean): unknown {
  if (!(error instanceof SectionFailed)) return error;
  const { failure } = error;
  if (!isPostgresError(failure.error) || failure.error.code !== guardState) return error;
  return new SectionFailed({
    ...failure,
    error: dataLoss(
      `rolling back ${step.title} would lose data`,
      [`${step.title} ${failure.error.message}`],
      keepsData ? "given" : "all",
      "what is listed",
      failure.error,
    ),
  });
}

/**
 * Stops a rollback that may lose what was listed, before it loses anything else.
 *
 * @throws PgwrightError `data-loss` naming it.
 */
export function refuseUnforeseen(
  { title }: DownStep,
  losses: readonly Loss[],
  keepsData: boolean,
): void {
  if (losses.length === 0) return;
  throw dataLoss(
    `rolling back ${title} would lose more than could be counted when the run began`,
    losses.map((loss) => `${title} ${describeLoss(loss)}`),
    keepsData ? "given" : "all",
    "this as well",
  );
}

function dataLoss(
  message: string,
  notes: readonly string[],
  keeping: Keeping,
  what: string,
  cause?: unknown,
): PgwrightError {
  return new PgwrightError("data-loss", message, {
    cause,
    notes,
    hint: ways[keeping](what),
  });
}
