/** What the steps of a plan lock, as the table of facts says of their SQL. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../../support/cli.ts";
import { withFitnessHub } from "../../support/fitnesshub.ts";

interface Step {
  readonly part: string;
  readonly sql: string;
  readonly locks: readonly { readonly table: string; readonly lock: string }[];
}

test("the whole plan of FitnessHub", async () => {
  await using database = await withFitnessHub();
  await database.sql`insert into user_service.users (email, first_name, last_name)
    values ('a@example.com', 'A', 'B')`;
  const plan = (...more: string[]) =>
    runCommand(["policies", "plan", ...more], {
      cwd: join(import.meta.dirname, "..", "..", ".."),
      env: { DATABASE_URL: database.url },
    });
  const { code, stdout, stderr } = await plan("--json");
  expect(code, stderr).toBe(0);
  const steps = JSON.parse(stdout).result.steps as Step[];
  expect(new Set(steps.map(({ part }) => part)).size).toBeGreaterThanOrEqual(3);
  const told = steps.flatMap(({ locks }) => locks);
  // Row security, triggers, and partitions that are attached.
  expect(new Set(told.map(({ lock }) => lock))).toEqual(
    new Set(["ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE"]),
  );
  for (const { sql, locks } of steps.filter((step) => /^(?:grant|revoke) /.test(step.sql))) {
    expect(locks, sql).toEqual([]);
  }
  const printed = (await plan()).stdout;
  expect(printed).toMatch(
    /^-- .*\(takes ACCESS EXCLUSIVE on [a-z_]+\.[a-z_]+, 0 rows, [\d.]+ [kM]B\)$/m,
  );
  // Nobody has analyzed what was written a moment ago.
  expect(printed).toMatch(/ on user_service\.users, unknown rows, [\d.]+ [kM]B\b/);
});
