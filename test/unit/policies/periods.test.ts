import { describe, expect, it } from "vitest";
import {
  formatInstant,
  isTimeZone,
  periodsBetween,
  shiftInstant,
  startOfDate,
} from "../../../src/policies/partitions/periods.ts";
import { parseSpan } from "../../../src/policies/partitions/span.ts";

const at = (text: string) => new Date(text);

describe("periods", () => {
  it("are named and bounded by the calendar", () => {
    const one = (every: "day" | "week" | "month" | "year", day: string) =>
      periodsBetween(every, "UTC", at(day), at(day))[0];
    expect(one("day", "2024-01-15")).toMatchObject({
      from: "2024-01-15 00:00:00+00:00",
      to: "2024-01-16 00:00:00+00:00",
      suffix: "2024_01_15",
      fromDate: "2024-01-15",
      toDate: "2024-01-16",
    });
    expect(one("month", "2024-02-29T23:59:59Z")).toMatchObject({
      from: "2024-02-01 00:00:00+00:00",
      to: "2024-03-01 00:00:00+00:00",
      suffix: "2024_02",
    });
    expect(one("year", "2024-12-31")).toMatchObject({ suffix: "2024", toDate: "2025-01-01" });
    expect(one("week", "2024-02-04")).toMatchObject({ suffix: "2024_w05", fromDate: "2024-01-29" });
  });

  it("count ISO weeks at the turn of the year", () => {
    const week = (day: string) =>
      periodsBetween("week", "UTC", at(day), at(day)).map(({ suffix }) => suffix);
    expect(week("2024-12-31")).toEqual(["2025_w01"]);
    expect(week("2021-01-03")).toEqual(["2020_w53"]);
    expect(week("2023-01-01")).toEqual(["2022_w52"]);
    expect(week("2026-01-01")).toEqual(["2026_w01"]);
    expect(week("2026-12-31")).toEqual(["2026_w53"]);
  });

  it("follow each other without a gap through both changes of the clock", () => {
    const days = periodsBetween("day", "Europe/Berlin", at("2024-01-01"), at("2024-12-31"));
    expect(days).toHaveLength(366);
    for (const [i, day] of days.slice(1).entries()) expect(day.fromMs).toBe(days[i]?.toMs);
    const lengths = days.map(({ fromMs, toMs }) => (toMs - fromMs) / 3_600_000);
    expect(lengths.filter((hours) => hours === 23)).toHaveLength(1);
    expect(lengths.filter((hours) => hours === 25)).toHaveLength(1);
    expect(days.find(({ suffix }) => suffix === "2024_03_31")).toMatchObject({
      from: "2024-03-31 00:00:00+01:00",
      to: "2024-04-01 00:00:00+02:00",
    });
  });

  it("begin where PostgreSQL reads a midnight that is missing or comes twice", () => {
    // Beirut goes from 00:00 to 01:00; Havana from 01:00 back to 00:00.
    expect(formatInstant("Asia/Beirut", startOfDate("Asia/Beirut", "2024-03-31").getTime())).toBe(
      "2024-03-31 01:00:00+03:00",
    );
    expect(
      formatInstant("America/Havana", startOfDate("America/Havana", "2024-11-03").getTime()),
    ).toBe("2024-11-03 00:00:00-05:00");
  });

  it("leave out a day that never was", () => {
    const days = periodsBetween("day", "Pacific/Apia", at("2011-12-29T12:00Z"), at("2012-01-01"));
    expect(days.map(({ suffix }) => suffix)).toEqual(["2011_12_29", "2011_12_31", "2012_01_01"]);
  });

  it("take the day from the time zone", () => {
    const [day] = periodsBetween(
      "day",
      "Asia/Tokyo",
      at("2024-05-31T15:00Z"),
      at("2024-05-31T15:00Z"),
    );
    expect(day?.suffix).toBe("2024_06_01");
    expect(day?.from).toBe("2024-06-01 00:00:00+09:00");
  });
});

describe("shiftInstant", () => {
  it("goes by the calendar", () => {
    const shift = (day: string, amount: number, unit: "d" | "w" | "mo" | "y", by: 1 | -1) =>
      shiftInstant("UTC", at(day), { amount, unit }, by).toISOString().slice(0, 10);
    expect(shift("2024-01-31", 1, "mo", 1)).toBe("2024-02-29");
    expect(shift("2024-03-15", 24, "mo", -1)).toBe("2022-03-15");
    expect(shift("2024-02-29", 1, "y", -1)).toBe("2023-02-28");
    expect(shift("2024-01-01", 90, "d", 1)).toBe("2024-03-31");
  });
});

describe("names of time zones", () => {
  it("are those of IANA", () => {
    expect(["UTC", "Europe/Berlin"].every(isTimeZone)).toBe(true);
    expect(["+02", "Mars/Base", ""].some(isTimeZone)).toBe(false);
  });
});

describe("parseSpan", () => {
  it("reads days, weeks, months and years", () => {
    expect(parseSpan("90d")).toEqual({ amount: 90, unit: "d" });
    expect(parseSpan("24mo")).toEqual({ amount: 24, unit: "mo" });
    expect(parseSpan("6m")).toEqual({ mistake: "has the unknown unit `m`; months are 6mo" });
    expect(parseSpan("90")).toEqual({ mistake: "needs a unit; write 90d, 90w or 90mo" });
    expect(parseSpan("0d")).toEqual({ mistake: "must be longer than nothing" });
    expect(parseSpan("-1d")).toMatchObject({ mistake: expect.stringContaining("90d") });
  });
});
