import type { Finding } from "../../findings.ts";
import { formatAge, formatBytes } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import readStandby from "./standby.sql";

interface StandbyRow {
  readonly pauseState: string;
  readonly unreplayedBytes: number | null;
  /** Since the last replayed commit; grows on an idle primary too. */
  readonly secondsBehind: number | null;
  readonly hasReceiver: boolean;
  readonly status: string | null;
  readonly senderHost: string | null;
  readonly senderPort: number | null;
}

export const standby: Check = {
  title: "standby",
  async look(session, { server, limits }) {
    if (!server.isStandby) return [];
    const row = await session.one<StandbyRow>(readStandby);
    const from = row.senderHost === null ? "" : ` of ${row.senderHost}:${row.senderPort}`;
    const findings: Finding[] = [
      {
        rule: "doctor/standby",
        severity: "info",
        message: `this server is a standby${from}: nothing can be written here, and what only the primary records (dead rows, index builds, prepared transactions) does not show`,
        hint: `connect to the primary to migrate, and run doctor there too${row.senderHost === null ? "" : `: it sends from ${row.senderHost}, port ${row.senderPort}`}`,
      },
    ];
    if (row.pauseState !== "not paused") {
      findings.push({
        rule: "doctor/standby-paused",
        severity: "warning",
        message: `replay is paused (${row.pauseState}): this standby falls further behind with every change`,
        hint: "`SELECT pg_wal_replay_resume();`",
      });
    }
    if (!row.hasReceiver) {
      findings.push({
        rule: "doctor/standby-not-streaming",
        severity: "warning",
        message:
          "no WAL receiver runs: this standby gets nothing from the primary, or only whole files from the archive",
        hint: "look at primary_conninfo and at the server log for why the connection to the primary fails",
      });
    }
    const { unreplayedBytes, secondsBehind } = row;
    if (
      unreplayedBytes !== null &&
      unreplayedBytes > 0 &&
      (unreplayedBytes >= limits.replicationLagBytes ||
        (secondsBehind ?? 0) >= limits.replicationLagSeconds)
    ) {
      findings.push({
        rule: "doctor/standby-behind",
        severity: "warning",
        message: `${formatBytes(unreplayedBytes)} of WAL are received and not replayed; the last replayed commit is ${formatAge(secondsBehind ?? 0)} old`,
        hint: "look for long queries here that replay waits for (max_standby_streaming_delay): `SELECT pid, query_start, query FROM pg_stat_activity WHERE state = 'active' ORDER BY query_start;`",
      });
    }
    return findings;
  },
};
