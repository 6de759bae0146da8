/** docs/scheduling.md holds what it promises of materialized views. pg_cron itself comes with no server of the tests. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../support/cli.ts";
import type { TestDatabase } from "../../support/database.ts";
import { addPeople } from "../../support/fitnesshub-people.ts";
import { connectTo, withFitnessHub } from "../../support/fitnesshub.ts";

const page = readFileSync(new URL("../../../docs/scheduling.md", import.meta.url), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(/```(\w+)\n([\s\S]*?)```/g)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text ?? "");

const root = new URL("../../../", import.meta.url).pathname;
let hub: TestDatabase;

beforeAll(async () => {
  hub = await withFitnessHub();
  const sql = connectTo(hub, 1);
  await addPeople(sql);
  await sql.end();
});

afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
});

/** What a line of the crontab runs, on the test's database in place of production. */
async function runLine(line: string): Promise<{ code: number | null; stderr: string }> {
  const [, command = ""] = /&& pgwright (.*?)(?: --env production)/.exec(line) ?? [];
  expect(command).toContain("matviews");
  return runCommand(command.split(" "), { cwd: root, env: { DATABASE_URL: hub.url } });
}

test("the lines of the crontab keep the promises and watch them", async () => {
  const lines = (blocks("crontab")[1] ?? "").trim().split("\n");
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    expect(line).toMatch(/^\*\/5 \* \* \* \* cd /);
    // cron turns an unescaped % into a newline.
    expect(line).not.toContain("%");
  }
  const [refresh = "", check = ""] = lines;
  expect(await runLine(check)).toMatchObject({ code: 1 });
  expect(await runLine(refresh)).toMatchObject({ code: 0 });
  expect(await runLine(check)).toMatchObject({ code: 0 });
  const [{ months } = { months: 0 }] = await hub.sql<{ months: number }[]>`
    select count(*)::int as months from workout_service.user_monthly_activity`;
  expect(months).toBe(3);
});

test("the job of pg_cron refreshes in order, beside pgwright, and is seen by it", async () => {
  const text = blocks("sql").find((block) => block.includes("matview_log")) ?? "";
  const job = /\$job\$([\s\S]*)\$job\$/.exec(text)?.[1] ?? "";
  await hub.sql.unsafe(`
    update pgwright.matview_log set data_as_of = now() - interval '3 days';
    insert into workout_service.workout_sessions (user_id, started_at, completed_at)
    select id, '2024-05-05', '2024-05-06' from user_service.users`);
  await hub.sql.unsafe(job);
  expect(
    await hub.sql`select month::text, users::int from shared.activity_totals
      where month = '2024-05-01'`,
  ).toEqual([{ month: "2024-05-01", users: 3 }]);
  const { stdout } = await runCommand(["matviews", "check", "--json"], {
    cwd: root,
    env: { DATABASE_URL: hub.url },
  });
  const { findings } = JSON.parse(stdout);
  // Those that the job refreshes are fresh, the others are as old as they were made.
  expect(findings.map(({ object }: { object: string }) => object)).not.toContain(
    "shared.activity_totals",
  );
  const session = await hub.sql.reserve();
  await session`select pg_advisory_lock(1259, 'shared.activity_totals'::regclass::oid::int)`;
  const before = await hub.sql`select count(*)::int from pgwright.matview_log`;
  await hub.sql.unsafe(job);
  await session`select pg_advisory_unlock_all()`;
  session.release();
  const after = await hub.sql`select count(*)::int from pgwright.matview_log`;
  // The one that somebody else was at is left.
  expect(Number(after[0]?.["count"]) - Number(before[0]?.["count"])).toBe(1);
});
