/** The slow-query report as its user meets it: table, JSON, exit codes, and the page in a browser. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  migration,
  withMigrations,
  type MigrationProject,
} from "../../support/migration-project.ts";

const execute = promisify(execFile);
const browser = ["/usr/bin/chromium", "/usr/bin/google-chrome"].find((path) => existsSync(path));
if (browser === undefined)
  console.warn("SKIPPED: no Chromium is installed, so the page is not laid out");

let project: MigrationProject;

beforeAll(async () => {
  project = await withMigrations({
    "001_create_orders.sql": migration(
      `create table orders (id int primary key, customer int, note text, placed_at timestamptz default now());
       insert into orders select n, n % 5000, repeat('note ', 20) || n from generate_series(1, 60000) n;
       create index orders_customer on orders (customer);
       create materialized view busy_customers_of_the_whole_company as select customer, count(*) from orders group by 1;
       create extension pg_stat_statements;`,
      "drop materialized view busy_customers_of_the_whole_company; drop extension pg_stat_statements; drop table orders;",
    ),
  });
  await project.mustRun(["migrate"]);
  await project.sql`vacuum analyze orders`;
  await call(8);
});

afterAll(() => project[Symbol.asyncDispose]());

async function call(times: number) {
  for (let n = 0; n < times; n += 1) {
    await project.sql.unsafe(`select id, note from orders where customer = ${n + 7}`);
    await project.sql.unsafe(`select count(*) from orders where note like '%<b>${n}%'`);
  }
}

test("a table for people, one object for programs", async () => {
  const text = await project.run(["slow-queries", "--matching", "from orders"]);
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/^query +share +total +calls +mean +rows +cached +text\n/);
  expect(text.stdout).toMatch(/\n[0-9a-f]{8} +[\d.]+ % .* 8 +.*select count\(\*\) from orders/);
  expect(text.stdout).toContain("[slow-queries/pattern]");
  const { body, code } = await project.json(["slow-queries", "--limit", "3"]);
  expect(code).toBe(0);
  expect(body.result.queries).toHaveLength(3);
  expect(body.result.queries[0]).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    share: expect.any(Number),
  });
  expect((await project.run(["slow-queries", "--fail-on", "warning"])).code).toBe(1);
});

test("explain takes an id, a file and stdin's name, and says what is wrong in both", async () => {
  const { body } = await project.json(["slow-queries", "--matching", "note like"]);
  const id = String(body.result.queries[0].id).slice(0, 8);
  const byId = await project.run(["explain", id]);
  expect(byId.code).toBe(0);
  expect(byId.stdout).toMatch(
    /Seq Scan on public\.orders[^]*planned as .*, not run[^]*slow-queries\/pattern/,
  );
  await writeFile(join(project.path, "one.sql"), "select * from orders where id = 5;\n");
  const byFile = await project.run(["explain", "one.sql", "--analyze"]);
  expect(byFile.stdout).toMatch(/Index Scan using orders_pkey[^]*really 1 in [^]*and rolled back/);
  await writeFile(join(project.path, "two.sql"), "select 1;\nselect fro;\nselect from from;\n");
  const broken = await project.run(["explain", "two.sql"]);
  expect(broken.code).toBe(2);
  expect(broken.stderr).toContain("two.sql:3:");
});

test("a migration makes a query slow: the next comparison names both, and fails where asked", async () => {
  const taken = await project.run(["slow-queries", "snapshot"]);
  expect(taken.stdout).toMatch(/statements in \.pgwright\/slow-queries\/.*\.jsonl/);
  await call(8);
  await project.write(
    "002_drop_index.sql",
    migration("drop index orders_customer;", "create index orders_customer on orders (customer);"),
  );
  await project.mustRun(["migrate"]);
  await call(40);
  const args = ["slow-queries", "--since", "last", "--fail-on-regression"];
  const { body, code } = await project.json(args);
  expect(code).toBe(1);
  const slower = body.result.queries.filter(
    ({ change }: { change: string }) => change === "slower",
  );
  expect(slower).toEqual([
    expect.objectContaining({ text: "select id, note from orders where customer = $1", calls: 48 }),
  ]);
  expect(body.result.migrations).toEqual([expect.objectContaining({ file: "002_drop_index.sql" })]);
  const found = body.findings.map(({ rule }: { rule: string }) => rule);
  expect(found).toContain("slow-queries/slower");
  expect(found).toContain("slow-queries/missing-index");
  const text = await project.run(args);
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(/slower [\d.]+ ×[^]*applied in between: 002_drop_index\.sql/);
  const other = await project.json([...args, "--matching", "note like"]);
  expect([other.code, other.body.result.queries.length]).toEqual([0, 1]);
  for (const wrong of [["--fail-on-regression"], ["--since", "last", "--all-databases"]]) {
    expect((await project.run(["slow-queries", ...wrong])).code).toBe(2);
  }
});

test("indexes list writes the migration that slow queries ask for, and migrate applies it", async () => {
  const listed = await project.json(["indexes", "list", "--workload", "--write-migration"]);
  expect(listed.code).toBe(0);
  const file = join(project.path, listed.body.result.migration);
  expect(await readFile(file, "utf8")).toMatch(
    /CREATE INDEX CONCURRENTLY \w+ ON public\.orders \(customer\);/,
  );
  await project.mustRun(["migrate"]);
  const after = await project.json(["indexes", "list", "--workload"]);
  const left = after.body.result.workload.indexes.map(({ keys }: { keys: string[] }) => keys);
  expect(left).not.toContainEqual(["customer"]);
  await project.mustRun(["rollback"]);
});

test("the page loads nothing, is readable without scripts, and fits at three widths", async () => {
  const last = await project.json(["slow-queries", "snapshot", "--table"]);
  expect(last.code).toBe(0);
  await project.mustRun(["matviews", "refresh"]);
  await project.sql`create index orders_customer_again on orders (customer)`;
  await project.sql`create index orders_with_a_name_as_long_as_the_names_of_real_projects on orders (id)`;
  await call(8);
  const written = await project.run([
    "slow-queries",
    "--since",
    "last",
    "--html",
    "report.html",
    "--limit",
    "30",
  ]);
  expect(written.stdout).toContain("Wrote report.html");
  const path = join(project.path, "report.html");
  const page = await readFile(path, "utf8");
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\//i);
  expect(page).toContain("<svg");
  expect(page).toContain("searched with LIKE");
  expect(page).toContain("Generic plan");
  for (const title of ["Materialized views", "Indexes", "Plans that changed"]) {
    expect(page).toMatch(new RegExp(`<h[23]>${title}</h`));
  }
  expect(page).toContain("is a duplicate of");
  if (browser === undefined) return;
  for (const width of [360, 800, 1400]) {
    // A frame of that width in a page of ours, as the smallest window of a browser is wider.
    const probe = join(project.path, `probe-${width}.html`);
    const measured = page.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, "").replace(
      "</body>",
      `<script>
        const wide = [...document.querySelectorAll("body *")].filter((one) => !one.closest(".scroll, svg, pre, .label") && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1);
        parent.postMessage(JSON.stringify({ width: document.documentElement.clientWidth, scroll: document.documentElement.scrollWidth, wide: wide.map((one) => one.outerHTML.slice(0, 80)), bars: document.querySelectorAll(".bars rect").length }), "*");
      </script></body>`,
    );
    await writeFile(probe, measured);
    const frame = join(project.path, `frame-${width}.html`);
    await writeFile(
      frame,
      `<body style="margin:0"><script>onmessage = (event) => { document.body.textContent = event.data; };</script><iframe id="f" style="border:0;width:${width}px;height:4000px" src="probe-${width}.html"></iframe>`,
    );
    const { stdout } = await execute(browser, [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--hide-scrollbars",
      "--enable-logging=stderr",
      `--user-data-dir=${join(project.path, `profile-${width}`)}`,
      "--virtual-time-budget=5000",
      "--dump-dom",
      pathToFileURL(frame).href,
    ]);
    const [, json] = /<body[^>]*>(\{.*\})<\/body>/.exec(stdout) ?? [];
    const layout = JSON.parse(
      (json ?? "{}").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"),
    );
    expect(layout).toEqual({ width, scroll: width, wide: [], bars: expect.any(Number) });
    expect(layout.bars).toBeGreaterThan(5);
  }
  const { stderr } = await execute(browser, [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--enable-logging=stderr",
    `--user-data-dir=${join(project.path, "profile")}`,
    "--dump-dom",
    pathToFileURL(path).href,
  ]);
  expect(stderr).not.toMatch(/CONSOLE/);
});
