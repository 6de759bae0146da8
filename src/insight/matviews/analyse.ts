/** Fresh statistics for the planner where a refresh has changed much. */
import { qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { isPostgresError } from "../../db/session.ts";
import { beginning, refreshing, type PlannedRefresh } from "./plan-refresh.ts";
import type { RefreshOptions } from "./refresh.ts";

// As autovacuum_analyze_scale_factor has it by default; it would come by within a minute or later.
const muchShare = 0.1;

/**
 * ANALYZE after the refresh is committed: its lock keeps nobody from reading. It is no part of the
 * refresh, so that it fails is only told.
 */
export async function analyseAfter(
  session: Session,
  planned: PlannedRefresh,
  done: {
    readonly rows: number | null;
    readonly added: number | null;
    readonly removed: number | null;
  },
  options: RefreshOptions,
): Promise<void> {
  const { schema, name, view } = planned.matview;
  const { rows, added, removed } = done;
  const isLittle =
    added !== null && removed !== null && rows !== null && added + removed <= rows * muchShare;
  if (isLittle) return;
  const role = refreshing(planned).slice(0, -1);
  const lines = [
    ...beginning(planned, options),
    ...role,
    `ANALYZE ${qualified(schema, name)}`,
    "COMMIT",
  ];
  try {
    await session.script(lines.join(";\n"));
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    if (!isPostgresError(error)) throw error;
    options.events({
      type: "notice",
      level: "warning",
      message: `${view} is refreshed, but not analysed: ${error.message}`,
    });
  }
}
