/** `matviews refresh`: order, what is left out, what readers see, and what an end in the middle leaves. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { type MatviewProject, withMatviews } from "../../support/matviews.ts";

let project: MatviewProject;

beforeAll(async () => {
  project = await withMatviews();
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
});

const chain = ['app."Totals"', "app.ranks", "app.best", "app.a_report"];
const everything = [...chain, "app.cities", "app.gated"];
const allOf = (state: string) => Object.fromEntries(everything.map((view) => [view, state]));

const report = async (): Promise<string> => {
  const [row] = await project.sql<{ line: string }[]>`select line from app.a_report`;
  return row?.line ?? "";
};

// The tests of this file follow each other on one database.
describe("order", () => {
  test("a dry run prints the transactions in their order and changes nothing", async () => {
    const { stdout, code } = await project.run(["matviews", "refresh", "--dry-run"]);
    expect(code).toBe(0);
    const statements = stdout.split("\n").filter((line) => line.startsWith("REFRESH"));
    expect(statements).toEqual([
      'REFRESH MATERIALIZED VIEW CONCURRENTLY app."Totals";',
      "REFRESH MATERIALIZED VIEW CONCURRENTLY app.ranks;",
      "REFRESH MATERIALIZED VIEW CONCURRENTLY app.best;",
      "REFRESH MATERIALIZED VIEW app.a_report;",
      "REFRESH MATERIALIZED VIEW app.cities;",
      "REFRESH MATERIALIZED VIEW CONCURRENTLY app.gated;",
    ]);
    expect(stdout).toContain("-- app.a_report: plain, readers wait: no unique index");
    expect(stdout).toContain("-- app.cities: plain, readers wait: not populated yet");
    expect(await project.sql`select to_regclass('pgwright.matview_log') as log`).toEqual([
      { log: null },
    ]);
  });

  test("what it prints runs by hand", async () => {
    const { stdout } = await project.run(["matviews", "refresh", "--dry-run"]);
    const session = await project.sql.reserve();
    await session.unsafe(stdout).simple();
    session.release();
    expect(await project.sql`select city from app.cities order by 1`).toHaveLength(2);
    await project.sql`refresh materialized view app.cities with no data`;
  });

  test("a change of a table reaches the end of the chain in one run", async () => {
    expect(await report()).toBe("best: north 5700");
    await project.change("insert into app.sales (id, shop, amount) values (151, 'south', 1000)");
    const { body, code } = await project.json(["matviews", "refresh", "--jobs", "3"]);
    expect(code).toBe(0);
    const order = body.result.views.map((one: { view: string }) => one.view);
    expect(order.toSorted()).toEqual(everything.toSorted());
    expect(order.filter((view: string) => chain.includes(view))).toEqual(chain);
    expect(await report()).toBe("best: south 6625");
    const totals = body.result.views.find((one: { view: string }) => one.view === chain[0]);
    expect(totals).toMatchObject({ mode: "concurrent", rows: 2, added: 1, removed: 1 });
    const written = body.result.views.find((one: { view: string }) => one.view === chain[3]);
    expect(written).toMatchObject({
      mode: "plain",
      rows: 1,
      added: null,
      whyPlain: "no unique index",
    });
  });

  test("the log has every refresh, its way, its rows and how long it took", async () => {
    const rows = await project.sql`
      select view_name, outcome, is_concurrent, rows_after::int, rows_added::int, rows_removed::int,
             finished_at > started_at as took, data_as_of = started_at as as_of_start
      from pgwright.matview_log where view_name in ('Totals', 'best', 'cities') order by 1`;
    const all = { outcome: "refreshed", took: true };
    expect(rows).toEqual([
      {
        view_name: "Totals",
        is_concurrent: true,
        rows_after: 2,
        rows_added: 1,
        rows_removed: 1,
        as_of_start: true,
        ...all,
      },
      // No older than the oldest that it has read.
      {
        view_name: "best",
        is_concurrent: true,
        rows_after: 1,
        rows_added: 1,
        rows_removed: 1,
        as_of_start: false,
        ...all,
      },
      {
        view_name: "cities",
        is_concurrent: false,
        rows_after: 2,
        rows_added: null,
        rows_removed: null,
        as_of_start: true,
        ...all,
      },
    ]);
    const [chainAges] = await project.sql`
      select count(distinct data_as_of)::int as ages from pgwright.matview_log
      where view_name in ('Totals', 'ranks', 'best', 'a_report')`;
    expect(chainAges).toEqual({ ages: 1 });
  });

  test("names choose, and may bring what they read or what reads them", async () => {
    expect(await project.refresh("ranks")).toEqual({ "app.ranks": "refreshed" });
    expect(Object.keys(await project.refresh("app.best", "--with-sources"))).toEqual(
      chain.slice(0, 3),
    );
    expect(Object.keys(await project.refresh("app.best", "--with-dependents"))).toEqual(
      chain.slice(2),
    );
    expect(Object.keys(await project.refresh('"Totals"'))).toEqual([chain[0]]);
    const { stderr } = await project.run(["matviews", "refresh", "best"]);
    expect(stderr).toContain("not refreshed, though read here: app.ranks (--with-sources)");
    expect(stderr).toContain(
      "now behind, because they read these: app.a_report (--with-dependents)",
    );
    const unknown = await project.run(["matviews", "refresh", "app.rank"]);
    expect(unknown.code).toBe(4);
    expect(unknown.stderr).toContain(
      "error[relation-unknown]: there is no materialized view `app.rank`",
    );
    expect(unknown.stderr).toContain("did you mean `app.ranks`?");
  });
});

describe("--if-changed", () => {
  test("leaves everything when nothing has changed, and says so in the log", async () => {
    await project.refresh();
    const [before] = await project.sql`select max(data_as_of) as at from pgwright.matview_log`;
    expect(await project.refresh("--if-changed")).toEqual(allOf("skipped"));
    const [after] = await project.sql`select min(at) > ${before?.["at"]} as moved from (
      select distinct on (view_name) data_as_of as at from pgwright.matview_log order by view_name, id desc) newest`;
    expect(after).toEqual({ moved: true });
  });

  test("refreshes exactly what a change reaches", async () => {
    await project.change("insert into app.shops values ('west', 'Bern')");
    expect(await project.refresh("--if-changed")).toEqual({
      ...allOf("skipped"),
      "app.best": "refreshed",
      "app.cities": "refreshed",
      "app.gated": "refreshed",
      // The new shop has sold nothing: app.best holds the same row, so what reads it is left.
    });
  });

  test("stops where a view comes out as it was", async () => {
    await project.change("update app.sales set amount = amount where id = 1");
    expect(await project.refresh("--if-changed")).toEqual({
      ...allOf("skipped"),
      [chain[0] ?? ""]: "refreshed",
    });
  });

  test.each([
    // The loser of the two loses more: the plain view in the chain shows the same winner as before.
    ["deleted rows of a partition", "delete from app.sales where id = 150", chain.slice(0, 3)],
    ["TRUNCATE, which deletes no rows", "truncate app.sales_high", chain],
    [
      "a detached partition",
      "alter table app.sales detach partition app.sales_high",
      [chain[0] ?? ""],
    ],
    [
      "another definition of a plain view between",
      "create or replace view app.winners as select shop, total from app.ranks where rank = 2",
      chain.slice(2),
    ],
  ])("sees %s", async (_what, sql, reached) => {
    await project.change(sql);
    expect(await project.refresh("--if-changed")).toEqual({
      ...allOf("skipped"),
      ...Object.fromEntries(reached.map((view) => [view, "refreshed"])),
    });
    expect(await project.refresh("--if-changed")).toEqual(allOf("skipped"));
  });

  test("trusts no counters that were reset, and none of a view made anew", async () => {
    await project.sql`select pg_stat_reset_single_table_counters('app.shops'::regclass)`;
    expect(await project.refresh("--if-changed")).toEqual(allOf("refreshed"));
    await project.sql.unsafe(`drop materialized view app.cities;
      create materialized view app.cities as select distinct city from app.shops;
      create unique index cities_city on app.cities (city)`);
    expect(await project.refresh("--if-changed")).toEqual({
      ...allOf("skipped"),
      "app.cities": "refreshed",
    });
  });

  test("a rollback is taken for a change, a read is not", async () => {
    await project.change("begin; insert into app.shops values ('x', 'X'); rollback");
    const states = await project.refresh("--if-changed");
    expect(states["app.cities"]).toBe("refreshed");
    await project.change("select count(*) from app.shops");
    expect(await project.refresh("--if-changed")).toEqual(allOf("skipped"));
  });
});

describe("--max-age", () => {
  test("leaves what is younger", async () => {
    expect(await project.refresh("--max-age", "1h")).toEqual(allOf("skipped"));
    await project.sql`update pgwright.matview_log set data_as_of = now() - interval '2 hours'
      where view_name = 'gated'`;
    expect(await project.refresh("--max-age", "1h")).toEqual({
      ...allOf("skipped"),
      "app.gated": "refreshed",
    });
    const wrong = await project.run(["matviews", "refresh", "--max-age", "1m"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("minutes are 1min");
  });
});

describe("in the middle of a refresh", () => {
  test("readers go on, and see what was there", async () => {
    const gate = await project.closeGate();
    const running = project.start(["matviews", "refresh", "gated"]);
    await eventually(() => project.findWaiting(), "the refresh to be in the middle");
    const [locks] = await project.sql`
      select json_agg(distinct mode) as modes from pg_locks
      where relation = 'app.gated'::regclass and mode like '%xclusive%'`;
    expect(locks).toEqual({ modes: ["ExclusiveLock"] });
    await project.sql.begin(async (tx) => {
      await tx`set local lock_timeout = '1ms'`;
      expect(await tx`select shops from app.gated`).toHaveLength(1);
    });
    await gate[Symbol.asyncDispose]();
    expect((await running.done).code).toBe(0);
  });

  test("a second one leaves the view to the first", async () => {
    const gate = await project.closeGate();
    const first = project.start(["matviews", "refresh", "gated"]);
    const pid = await eventually(() => project.findWaiting(), "the refresh to be in the middle");
    const second = await project.json(["matviews", "refresh", "gated"]);
    expect(second.code).toBe(3);
    expect(second.body.result.views).toMatchObject([
      {
        view: "app.gated",
        state: "busy",
        reason: expect.stringContaining(`pid ${pid} (pgwright)`),
      },
    ]);
    const both = await project.run(["matviews", "refresh", "gated", "cities"]);
    expect(both.code).toBe(4);
    expect(both.stdout).toContain("app.gated: not refreshed, pid");
    await gate[Symbol.asyncDispose]();
    expect((await first.done).code).toBe(0);
  });

  test.each(["the backend", "the command"])("killing %s leaves the old content", async (what) => {
    const [before] = await project.sql`select shops, ctid::text, xmin::text from app.gated`;
    await project.change(`insert into app.shops values ('${what}', 'Oslo')`);
    const gate = await project.closeGate();
    const running = project.start([
      "matviews",
      "refresh",
      "gated",
      "cities",
      "--jobs",
      "1",
      "--json",
    ]);
    const pid = await eventually(() => project.findWaiting(), "the refresh to be in the middle");
    if (what === "the command") running.child.kill("SIGKILL");
    else await project.sql`select pg_terminate_backend(${pid})`;
    const { code, stdout } = await running.done;
    await eventually(async () => {
      const left = await project.sql`select from pg_stat_activity where pid = ${pid}`;
      return left.length === 0;
    }, "the backend to notice");
    await gate[Symbol.asyncDispose]();
    expect(await project.sql`select shops, ctid::text, xmin::text from app.gated`).toEqual([
      before,
    ]);
    // The run itself goes on after a lost backend, and says what it could not do.
    const error = code === null ? undefined : JSON.parse(stdout).error.code;
    expect({ code, error }).toEqual(
      what === "the backend"
        ? { code: 4, error: "connection-lost" }
        : { code: null, error: undefined },
    );
    expect(await project.refresh("--if-changed", "gated")).toEqual({ "app.gated": "refreshed" });
  });

  test("Ctrl-C says what was done, and leaves the old content", async () => {
    const gate = await project.closeGate();
    const running = project.start(["matviews", "refresh", "cities", "gated", "--jobs", "1"]);
    await eventually(() => project.findWaiting(), "the refresh to be in the middle");
    running.child.kill("SIGINT");
    const { code, stderr } = await running.done;
    await gate[Symbol.asyncDispose]();
    expect(code).toBe(130);
    expect(stderr).toContain("refreshed: app.cities");
    expect(await project.sql`select from pg_locks where relation = 'app.gated'::regclass`).toEqual(
      [],
    );
  });
});

describe("a view that fails", () => {
  test("keeps back those that read it, and no others", async () => {
    // Two equal keys make it impossible: app.best becomes one row of two cities.
    await project.change(`
      create or replace view app.winners as select shop, total from app.ranks where rank <= 2
        union all select shop, total + 1 from app.ranks`);
    const { body, code, stderr } = await project.json(["matviews", "refresh"]);
    expect(code).toBe(4);
    expect(stderr).toContain("✗ refresh app.best");
    expect(body.error).toMatchObject({ code: "refresh-failed", sqlstate: "23505" });
    expect(body.error.message).toContain("app.best");
    expect(body.error.hint).toContain("unique index best_shop");
    const states = Object.fromEntries(
      body.result.views.map((one: { view: string; state: string }) => [one.view, one.state]),
    );
    expect(states).toEqual({
      ...allOf("refreshed"),
      "app.best": "failed",
      "app.a_report": "not-attempted",
    });
    const { findings } = (await project.json(["matviews", "list"])).body;
    expect(findings).toContainEqual(
      expect.objectContaining({ rule: "matviews/refresh-failed", object: "app.best" }),
    );
    await project.change(
      "create or replace view app.winners as select shop, total from app.ranks where rank = 1",
    );
    expect(await project.refresh("--if-changed")).toMatchObject({
      "app.best": "refreshed",
      "app.a_report": "refreshed",
    });
  });
});
