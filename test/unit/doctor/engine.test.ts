import { expect, test } from "vitest";
import { judgeEngine } from "../../../src/doctor/checks/engine.ts";
import { recognizeEngine, type EngineMarks } from "../../../src/doctor/engine.ts";

const real = "PostgreSQL 16.4 on x86_64-pc-linux-gnu, compiled by gcc (GCC) 12.2.0, 64-bit";
const none = { extensions: ["plpgsql"], settingPrefixes: [], objects: [] };

test.each<[name: string, kind: string, marks: Partial<EngineMarks>]>([
  ["PostgreSQL", "postgres", {}],
  ["PostgreSQL", "postgres", { extensions: ["plpgsql", "pg_cron", "citusy"] }],
  [
    "PostgreSQL",
    "postgres",
    { settingPrefixes: ["pg_stat_statements", "plpgsql", "auto_explain"] },
  ],
  ["CockroachDB", "foreign", { version: "CockroachDB CCL v24.1.2 (x86_64-pc-linux-gnu)" }],
  ["Amazon Redshift", "foreign", { version: "PostgreSQL 8.0.2 on i686, Redshift 1.0.12103" }],
  ["RisingWave", "foreign", { version: "PostgreSQL 13.14.0-RisingWave-2.0.1 (abc)" }],
  ["YugabyteDB", "spread", { version: "PostgreSQL 15.2-YB-2.25.0.0-b0 on x86_64" }],
  ["Greenplum", "spread", { version: "PostgreSQL 12.12 (Greenplum Database 7.1.0) on x86_64" }],
  [
    "EDB Postgres Advanced Server",
    "postgres",
    { version: "PostgreSQL 16.1 (EnterpriseDB Advanced Server 16.1.0)" },
  ],
  ["Amazon Aurora DSQL", "foreign", { objects: ["sys.iam_pg_role_mappings"] }],
  ["Amazon Aurora", "own-storage", { objects: ["aurora_version"], settingPrefixes: ["rds"] }],
  ["Amazon RDS for PostgreSQL", "service", { settingPrefixes: ["plpgsql", "rds"] }],
  ["Google AlloyDB", "own-storage", { settingPrefixes: ["alloydb", "cloudsql"] }],
  ["Neon", "own-storage", { settingPrefixes: ["neon"] }],
  ["Google Cloud SQL for PostgreSQL", "service", { settingPrefixes: ["cloudsql"] }],
  ["Azure Database for PostgreSQL", "service", { settingPrefixes: ["azure"] }],
  ["Citus", "spread", { extensions: ["citus"], settingPrefixes: ["citus", "azure"] }],
])("%s (%s) by %j", (name, kind, marks) => {
  expect(recognizeEngine({ version: real, ...none, ...marks })).toEqual({ name, kind });
});

test.each([
  ["postgres", []],
  ["service", []],
  ["own-storage", ["info"]],
  ["spread", ["warning"]],
  ["foreign", ["error"]],
] as const)("an engine of kind %s", (kind, severities) => {
  const findings = judgeEngine({ name: "Some engine", kind });
  expect(findings.map(({ severity }) => severity)).toEqual(severities);
});
