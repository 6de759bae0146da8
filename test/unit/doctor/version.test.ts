import { expect, test } from "vitest";
import { judgeVersion } from "../../../src/doctor/checks/version.ts";

function judge(version: string, day: string) {
  const [major = "0", minor = "0"] = version.split(".");
  return judgeVersion({
    versionNumber: Number.parseInt(major, 10) * 10_000 + (Number.parseInt(minor, 10) || 0),
    version,
    now: Date.parse(day) / 1000,
    supportDays: 180,
  }).map(({ rule, severity }) => [rule, severity]);
}

test.each([
  ["15.0", "2026-11-01"],
  ["16.14", "2027-11-20"],
  ["18.4", "2030-01-01"],
])("%s has fixes on %s", (version, day) => expect(judge(version, day)).toEqual([]));

test("support ends, at the end of its last day", () => {
  expect(judge("15.18", "2027-11-11T23:59:00Z")).toEqual([["doctor/version-ending", "info"]]);
  expect(judge("15.18", "2027-11-12T00:00:00Z")).toEqual([["doctor/version-unsupported", "error"]]);
});

test.each(["19.0", "20.1"])("%s is newer than what is tested", (version) =>
  expect(judge(version, "2026-11-01")).toEqual([["doctor/version-untested", "warning"]]),
);

test.each(["18beta1", "18rc2", "18devel"])("%s is no release", (version) =>
  expect(judge(version, "2026-11-01")).toEqual([["doctor/version-prerelease", "warning"]]),
);
