/** Turns the tables at which `partitions maintain` failed into one error. */
import type { ErrorExit } from "../../errors.ts";
import { errorCatalogue, PgwrightError } from "../../errors.ts";
import { countOf } from "../../db/amount.ts";
import type { MaintainedTable, MaintainResult } from "./maintain.ts";

/** True when something was committed for this table. */
export function hasChanged({
  created,
  changed,
  moved,
  detached,
  dropped,
}: MaintainedTable): boolean {
  return created.length + changed.length + moved + detached.length + dropped.length > 0;
}

/**
 * Does nothing where no table failed.
 *
 * @throws PgwrightError with the code that all of them share, else `partitions-refused`.
 */
export function throwFailed(result: MaintainResult): void {
  const failed = result.tables.filter(({ state }) => state === "failed");
  const [first, ...others] = failed;
  if (!first) return;
  const code =
    first.code && others.every((other) => other.code === first.code)
      ? first.code
      : "partitions-refused";
  const isUntouched = !result.tables.some(hasChanged);
  const exit: ErrorExit = isUntouched ? errorCatalogue[code].exit : 4;
  const message =
    others.length === 0
      ? `${first.table}: ${first.reason}`
      : `${failed.length} of ${result.tables.length} tables failed`;
  throw new PgwrightError(code, message, {
    exit,
    result,
    hint: others.length === 0 ? first.hint : undefined,
    notes: [
      ...(others.length === 0 ? (first.notes ?? []) : failed.flatMap(describeFailed)),
      ...result.tables.flatMap((table) => describeDone(table)),
    ],
  });
}

function describeFailed({ table, reason, notes = [], hint }: MaintainedTable): string[] {
  return [
    `${table}: ${reason}`,
    ...notes.map((note) => `  ${note}`),
    ...(hint === undefined ? [] : [`  hint: ${hint}`]),
  ];
}

function describeDone(table: MaintainedTable): string[] {
  const { created, moved, detached, dropped, changed, state, reason } = table;
  const parts = [
    ...(created.length > 0 ? [`created ${countOf(created.length, "partition")}`] : []),
    ...(moved > 0 ? [`moved ${countOf(moved, "row")}`] : []),
    ...(changed.length > 0 ? [`ran ${countOf(changed.length, "statement")}`] : []),
    ...(detached.length > 0 ? [`detached ${detached.join(", ")}`] : []),
    ...(dropped.length > 0 ? [`dropped ${dropped.map((one) => one.table).join(", ")}`] : []),
  ];
  if (state === "postponed") return [`postponed: ${table.table}: ${reason}`];
  if (state === "failed" && parts.length === 0) return [];
  return [
    `${state === "done" ? "done" : "done before it"}: ${table.table}${parts.length > 0 ? `: ${parts.join("; ")}` : ""}`,
  ];
}
