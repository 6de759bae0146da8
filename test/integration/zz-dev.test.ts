import { test } from "vitest";
import { withDatabase } from "../support/database.ts";
import { connectTo } from "../support/connection.ts";
import { scan } from "../../src/pii/scan.ts";
import { buildLabelled, readLabelled, score } from "../fixtures/pii/labelled.ts";

test("dev", async () => {
  const part = process.env["PART"] ?? "tuned";
  const columns = readLabelled().filter((c) => c.part === part);
  await using database = await withDatabase();
  await buildLabelled(database.sql, columns);
  await using session = await connectTo(database.url);
  for (const level of ["sample", "fast"] as const) {
    const t = performance.now();
    const report = await scan(session, { level });
    const result = score(columns, report.findings);
    console.log(level, columns.length, Math.round(performance.now() - t), "ms\n" + [...result.byEntity, result.total].map((s) => `${s.entity.padEnd(16)} ${s.right} ${s.wrong} ${s.missed} P=${s.precision.toFixed(2)} R=${s.recall.toFixed(2)}`).join("\n") + "\n" + result.mistakes.join("\n"));
  }
});
