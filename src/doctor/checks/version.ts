import type { Finding } from "../../findings.ts";
import { formatAge } from "../../db/amount.ts";
import type { Check } from "../check.ts";

export const version: Check = {
  title: "server version",
  look: (_session, { server, facts, limits }) =>
    judgeVersion({ ...server, now: facts.now, supportDays: limits.supportDays }),
};

/** Last day with fixes of each major version that pgwright supports: postgresql.org/support/versioning. */
const endOfSupport: Readonly<Record<number, string>> = {
  15: "2027-11-11",
  16: "2028-11-09",
  17: "2029-11-08",
  18: "2030-11-14",
};

export interface VersionState {
  /** `server_version_num` */
  readonly versionNumber: number;
  readonly version: string;
  /** The server's clock, seconds since 1970. */
  readonly now: number;
  readonly supportDays: number;
}

/**
 * Judges the version by what can be known without asking anyone: a server does not know whether a
 * newer minor release exists.
 */
export function judgeVersion(state: VersionState): Finding[] {
  const major = Math.floor(state.versionNumber / 10_000);
  const findings: Finding[] = [];
  if (/devel|alpha|beta|rc/.test(state.version)) {
    findings.push({
      rule: "doctor/version-prerelease",
      severity: "warning",
      message: `PostgreSQL ${state.version} is no release: its catalogs may still change, and nothing upgrades its data directory`,
      hint: `dump the data and load it into a released PostgreSQL ${major}`,
    });
  }
  const end = endOfSupport[major];
  if (end === undefined) {
    findings.push({
      rule: "doctor/version-untested",
      severity: "warning",
      message: `PostgreSQL ${state.version} is newer than pgwright knows: it is tested with 15 to 18`,
      hint: "look for a newer pgwright: `npm view pgwright version`",
    });
    return findings;
  }
  // The whole of the last day still counts.
  const secondsLeft = Date.parse(`${end}T24:00:00Z`) / 1000 - state.now;
  if (secondsLeft <= 0) {
    findings.push({
      rule: "doctor/version-unsupported",
      severity: "error",
      message: `PostgreSQL ${major} has had no fixes, not even for security, since ${end}`,
      hint: "upgrade to the newest major version with pg_upgrade or logical replication",
    });
  } else if (secondsLeft < state.supportDays * 86_400) {
    findings.push({
      rule: "doctor/version-ending",
      severity: "info",
      message: `PostgreSQL ${major} gets its last fixes on ${end}, in ${formatAge(secondsLeft)}`,
      hint: "plan the upgrade to a newer major version",
    });
  }
  return findings;
}
