/** Insight behind PgBouncer in transaction mode: the same answers, and nothing left on its connections. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countAdvisoryLocks } from "../../support/catalog.ts";
import { eventually } from "../../support/eventually.ts";
import { type MatviewProject, withMatviews } from "../../support/matviews.ts";
import { hasPooler, type TestPooler, withPooler } from "../../support/pooler.ts";

if (!hasPooler) {
  process.stderr.write("SKIPPED: pgbouncer is not installed, nothing behind a pooler is tested\n");
}

describe.skipIf(!hasPooler)("behind PgBouncer", () => {
  let pooler: TestPooler;
  let project: MatviewProject;
  let url: string;

  beforeAll(async () => {
    pooler = await withPooler(3);
    project = await withMatviews();
    url = pooler.urlOf(project.database.url);
  });

  afterAll(async () => {
    await project?.[Symbol.asyncDispose]();
    await pooler?.[Symbol.asyncDispose]();
  });

  test("views are refreshed in order and recorded, and what has not changed is left", async () => {
    const { body, code } = await project.json(["matviews", "refresh"], { url });
    expect(code).toBe(0);
    const order = body.result.views.map(({ view }: { view: string }) => view);
    const chain = ['app."Totals"', "app.ranks", "app.best", "app.a_report"];
    expect(order.filter((view: string) => chain.includes(view))).toEqual(chain);
    await project.change("update app.shops set city = city where name = 'north'");
    const again = await project.json(["matviews", "refresh", "--if-changed"], { url });
    const states = Object.fromEntries(
      again.body.result.views.map(({ view, state }: Record<string, string>) => [view, state]),
    );
    expect(states).toEqual({
      'app."Totals"': "skipped",
      "app.ranks": "skipped",
      "app.best": "refreshed",
      // No row of what it reads is another one.
      "app.a_report": "skipped",
      "app.cities": "refreshed",
      "app.gated": "refreshed",
    });
    const listed = await project.json(["matviews", "list"], { url });
    for (const { view, age } of listed.body.result.views) {
      expect([view, age]).toEqual([view, expect.any(Number)]);
    }
  });

  test("two at once: one refreshes, the other leaves it, and a killed one is rolled back", async () => {
    const gate = await project.closeGate();
    const [before] = await project.sql`select ctid::text, xmin::text from app.gated`;
    // lock_timeout holds for the gate as well: without it the view would be free between two tries.
    const args = ["matviews", "refresh", "gated", "--plain", "--lock-timeout", "0"];
    const first = project.start(args, { url });
    await eventually(() => project.findWaiting(), "the refresh at the gate");
    const pooled = await project.json(["matviews", "refresh", "gated"], { url });
    const direct = await project.json(["matviews", "refresh", "gated"]);
    for (const { code, body } of [pooled, direct]) {
      expect([code, body.result.views[0].state]).toEqual([3, "busy"]);
    }
    first.child.kill("SIGKILL");
    await first.done;
    // The pooler ends the connection of a client that left in the middle; the server notices at the gate's end.
    await gate[Symbol.asyncDispose]();
    await eventually(async () => (await countAdvisoryLocks(project.sql)) === 0, "the end of it");
    expect(await project.sql`select ctid::text, xmin::text from app.gated`).toEqual([before]);
    expect((await project.run(["matviews", "refresh", "gated"], { url })).code).toBe(0);
  });

  test("statistics, snapshots and plans, and nothing remains on the connections", async () => {
    await project.sql`create extension if not exists pg_stat_statements`;
    await project.sql.unsafe("select amount from app.sales where shop = 'north'");
    const taken = await project.json(["slow-queries", "snapshot", "--table"], { url });
    expect([taken.code, taken.body.result.id]).toEqual([0, "1"]);
    const since = await project.json(["slow-queries", "--since", "table:1"], { url });
    expect([since.code, since.body.result.since.takenAt]).toEqual([0, taken.body.result.takenAt]);
    await writeFile(join(project.path, "bad.sql"), "select 1 / $1::int");
    const explain = (value: string) =>
      project.json(["explain", "bad.sql", "--analyze", "--param", value], { url });
    expect((await explain("0")).body.error).toMatchObject({ code: "sql-failed" });
    expect((await explain("2")).code).toBe(0);
    const sql = postgres(url, {
      database: project.database.name,
      max: 6,
      prepare: false,
      onnotice: () => {},
    });
    const left = await Promise.all(
      Array.from({ length: 6 }, () =>
        sql.unsafe(`select (select count(*)::int from pg_prepared_statements where name like 'pgwright%') as statements,
          array(select name || ' = ' || setting from pg_settings where source = 'session'
                and name not in ('application_name', 'client_encoding')) as settings, pg_sleep(0.2) is null as slept`),
      ),
    );
    await sql.end();
    expect(left.flat().map(({ statements, settings }) => ({ statements, settings }))).toEqual(
      Array.from({ length: 6 }, () => ({ statements: 0, settings: [] })),
    );
    expect(await countAdvisoryLocks(project.sql)).toBe(0);
  });
});
