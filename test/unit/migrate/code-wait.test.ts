import { afterEach, expect, test, vi } from "vitest";
import { endWaits, waitForCode } from "../../../src/migrate/code-wait.ts";

afterEach(() => {
  vi.useRealTimers();
});

const never = () => new Promise<never>(() => {});

test("code that answers is not held up, and nothing waits afterwards", async () => {
  expect(await waitForCode("its `up`", () => 7)).toBe(7);
  await expect(waitForCode("its `up`", () => Promise.reject(new Error("no")))).rejects.toThrow(
    "no",
  );
  expect(endWaits()).toBe(false);
});

test("a wait ends when it is told to", async () => {
  const wait = waitForCode("its `up`", never);
  expect(endWaits()).toBe(true);
  await expect(wait).rejects.toThrow("its `up` never finished");
  const other = waitForCode("its `up`", never);
  expect(endWaits(new Error("stopped"))).toBe(true);
  await expect(other).rejects.toThrow("stopped");
});

test("a wait ends after a minute, for a connection keeps the process alive", async () => {
  vi.useFakeTimers();
  const wait = expect(waitForCode("its `up`", never)).rejects.toThrow("not finished after 60 s");
  await vi.advanceTimersByTimeAsync(60_000);
  await wait;
});
