import { formatShare } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import { valueOf } from "../settings.ts";

export const connections: Check = {
  title: "connections",
  async look(session, { settings, limits }) {
    const number = (name: string) => Number(valueOf(settings, name));
    // reserved_connections exists on 16 and later.
    const most =
      number("max_connections") -
      number("superuser_reserved_connections") -
      number("reserved_connections");
    // Counted by the server for everybody, unlike the rows of pg_stat_activity.
    const { used } = await session.one<{ used: number }>(
      "select coalesce(sum(numbackends), 0)::int as used from pg_stat_database",
    );
    if (used < most * limits.connectionsUsed) return [];
    return [
      {
        rule: "doctor/connections",
        severity: "warning",
        message: `${used} of ${most} connections for ordinary roles are taken (${formatShare(used / most)}): new ones are refused soon`,
        object: "max_connections",
        hint: "see whose they are: `SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC;`; a pooler helps more than a higher max_connections",
      },
    ];
  },
};
