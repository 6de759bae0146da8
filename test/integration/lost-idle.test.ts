import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { PgwrightError } from "../../src/errors.ts";
import { connectTo } from "../support/connection.ts";
import { withDatabase } from "../support/database.ts";

test("a session whose backend ended while it was idle refuses every next statement, whenever it comes", async () => {
  await using database = await withDatabase();
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 90; round += 1) {
    const session = await connectTo(database.url);
    await database.sql.unsafe(`select pg_terminate_backend(${session.server.pid})`);
    // The statement comes before, between and after the socket's events.
    await delay(round);
    const outcome = await Promise.race([
      session.query("select 1").then(
        () => "answered",
        (error: unknown) => (error instanceof PgwrightError ? error.code : String(error)),
      ),
      setTimeout(5_000, "never answered", { ref: false }),
    ]);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    expect(session.isDead).toBe(true);
    await session[Symbol.asyncDispose]();
  }
  expect([...outcomes]).toEqual([["connection-lost", 90]]);
});

async function delay(round: number): Promise<void> {
  if (round % 3 === 1) await setTimeout(round % 7);
  if (round % 3 !== 2) return;
  const until = performance.now() + (round % 11);
  while (performance.now() < until);
}
