import { expect, test } from "vitest";
import { judgeAge } from "../../../src/doctor/checks/wraparound.ts";
import { defaultLimits } from "../../../src/doctor/limits.ts";

const young = { database: "My Shop", xidAge: 5, multixactAge: 5, isThis: true, tables: [] };

test("an age at which autovacuum still works by itself is no finding", () => {
  expect(judgeAge({ ...young, xidAge: 250_000_000 }, defaultLimits)).toEqual([]);
});

test("half used is a warning, with the tables to freeze, each once", () => {
  const tables = [{ name: "public.a" }, { name: "public.a" }, { name: null }, { name: "public.b" }];
  expect(judgeAge({ ...young, xidAge: 1_072_241_824, tables }, defaultLimits)).toEqual([
    {
      rule: "doctor/wraparound",
      severity: "warning",
      object: '"My Shop"',
      message:
        'database "My Shop" has used 50.0 % of its transaction ids: after 1,072,241,824 more the server refuses all writes',
      hint: "end what holds vacuum back (long and prepared transactions, slots), then `VACUUM (FREEZE, VERBOSE) public.a;` `VACUUM (FREEZE, VERBOSE) public.b;`",
    },
  ]);
});

test("near the end it is an error, and past it nothing is left", () => {
  const [finding] = judgeAge({ ...young, xidAge: 2 ** 31 - 1_000_000 }, defaultLimits);
  expect(finding?.severity).toBe("error");
  expect(finding?.message).toContain("after 0 more");
});

test("multixact ids wrap around on their own, and in other databases", () => {
  const row = { ...young, multixactAge: 1_700_000_000, isThis: false, tables: null };
  expect(judgeAge(row, defaultLimits)).toMatchObject([
    {
      rule: "doctor/wraparound-multixact",
      severity: "error",
      hint: expect.stringContaining('connect to "My Shop"'),
    },
  ]);
});
