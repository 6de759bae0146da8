import type { Finding } from "../../findings.ts";
import { formatAge, formatCount } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import { cannotLook } from "../look.ts";
import listDeadRows from "./dead-rows.sql";

interface DeadRow {
  readonly name: string;
  readonly dead: number;
  readonly live: number;
  /** Since the last vacuum of either kind; null when there was none since the statistics began. */
  readonly vacuumedSeconds: number | null;
  readonly isVacuumed: boolean;
  /** Dead rows at which autovacuum starts on this table. */
  readonly trigger: number;
}

export const deadRows: Check = {
  title: "dead rows",
  async look(session, { limits, server }) {
    if (server.isStandby) {
      return [
        {
          ...cannotLook("dead rows", "only the primary counts them", "run doctor on the primary"),
          severity: "info",
        },
      ];
    }
    const rows = await session.query<DeadRow>(listDeadRows, [
      limits.deadRows,
      limits.deadRowsFactor,
    ]);
    return rows.map((row) => judgeTable(row));
  },
};

function judgeTable({ name, dead, live, vacuumedSeconds, isVacuumed, trigger }: DeadRow): Finding {
  const rows = `${formatCount(dead)} dead rows beside ${formatCount(live)} live ones`;
  const last =
    vacuumedSeconds === null ? "never vacuumed" : `vacuumed ${formatAge(vacuumedSeconds)} ago`;
  if (!isVacuumed) {
    return {
      rule: "doctor/autovacuum-disabled",
      severity: "warning",
      message: `autovacuum is turned off for ${name}: ${rows}, ${last}`,
      object: name,
      hint: `\`ALTER TABLE ${name} RESET (autovacuum_enabled);\``,
    };
  }
  return {
    rule: "doctor/autovacuum-behind",
    severity: "warning",
    message: `${name} has ${rows}, ${last}; autovacuum should have come at ${formatCount(Math.round(trigger))}`,
    object: name,
    hint: `end what holds vacuum back (long and prepared transactions, slots), then \`VACUUM (ANALYZE, VERBOSE) ${name};\`; to make autovacuum come earlier: \`ALTER TABLE ${name} SET (autovacuum_vacuum_scale_factor = 0.02);\``,
  };
}
