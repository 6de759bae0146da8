/** How right the scan is on columns whose content is known, more than half of them traps. */
import { expect, test } from "vitest";
import { classify } from "../../../src/pii/classify.ts";
import { scan } from "../../../src/pii/scan.ts";
import { buildLabelled, readLabelled, score } from "../../fixtures/pii/labelled.ts";
import { connectTo } from "../../support/connection.ts";
import { withDatabase } from "../../support/database.ts";

test("precision and recall are at least 0.95 for every kind, by samples and by statistics", async () => {
  const columns = readLabelled();
  const traps = columns.filter(({ entity }) => entity === null);
  expect(columns.length).toBeGreaterThanOrEqual(400);
  expect(traps.length).toBeGreaterThanOrEqual(columns.length / 2);
  await using database = await withDatabase();
  await buildLabelled(database.sql, columns);
  await using session = await connectTo(database.url);
  for (const level of ["sample", "fast"] as const) {
    const { findings } = await scan(session, { level });
    const { byEntity, total, mistakes } = score(columns, findings);
    const low = byEntity.filter(({ precision, recall }) => precision < 0.95 || recall < 0.95);
    expect([level, low, low.length === 0 ? [] : mistakes]).toEqual([level, [], []]);
    expect(Math.min(total.precision, total.recall)).toBeGreaterThanOrEqual(0.95);
  }
  // Names and types alone find less, and are wrong no more often.
  const { total } = score(columns, await classify(session));
  expect(total.precision).toBeGreaterThanOrEqual(0.95);
  expect(total.recall).toBeGreaterThanOrEqual(0.6);
});
