/** The words of a rollback that stops because it would lose data. */
import { isPostgresError } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Loss } from "./count-loss.ts";
import { describeLoss } from "./count-loss.ts";
import { guardState } from "./loss-guard.ts";
import type { DownStep } from "./plan-down.ts";
import { SectionFailed } from "./run-section.ts";

/**
 * Lets a rollback go on that loses nothing.
 *
 * @throws PgwrightError `data-loss` naming every loss, and then `note`.
 */
export function refuseLosses(found: ReadonlyMap<DownStep, readonly Loss[]>, note?: string): void {
  const losing = [...found].filter(([, losses]) => losses.length > 0);
  if (losing.length === 0) return;
  const notes = losing.flatMap(([step, losses]) =>
    losses.map((loss) => `${step.title} ${describeLoss(loss)}`),
  );
  throw dataLoss(
    `rolling back ${losing.map(([{ title }]) => title).join(", ")} would lose data`,
    note === undefined ? notes : [...notes, note],
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
      failure.error,
    ),
  });
}

function dataLoss(message: string, notes: readonly string[], cause?: unknown): PgwrightError {
  return new PgwrightError("data-loss", message, {
    cause,
    notes,
    hint: "pass --keep-data to keep it until the migration is applied again, or --allow-data-loss to lose what is listed",
  });
}
