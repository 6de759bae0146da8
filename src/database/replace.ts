/** Puts an empty database in the place of one whose content is known to be ours. */
import { readSessions, refuseBusy } from "./drop.ts";
import { readProperties } from "./properties.ts";
import { applyReset, planReset, refuseTemplate } from "./reset.ts";
import { type DatabaseTarget, mayBeDestroyed, openMaintenance } from "./target.ts";

/**
 * Like `resetDatabase`, without asking: whoever calls it has proof that nothing else is in it.
 * Our own sessions on it must have ended.
 *
 * @throws PgwrightError `usage`, `database-protected`, `database-busy`, `sql-failed`; each says
 * whether the old database is still there.
 */
export async function replaceDatabase(target: DatabaseTarget): Promise<void> {
  const { database } = target;
  await mayBeDestroyed(target, "replace");
  await using session = await openMaintenance(target);
  const properties = await readProperties(session, database);
  if (properties === undefined) return;
  refuseTemplate(properties);
  const plan = await planReset(session, properties, false);
  refuseBusy(database, await readSessions(session, database));
  await applyReset(session, database, plan, false);
}
