import { expect, test } from "vitest";
import { plainStyle } from "../../../src/cli/render/style.ts";
import { createView } from "../../../src/cli/render/view.ts";
import { doctor } from "../../../src/commands/doctor.ts";
import type { DoctorReport } from "../../../src/doctor/doctor.ts";
import type { Finding, Severity } from "../../../src/findings.ts";

const report: DoctorReport = {
  database: "shop",
  role: "ann",
  host: "db.example.com",
  version: "17.4",
  isStandby: false,
  isPooled: false,
  engine: { name: "PostgreSQL", kind: "postgres" },
  facts: {
    versionText: "PostgreSQL 17.4",
    now: 0,
    uptimeSeconds: 3 * 86_400,
    hasChecksums: true,
    role: {
      sessionRole: "ann",
      isSuperuser: false,
      canCreateRoles: true,
      canCreateDatabases: false,
      bypassesRls: true,
      readsStatistics: false,
    },
    connection: {
      isEncrypted: true,
      isBackendEncrypted: true,
      tlsVersion: "TLSv1.3",
      tlsCipher: "TLS_AES_256_GCM_SHA384",
      clientAddress: "10.0.0.7",
    },
  },
  checks: [
    { title: "settings", state: "error", findings: 1, durationMs: 1 },
    { title: "rights", state: "warning", findings: 1, durationMs: 1 },
    { title: "long transactions", state: "unseen", findings: 1, durationMs: 1 },
    { title: "dead rows", state: "passed", findings: 0, durationMs: 1 },
  ],
  worst: "error",
  findings: [finding("error"), finding("warning"), finding("warning"), finding("info")],
};

function finding(severity: Severity): Finding {
  return { rule: "doctor/x", severity, message: "m" };
}

test("facts, checks in columns, and a line that sums up", () => {
  expect(doctor.text(report, createView(plainStyle, 44, false), {})).toBe(
    `server      PostgreSQL 17.4, primary, up 3 days
role        ann: no superuser, creates roles, bypasses row security, does not see other sessions
connection  encrypted (TLSv1.3, TLS_AES_256_GCM_SHA384), direct

✗ settings           ? long transactions
! rights             ✓ dead rows

4 checks, 1 of them without full sight (?): 1 error, 2 warnings, 1 note (exit 0; --fail-on error makes it 1)`,
  );
  const text = doctor.text(report, createView(plainStyle, 44, false), { failOn: "error" });
  expect(text).toMatch(/1 error, 2 warnings, 1 note$/);
});

test("a narrow terminal has one column", () => {
  const text = doctor.text(report, createView(plainStyle, 30, false), {});
  expect(text).toContain("✗ settings\n! rights\n? long transactions\n✓ dead rows");
});

test("nothing found; a standby behind a pooler in a service", () => {
  const calm: DoctorReport = {
    ...report,
    isStandby: true,
    isPooled: true,
    engine: { name: "Neon", kind: "own-storage" },
    checks: report.checks.slice(3),
    worst: null,
    findings: [],
  };
  const text = doctor.text(calm, createView(plainStyle, 100, false), {});
  expect(text).toContain("PostgreSQL 17.4 (Neon), standby,");
  // The cipher is that between pooler and server.
  expect(text).toContain("connection  encrypted, through a transaction pooler");
  expect(text).toContain("1 check: nothing found");
});

test("an engine that is not PostgreSQL has no facts", () => {
  const foreign: DoctorReport = {
    ...report,
    engine: { name: "CockroachDB", kind: "foreign" },
    facts: null,
    checks: [],
    findings: [finding("error")],
  };
  expect(doctor.text(foreign, createView(plainStyle, 100, false), {})).toBe(
    "server  CockroachDB\n\n0 checks: 1 error (exit 0; --fail-on error makes it 1)",
  );
});

test.each<[worst: Severity | null, failOn: Severity | undefined, exit: 0 | 1]>([
  ["error", undefined, 0],
  ["error", "error", 1],
  ["warning", "error", 0],
  ["warning", "warning", 1],
  ["info", "warning", 0],
  ["info", "info", 1],
  [null, "info", 0],
])("worst %s with --fail-on %s exits %d", (worst, failOn, exit) => {
  const findings = worst === null ? [] : [finding(worst)];
  expect(doctor.exit?.({ ...report, worst, findings }, { failOn })).toBe(exit);
});
