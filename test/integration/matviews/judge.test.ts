/** What `matviews list` and `check` say, and who may refresh what. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ListedMatview } from "../../../src/insight/matviews/list.ts";
import type { RefreshedView } from "../../../src/insight/matviews/refresh.ts";
import { urlFor, withRole } from "../../support/doctor.ts";
import { type MatviewProject, withMatviews } from "../../support/matviews.ts";

let project: MatviewProject;

beforeAll(async () => {
  project = await withMatviews();
  await mkdir(join(project.path, "policies"));
});

afterAll(async () => {
  await project?.[Symbol.asyncDispose]();
});

async function listed(view: string) {
  const { body } = await project.json(["matviews", "list"]);
  return body.result.views.find((one: { view: string }) => one.view === view);
}

describe("list", () => {
  test("tells nothing that nobody knows, and everything after a refresh", async () => {
    expect(await listed("app.cities")).toMatchObject({ isPopulated: false, rows: null, age: null });
    await project.refresh();
    const cities = await listed("app.cities");
    expect(cities).toMatchObject({ isPopulated: true, rows: 2, isEstimate: false, whyPlain: null });
    expect(cities.age).toBeLessThan(60);
    expect(cities.durations).toHaveLength(1);
    expect(await listed("app.best")).toMatchObject({
      key: "best_shop",
      depth: 2,
      tables: ["app.shops"],
      reads: [{ view: "app.ranks", through: ["app.winners"] }],
      changed: null,
      behind: 0,
    });
    expect(await listed("app.a_report")).toMatchObject({ key: null, whyPlain: "no unique index" });
  });

  test("a view that somebody rewrites is listed all the same, and the others with their sizes", async () => {
    const other = await project.sql.reserve();
    await other.unsafe("begin; refresh materialized view app.cities");
    const { body, code } = await project.json(["matviews", "list"]);
    const text = await project.run(["matviews", "list"]);
    await other.unsafe("rollback");
    other.release();
    const bytes = Object.fromEntries(
      body.result.views.map((one: { view: string; bytes: number | null }) => [one.view, one.bytes]),
    );
    expect([code, bytes]).toEqual([
      0,
      expect.objectContaining({ "app.cities": null, "app.gated": expect.any(Number) }),
    ]);
    expect(text.stdout).toMatch(/app\.cities .* locked /);
  });

  test("shows which view reads which, and through what", async () => {
    const { stdout } = await project.run(["matviews", "list"]);
    expect(stdout.slice(stdout.indexOf("read by"), stdout.indexOf("info:")).trim()).toBe(
      [
        "read by",
        'app."Totals"',
        "   └─ app.ranks",
        "      └─ app.best  through app.winners",
        "         └─ app.a_report",
        "app.cities",
        "app.gated",
      ].join("\n"),
    );
    expect(stdout).toContain("app.a_report keeps readers waiting while it is refreshed");
  });

  test("names the tables that have changed since", async () => {
    await project.change("insert into app.shops values ('east', 'Oslo')");
    expect(await listed("app.cities")).toMatchObject({ changed: "app.shops changed" });
    expect(await listed("app.ranks")).toMatchObject({ changed: null });
    await project.refresh();
  });

  test("runs where nothing may be written, and where there is nothing", async () => {
    await using role = await withRole();
    const { stdout, stderr, code } = await project.run(["matviews", "list"], {
      url: urlFor(project.database.url, role),
    });
    expect(code).toBe(0);
    expect(stdout + stderr).toContain("may not read pgwright.matview_log");
  });
});

describe("what is never skipped", () => {
  // Whatever a refresh may give that no table's counters show.
  const restless: readonly (readonly [string, string])[] = [
    ["select name, now() as at from app.shops", "calls now()"],
    ["select name, random() as number from app.shops", "calls random()"],
    ["select name from app.shops where current_date > '2020-01-01'", "uses CURRENT_DATE"],
    ["select app.reads() as n from app.shops", "calls app.reads()"],
    ["select name from app.shops tablesample system (50)", "takes a random sample"],
    ["select relname from pg_class limit 1", "reads the system catalog"],
    ["select table_name from information_schema.tables limit 1", "reads the system catalog"],
    ["select last_value from app.numbers", "reads sequence app.numbers"],
    ["select * from app.moving", "calls now()"],
    ["select (select max(at) from app.moving) as at", "calls now()"],
    ["select age(sold_at) as age from app.sales", "calls age()"],
    ["select current_setting('app.x', true) as x", "calls current_setting()"],
  ];
  const calm = [
    "select id, sold_at + interval '1 day' as due, sold_at::date as day from app.sales",
    "select jsonb_agg(s) as all, string_agg(name || ' ' || length(name), ', ') as text from app.shops s",
    "select date_trunc('month', sold_at) as month, to_char(sold_at, 'YYYY') as year from app.sales",
    `select ':funcid 1299 now()' as ":funcid 1299", name as "{SQLVALUEFUNCTION " from app.shops`,
  ];
  const name = (prefix: string) => (_: unknown, i: number) => `app.${prefix}_${i}`;

  test("is told, and refreshed every time; the others are left while their settings are the same", async () => {
    const moving = restless.map(name("restless"));
    const still = calm.map(name("calm"));
    const views = [...moving, ...still];
    const queries = [...restless.map(([query]) => query), ...calm];
    await project.sql.unsafe(`
      create function app.reads() returns bigint language sql stable as 'select count(*) from app.shops';
      create sequence app.numbers;
      create view app.moving as select now() as at from app.shops;
      ${views.map((view, i) => `create materialized view ${view} as ${queries[i]}`).join(";\n")}`);
    try {
      const { body } = await project.json(["matviews", "list"]);
      const reasons = new Map<string, readonly string[]>(
        body.result.views.map((one: ListedMatview) => [one.view, one.neverSkipped]),
      );
      for (const [i, [query, reason]] of restless.entries()) {
        expect(reasons.get(moving[i] ?? ""), query).toContainEqual(expect.stringContaining(reason));
      }
      for (const [i, query] of calm.entries())
        expect(reasons.get(still[i] ?? ""), query).toEqual([]);
      const states = (list: readonly string[], state: string) =>
        Object.fromEntries(list.map((view) => [view, state]));
      await project.refresh(...views);
      expect(await project.refresh("--if-changed", ...views)).toEqual({
        ...states(moving, "refreshed"),
        ...states(still, "skipped"),
      });
      await project.sql.unsafe(
        `alter database "${project.database.name}" set timezone = 'Asia/Tokyo'`,
      );
      expect(await project.refresh("--if-changed", ...still)).toEqual(states(still, "refreshed"));
    } finally {
      await project.sql.unsafe(`alter database "${project.database.name}" reset timezone`);
      await project.sql.unsafe(views.map((view) => `drop materialized view ${view}`).join(";"));
    }
  });

  test("anything, where changes are not counted", async () => {
    await project.sql.unsafe(`alter database "${project.database.name}" set track_counts = off`);
    expect(await project.refresh("cities", "--if-changed")).toEqual({ "app.cities": "refreshed" });
    await project.sql.unsafe(`alter database "${project.database.name}" reset track_counts`);
  });
});

describe("row level security", () => {
  test("refuses to empty a view whose owner may not see the rows, and others go on", async () => {
    await using owner = await withRole("nologin");
    await project.sql.unsafe(`
      create table app.secrets (id int); insert into app.secrets select generate_series(1, 5);
      create materialized view app.counted as select count(*) as rows from app.secrets;
      grant usage on schema app to ${owner.name}; grant create on schema app to ${owner.name};
      alter table app.secrets owner to ${owner.name};
      alter materialized view app.counted owner to ${owner.name};
      alter table app.secrets enable row level security`);
    try {
      // Its owner is not held back by it, unless that is forced.
      expect(await project.refresh("counted")).toEqual({ "app.counted": "refreshed" });
      await project.sql`alter table app.secrets force row level security`;
      const { body, code } = await project.json(["matviews", "refresh", "counted", "cities"]);
      expect(code).toBe(4);
      expect(body.error).toMatchObject({
        code: "refresh-refused",
        hint: `as a superuser: ALTER ROLE ${owner.name} BYPASSRLS`,
      });
      expect(
        Object.fromEntries(body.result.views.map((one: RefreshedView) => [one.view, one.state])),
      ).toEqual({ "app.counted": "failed", "app.cities": "refreshed" });
      expect(await project.sql`select rows::int from app.counted`).toEqual([{ rows: 5 }]);
      expect((await project.json(["matviews", "list"])).body.findings).toContainEqual(
        expect.objectContaining({ rule: "matviews/hidden-rows", object: "app.counted" }),
      );
      await project.sql.unsafe(`alter role ${owner.name} bypassrls`);
      expect(await project.refresh("counted")).toEqual({ "app.counted": "refreshed" });
    } finally {
      await project.sql.unsafe(`drop table app.secrets cascade; drop owned by ${owner.name}`);
    }
  });
});

describe("rights", () => {
  test("as owner, as a member who has to assume it, by MAINTAIN, and not at all", async () => {
    await using owner = await withRole("nologin");
    await using other = await withRole();
    const url = urlFor(project.database.url, other);
    const refresh = (...args: string[]) =>
      project.json(["matviews", "refresh", "owned", ...args], { url });
    const [{ version } = { version: 0 }] = await project.sql<{ version: number }[]>`
      select current_setting('server_version_num')::int as version`;
    await project.sql.unsafe(`
      create materialized view app.owned as select name from app.shops;
      create unique index on app.owned (name);
      grant usage, create on schema app to ${owner.name}; grant usage on schema app to ${other.name};
      grant select on app.shops to ${owner.name};
      alter materialized view app.owned owner to ${owner.name};
      grant usage on schema pgwright to ${other.name};
      grant select, insert, update, delete on pgwright.matview_log to ${other.name}`);
    try {
      const none = await refresh();
      expect(none.code).toBe(4);
      expect(none.body.error.message).toBe(
        `this role may not refresh app.owned, which belongs to ${owner.name}`,
      );
      const maintained: unknown[] = [];
      if (version >= 170000) {
        await project.sql.unsafe(`grant maintain on app.owned to ${other.name}`);
        maintained.push(...(await refresh()).body.result.views);
        await project.sql.unsafe(`revoke maintain on app.owned from ${other.name}`);
      }
      // It may refresh, and not count the rows.
      expect(maintained).toMatchObject(
        version >= 170000 ? [{ state: "refreshed", rows: null, added: 0 }] : [],
      );
      await project.sql.unsafe(
        version >= 160000
          ? `grant ${owner.name} to ${other.name} with inherit false, set true`
          : `alter role ${other.name} noinherit; grant ${owner.name} to ${other.name}`,
      );
      const assumed = await refresh("--dry-run");
      expect(assumed.body.result.sql).toContain(`SET LOCAL ROLE ${owner.name};`);
      expect((await refresh()).body.result.views).toMatchObject([{ state: "refreshed", rows: 3 }]);
      const log = await project.sql`
        select distinct done_by from pgwright.matview_log where view_name = 'owned' and outcome = 'refreshed'`;
      expect(log).toEqual([{ done_by: other.name }]);
      await project.sql.unsafe(`revoke insert on pgwright.matview_log from ${other.name}`);
      const unrecorded = await refresh();
      expect(unrecorded.code).toBe(0);
      expect(unrecorded.stderr).toContain("warning: refreshes are not recorded");
    } finally {
      await project.sql.unsafe(`
        drop materialized view app.owned; drop owned by ${owner.name}; drop owned by ${other.name}`);
    }
  });
});

describe("check", () => {
  const declare = (text: string) =>
    writeFile(join(project.path, "policies", "matviews.yaml"), text);
  const age = (view: string, hours: number) =>
    project.sql`update pgwright.matview_log set data_as_of = now() - ${`${hours} hours`}::interval
      where view_name = ${view}`;

  test("exits 1 when a view is older than promised, and says which", async () => {
    await declare('app.cities: { max_age: 1h }\napp."Totals":\n  max_age: 1d\n');
    await project.refresh();
    expect((await project.run(["matviews", "check"])).stdout).toBe(
      "2 materialized views as fresh as promised\n",
    );
    await project.change("insert into app.shops values ('late', 'Bern')");
    await age("cities", 2);
    const { code, stdout, stderr } = await project.run(["matviews", "check"]);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(
      "error: app.cities is 2 h behind, 1 h are promised [matviews/stale]\n  → policies/matviews.yaml:1:1",
    );
    const github = await project.run(["matviews", "check", "--format", "github"]);
    expect(github.stdout).toContain("::error file=policies/matviews.yaml,line=1,col=1");
  });

  test("does not mind the age of what nothing was written to", async () => {
    await project.refresh("cities");
    await age("cities", 20);
    expect((await project.run(["matviews", "check"])).code).toBe(0);
    // But what it reads may lack something.
    await declare("app.best: { max_age: 1h }\n");
    await project.refresh();
    for (const view of ["Totals", "ranks", "best"]) await age(view, 5);
    expect((await project.run(["matviews", "check"])).code).toBe(0);
    await project.change("insert into app.sales (id, shop, amount) values (0, 'north', 1)");
    const { body, code } = await project.json(["matviews", "check"]);
    expect(code).toBe(1);
    expect(body.findings[0].message).toContain("app.best is 5 h behind");
  });

  test("--due refreshes what has used up half of its promise, and nothing else", async () => {
    await declare('app.best: { max_age: 4h }\napp."Totals": { max_age: 2h }\n');
    await project.refresh();
    await age("Totals", 1.5);
    await age("best", 1.5);
    expect(await project.refresh("--due")).toMatchObject({
      'app."Totals"': "refreshed",
      "app.best": "skipped",
      "app.ranks": "skipped",
      "app.cities": "skipped",
    });
  });

  test("tells every mistake with its place", async () => {
    await declare("app.cities:\n  max_age: 5m\nTotals: { max_age: 1h }\napp.x: { age: 1h }\n");
    const { code, stderr } = await project.run(["matviews", "check"]);
    expect(code).toBe(2);
    expect(stderr).toContain("policies/matviews.yaml:2:12");
    expect(stderr).toContain("minutes are 5min");
    expect(stderr).toContain("policies/matviews.yaml:4:10");
    await declare("Totals: { max_age: 1h }\n");
    expect((await project.run(["matviews", "check"])).stderr).toContain(
      "`Totals` is not `schema.view`",
    );
    await declare("app.gone: { max_age: 1h }\n");
    const gone = await project.run(["matviews", "check"]);
    expect(gone.code).toBe(1);
    expect(gone.stdout + gone.stderr).toContain("there is no materialized view app.gone");
  });
});

test("three hundred views in a row are read within the limit of a look, and refreshed in order", async () => {
  // Read for each view again, their rules took 19 s.
  await project.sql.unsafe(`create schema long; do $$ begin
    for n in 1..300 loop
      execute format('create materialized view long.m%s as select %s as n', n,
        case when n = 1 then '1' else format('(select max(n) + 1 from long.m%s)', n - 1) end);
    end loop; end $$`);
  const { body, code } = await project.json(["matviews", "refresh", "--dry-run", "--plain"]);
  expect(code).toBe(0);
  const order = body.result.planned
    .map(({ view }: { view: string }) => view)
    .filter((view: string) => view.startsWith("long."));
  expect(order).toEqual(Array.from({ length: 300 }, (_, n) => `long.m${n + 1}`));
  await project.sql`set client_min_messages = warning`;
  await project.sql`drop schema long cascade`;
});

test("a name that needs quotes is suggested with them", async () => {
  const { body } = await project.json(["matviews", "refresh", "totals"]);
  expect(body.error).toMatchObject({
    code: "relation-unknown",
    hint: expect.stringContaining('"Totals"'),
  });
});
