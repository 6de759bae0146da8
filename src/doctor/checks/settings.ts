import { ident } from "../../db/identifier.ts";
import type { Finding, Severity } from "../../findings.ts";
import { formatAge, formatNames } from "../../db/amount.ts";
import type { Check, CheckContext } from "../check.ts";
import { changeSetting, type Setting } from "../settings.ts";

export const settings: Check = {
  title: "settings",
  look: (_session, context) => [...judgeSettings(context), ...judgeRestart(context)],
};

/** A setting with the values that hurt. */
interface SettingRule {
  readonly setting: string;
  readonly hurts: (value: string) => boolean;
  readonly severity: Severity;
  /** What it does, after "name is value: ". */
  readonly because: string;
  /** A better value, as written after the equals sign. */
  readonly better: string;
  /** Means nothing on an engine with a storage of its own. */
  readonly isAboutStorage?: true;
  /** What to do instead of changing the setting where it comes from. */
  readonly hint?: (context: CheckContext) => string;
}

const is = (bad: string) => (value: string) => value === bad;
const isSet = (value: string) => value !== "0";

const rules: readonly SettingRule[] = [
  {
    setting: "fsync",
    hurts: is("off"),
    severity: "error",
    because: "a crash of the machine destroys the database",
    better: "on",
    isAboutStorage: true,
  },
  {
    setting: "full_page_writes",
    hurts: is("off"),
    severity: "error",
    because: "a crash of the machine can leave half-written pages that nothing repairs",
    better: "on",
    isAboutStorage: true,
  },
  {
    setting: "zero_damaged_pages",
    hurts: is("on"),
    severity: "error",
    because: "damaged pages are emptied on reading instead of reported",
    better: "off",
  },
  {
    setting: "ignore_checksum_failure",
    hurts: is("on"),
    severity: "error",
    because: "damaged pages are read as if they were sound",
    better: "off",
  },
  {
    setting: "autovacuum",
    hurts: is("off"),
    severity: "error",
    because:
      "dead rows are never cleaned away, statistics grow old, and only wraparound is prevented",
    better: "on",
  },
  {
    setting: "track_counts",
    hurts: is("off"),
    severity: "error",
    because: "autovacuum does not see which tables need it",
    better: "on",
  },
  {
    setting: "session_replication_role",
    hurts: is("replica"),
    severity: "error",
    because: "triggers do not fire and foreign keys are not checked",
    better: "origin",
  },
  {
    setting: "track_activities",
    hurts: is("off"),
    severity: "warning",
    because: "pg_stat_activity does not show what sessions do, so blockers cannot be named",
    better: "on",
  },
  {
    setting: "default_transaction_read_only",
    hurts: is("on"),
    severity: "warning",
    because: "whatever writes is refused, migrations included",
    better: "off",
  },
  {
    setting: "standard_conforming_strings",
    hurts: is("off"),
    severity: "warning",
    because:
      "a backslash in a plain string is an escape, so quoting that is right elsewhere can be broken out of",
    better: "on",
  },
  {
    setting: "password_encryption",
    hurts: is("md5"),
    severity: "warning",
    because: "new passwords are stored as MD5, which PostgreSQL gives up from 18 on",
    better: "'scram-sha-256'",
  },
  {
    setting: "transaction_timeout",
    hurts: isSet,
    severity: "warning",
    because: "a migration or dump that takes longer is broken off",
    better: "0",
  },
  {
    setting: "statement_timeout",
    hurts: isSet,
    severity: "info",
    because:
      "an index build or validation by hand that takes longer is broken off, a concurrent one with an invalid index left behind (pgwright sets its own)",
    better: "0",
    hint: ({ facts }) =>
      `begin such work with \`SET statement_timeout = 0;\`, or let a role that migrates have none: \`ALTER ROLE ${ident(facts.role.sessionRole)} SET statement_timeout = 0;\``,
  },
  {
    setting: "lock_timeout",
    hurts: isSet,
    severity: "info",
    because:
      "a concurrent index build by hand that waits longer for old transactions fails with an invalid index left behind (pgwright sets its own)",
    better: "0",
    hint: () => "begin CREATE INDEX CONCURRENTLY by hand with `SET lock_timeout = 0;`",
  },
  {
    setting: "idle_in_transaction_session_timeout",
    hurts: is("0"),
    severity: "info",
    because:
      "a client that forgets its open transaction holds its locks for ever, and migrations wait for it",
    better: "'10min'",
    hint: ({ server }) =>
      `\`ALTER DATABASE ${ident(server.database)} SET idle_in_transaction_session_timeout = '10min';\` holds for new sessions`,
  },
  {
    setting: "synchronous_commit",
    hurts: is("off"),
    severity: "info",
    because:
      "a crash loses the last moments of committed work (nothing is damaged; a choice that some make)",
    better: "on",
    isAboutStorage: true,
  },
  {
    setting: "data_checksums",
    hurts: is("off"),
    severity: "info",
    because: "damage done by disks goes unnoticed",
    better: "on",
    isAboutStorage: true,
    hint: () => "`pg_checksums --enable --pgdata …` while the server is stopped",
  },
];

function judgeSettings(context: CheckContext): Finding[] {
  const { kind } = context.facts.engine;
  return rules.flatMap((rule) => {
    const setting = context.settings.get(rule.setting);
    // A setting that this version does not have yet.
    if (setting === undefined || !rule.hurts(setting.value)) return [];
    if (rule.isAboutStorage && kind === "own-storage") return [];
    return [
      {
        rule: `doctor/setting-${rule.setting.replaceAll("_", "-")}`,
        severity: rule.severity,
        message: `${rule.setting} is ${describeValue(setting)}: ${rule.because}`,
        object: rule.setting,
        hint: rule.hint?.(context) ?? changeSetting(context, setting, rule.better),
      },
    ];
  });
}

function describeValue({ name, value, source }: Setting): string {
  const isTime = name.endsWith("_timeout") && value !== "0";
  const shown = isTime
    ? Number(value) < 1000
      ? `${value} ms`
      : formatAge(Number(value) / 1000)
    : value;
  const givenTo: Readonly<Record<string, string>> = {
    database: " for this database",
    user: " for this role",
    "database user": " for this role in this database",
    global: " for all roles",
    client: " by this connection's own options",
  };
  return `${shown}${givenTo[source] ?? ""}`;
}

function judgeRestart({ settings }: CheckContext): Finding[] {
  const waiting = [...settings.values()].filter((setting) => setting.needsRestart);
  if (waiting.length === 0) return [];
  const names = formatNames(
    waiting.map(({ name }) => name),
    10,
  );
  return [
    {
      rule: "doctor/setting-restart",
      severity: "info",
      message: `changed in the configuration and waiting for a restart: ${names}`,
      hint: "restart the server at a quiet time; until then the old values hold",
    },
  ];
}
