import type { Finding } from "../../findings.ts";
import { formatAge, formatCount } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import { valueOf } from "../settings.ts";
import readArchiver from "./archiving.sql";

interface ArchiverRow {
  readonly failures: number;
  readonly failedWal: string | null;
  readonly failedSeconds: number | null;
  readonly isFailing: boolean;
}

export const archiving: Check = {
  title: "WAL archiving",
  async look(session, { settings, server }) {
    const mode = valueOf(settings, "archive_mode");
    if (mode === "off" || (server.isStandby && mode !== "always")) return [];
    const findings: Finding[] = [];
    if (
      valueOf(settings, "archive_command") === "" &&
      valueOf(settings, "archive_library") === ""
    ) {
      findings.push({
        rule: "doctor/archiving-nowhere",
        severity: "warning",
        message: `archive_mode is ${mode} and neither archive_command nor archive_library says where to: all WAL stays here until the disk is full`,
        object: "archive_mode",
        hint: "set `archive_command`, or `ALTER SYSTEM SET archive_mode = off;` and restart the server",
      });
    }
    const row = await session.one<ArchiverRow>(readArchiver);
    if (row.isFailing) {
      findings.push({
        rule: "doctor/archiving-failing",
        severity: "error",
        message: `archiving of WAL file ${row.failedWal} failed ${formatAge(row.failedSeconds ?? 0)} ago (${formatCount(row.failures)} failures since the statistics began): backups have a hole, and WAL stays here until the disk is full`,
        object: "archive_command",
        hint: "the reason is in the server log; `SHOW archive_command;` is what fails",
      });
    }
    return findings;
  },
};
