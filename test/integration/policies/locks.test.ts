/** What each step of a plan says that it locks is what the table of facts says of its SQL. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../../support/cli.ts";
import { withFitnessHub } from "../../support/fitnesshub.ts";

interface Step {
  readonly part: string;
  readonly sql: string;
  readonly lock: { readonly mode: string; readonly on: string } | null;
  readonly locks: readonly { readonly table: string; readonly lock: string }[];
}

const blocking = ["SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"];

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
  const differing = steps.flatMap(({ sql, lock, locks }): object[] => {
    const told = locks.filter((one) => blocking.includes(one.lock));
    if (lock === null) return told.length === 0 ? [] : [{ sql, lock, told }];
    if (!blocking.includes(lock.mode)) return [];
    // Of a table that an earlier step creates nobody waits for the lock.
    return locks.length === 0 || told.some((one) => one.lock === lock.mode)
      ? []
      : [{ sql, lock, told }];
  });
  expect(differing).toEqual([]);
  const printed = (await plan()).stdout;
  expect(printed).toMatch(
    /^-- .*\(takes ACCESS EXCLUSIVE on [a-z_]+\.[a-z_]+, [\d,]+ rows, [\d.]+ [kM]B\)$/m,
  );
});
