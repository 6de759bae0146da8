/** The words of a rollback that stops because it would lose data. */
import { isPostgresError } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Loss } from "./count-loss.ts";
import { describeLoss } from "./count-loss.ts";
import { guardState } from "./loss-guard.ts";
import type { Foreseen } from "./foreseen.ts";
import { describeUncounted } from "./foreseen.ts";
import type { DownStep } from "./plan-down.ts";
import { SectionFailed } from "./run-section.ts";

/**
 * Lets a rollback go on that loses nothing.
 *
 * @throws PgwrightError `data-loss` naming every loss, the files that may lose more, and then `note`.
 */
export function refuseLosses({ losses: found, uncounted }: Foreseen, note?: string): void {
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
    more.length > 0 ? "what is listed (it stops again before more is lost)" : "what is listed",
  );
}

/** A guard that found rows: they came in after the look at the data, or were not all moved away. */
export function explainGuard(error: unknown, step: DownStep): unknown {
  if (!(error instanceof SectionFailed)) return error;
  const { failure } = error;
  if (!isPostgresError(failure.error) || failure.error.code !== guardState) return error;
  return new SectionFailed({
    ...failure,
    error: dataLoss(
      `rolling back ${step.title} would lose data`,
      [`${step.title} ${failure.error.message}`],
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
export function refuseUnforeseen({ title }: DownStep, losses: readonly Loss[]): void {
  if (losses.length === 0) return;
  throw dataLoss(
    `rolling back ${title} would lose more than could be counted when the run began`,
    losses.map((loss) => `${title} ${describeLoss(loss)}`),
    "this as well",
  );
}

function dataLoss(
  message: string,
  notes: readonly string[],
  what: string,
  cause?: unknown,
): PgwrightError {
  return new PgwrightError("data-loss", message, {
    cause,
    notes,
    hint: `pass --keep-data to keep it until the migration is applied again, or --allow-data-loss to lose ${what}`,
  });
}
