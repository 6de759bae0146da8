import { expect, test } from "vitest";
import { type DatabaseProperties, settingStatements } from "../../../src/database/properties.ts";

const properties: DatabaseProperties = {
  name: "template",
  owner: "postgres",
  encoding: "UTF8",
  collate: "C",
  ctype: "C",
  provider: "c",
  locale: null,
  icuRules: null,
  tablespace: "pg_default",
  connectionLimit: -1,
  isTemplate: false,
  comment: null,
  bytes: 0,
  hasGrants: true,
  grants: [],
  settings: [],
};

const right = (grantee: string | null, privilege: string, grantable = false) => ({
  grantee,
  privilege,
  grantable,
});

test("roles with the same rights share a statement", () => {
  const grants = [
    right("postgres", "CREATE"),
    right("postgres", "CONNECT"),
    right("Owner", "CONNECT"),
    right("Owner", "CREATE"),
    right("app", "CONNECT"),
    right(null, "CONNECT"),
    ...Array.from({ length: 50 }, (_, n) => right(`service_${n}`, "CONNECT")),
    right("lead", "CONNECT", true),
    right("lead", "TEMPORARY"),
  ];
  const [revoke, both, one, ...rest] = settingStatements({ ...properties, grants }, "copy");
  expect(revoke).toBe("REVOKE ALL ON DATABASE copy FROM PUBLIC, postgres");
  expect(both).toBe('GRANT CONNECT, CREATE ON DATABASE copy TO postgres, "Owner"');
  expect(one).toMatch(/^GRANT CONNECT ON DATABASE copy TO app, PUBLIC, service_0, .*service_49$/);
  expect(rest).toEqual([
    "GRANT CONNECT ON DATABASE copy TO lead WITH GRANT OPTION",
    "GRANT TEMPORARY ON DATABASE copy TO lead",
  ]);
});

test("a database with the default rights gets no statement", () => {
  expect(settingStatements({ ...properties, hasGrants: false }, "copy")).toEqual([]);
});
