import { ident } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { countOf, formatAge, formatBytes } from "../../db/amount.ts";
import type { Check, CheckContext } from "../check.ts";
import { cannotLook } from "../look.ts";
import { valueOf } from "../settings.ts";
import readReplication from "./replication.sql";
import listSubscriptions from "./subscriptions.sql";

interface Replication {
  readonly standbys: readonly Standby[];
  readonly syncCount: number;
}

interface Standby {
  readonly name: string;
  readonly address: string;
  /** Null when this role may not see it. */
  readonly state: string | null;
  readonly lagBytes: number | null;
  readonly lagSeconds: number | null;
}

export const replication: Check = {
  title: "replication",
  async look(session, context) {
    const row = await session.one<Replication>(readReplication);
    const hidden = row.standbys.filter(({ state }) => state === null);
    const me = ident(context.server.role);
    const findings: Finding[] = row.standbys.flatMap((standby) => judgeStandby(standby, context));
    if (hidden.length > 0) {
      findings.push(
        cannotLook(
          "replication",
          `${countOf(hidden.length, "WAL sender")} ${hidden.length === 1 ? "does" : "do"} not show to ${me} how far behind the receiver is`,
          `let a superuser run \`GRANT pg_monitor TO ${me};\``,
        ),
      );
    } else {
      findings.push(...judgeSynchronous(row, context));
    }
    return [...findings, ...(await lookAtSubscriptions(session))];
  },
};

function judgeStandby(standby: Standby, { limits }: CheckContext): Finding[] {
  const { lagBytes, lagSeconds } = standby;
  const isBehind =
    (lagBytes ?? 0) >= limits.replicationLagBytes ||
    (lagSeconds ?? 0) >= limits.replicationLagSeconds;
  if (!isBehind) return [];
  const age = lagSeconds === null ? "" : ` (${formatAge(lagSeconds)})`;
  return [
    {
      rule: "doctor/replication-behind",
      severity: "warning",
      message: `standby \`${standby.name}\` at ${standby.address} (${standby.state}) is ${formatBytes(lagBytes ?? 0)}${age} behind: a failover now would go back so far, and the WAL for it is kept here`,
      object: standby.name,
      hint: "look on the standby: `SELECT pg_get_wal_replay_pause_state();`, and its long queries, disks and network",
    },
  ];
}

/** With nobody to confirm, every commit waits for ever unless synchronous_commit asks for less. */
function judgeSynchronous(
  { syncCount }: Replication,
  { settings, server }: CheckContext,
): Finding[] {
  const names = valueOf(settings, "synchronous_standby_names");
  const commit = valueOf(settings, "synchronous_commit");
  if (server.isStandby || names === "" || syncCount > 0 || ["off", "local"].includes(commit)) {
    return [];
  }
  return [
    {
      rule: "doctor/replication-synchronous",
      severity: "error",
      message: `synchronous_standby_names is ${names} and none of them is connected: every commit waits until one comes`,
      object: "synchronous_standby_names",
      hint: "bring a standby back, or give the guarantee up: `ALTER SYSTEM SET synchronous_standby_names = '';` then `SELECT pg_reload_conf();`",
    },
  ];
}

interface SubscriptionRow {
  readonly name: string;
  readonly isEnabled: boolean;
  readonly isRunning: boolean;
  readonly errors: number;
}

async function lookAtSubscriptions(session: Session): Promise<Finding[]> {
  const rows = await session.query<SubscriptionRow>(listSubscriptions);
  return rows.map(({ name, isEnabled, isRunning, errors }) => {
    const failures = errors === 0 ? "" : `, after ${countOf(errors, "error")}`;
    return {
      rule: "doctor/subscription",
      severity: "warning",
      message: isEnabled
        ? `subscription ${name} ${isRunning ? "runs, and has failed before" : "is enabled and no worker runs for it"}${failures}`
        : `subscription ${name} is disabled${failures}: its publisher keeps all WAL since then`,
      object: name,
      hint: isEnabled
        ? "the reason is in the server log; `SELECT * FROM pg_stat_subscription_stats;` counts on"
        : `\`ALTER SUBSCRIPTION ${name} ENABLE;\`, or \`DROP SUBSCRIPTION ${name};\` if it is not wanted`,
    };
  });
}
