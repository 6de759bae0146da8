/** Snapshots in the database itself, beside those in files, and the plans that are kept with them. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { urlFor, withRole } from "../../support/doctor.ts";
import {
  type MigrationProject,
  migration,
  withMigrations,
} from "../../support/migration-project.ts";

let project: MigrationProject;
const owner = `keeper_${randomBytes(4).toString("hex")}`;

beforeAll(async () => {
  project = await withMigrations({
    "001_create_orders.sql": migration(
      `create extension pg_stat_statements;
       create table orders (id int primary key, customer int, placed date) partition by range (id);
       create table orders_1 partition of orders for values from (0) to (20001);
       create table orders_2 partition of orders for values from (20001) to (40001);
       insert into orders select n, n % 4000, '2026-01-01' from generate_series(1, 40000) n;
       create index orders_customer on orders (customer);`,
      "drop extension pg_stat_statements; drop table orders;",
    ),
  });
  // Index-only scans depend on what other tests keep from being vacuumed.
  await project.sql.unsafe(
    `alter database "${project.database.name}" set enable_indexonlyscan = off`,
  );
  await project.mustRun(["migrate"]);
  await project.sql`vacuum analyze orders`;
  await project.sql.unsafe(`create role ${owner}`);
});

afterAll(async () => {
  await project?.sql.unsafe(`drop owned by ${owner}; drop role ${owner}`);
  await project?.[Symbol.asyncDispose]();
});

async function call(times: number) {
  for (let n = 0; n < times; n += 1) {
    await project.sql.unsafe(`select count(*) from orders where customer = ${n}`);
  }
}

const find = (queries: { text: string }[]) =>
  queries.find(({ text }) => text.startsWith("select count(*) from orders"));

async function take(...args: string[]) {
  const { body, code, stderr } = await project.json(["slow-queries", "snapshot", ...args]);
  if (code !== 0) throw new Error(stderr);
  return body.result;
}

test("one in the table and one in a file are read alike, and the newest of both is the last", async () => {
  await call(6);
  expect(await take("--table")).toMatchObject({ id: "1", file: null, pruned: 0 });
  await call(4);
  const file = await take();
  expect(file).toMatchObject({ id: null, file: expect.stringMatching(/\.jsonl$/) });
  await call(2);
  const calls = async (...args: string[]) => {
    const { body } = await project.json(["slow-queries", ...args]);
    return (find(body.result.queries) as unknown as { calls: number }).calls;
  };
  expect(await calls("--since", "table:1")).toBe(6);
  expect(await calls("--since", "table:1", "--until", file.file)).toBe(4);
  expect(await calls("--since", "last")).toBe(2);
  expect(await calls("--since", "0min")).toBe(2);
  await take("--table");
  await call(3);
  expect(await calls("--since", "last")).toBe(3);
  const [{ at } = { at: "" }] = await project.sql<{ at: string }[]>`
    select to_char(taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS') as at from pgwright.query_snapshots where id = 1`;
  expect(await calls("--since", at)).toBe(9);
});

test("what is beyond the limits goes, in the table alone", async () => {
  await project.sql`update pgwright.query_snapshots set taken_at = taken_at - interval '40 days' where id = 1`;
  expect(await take("--table", "--keep", "30d")).toMatchObject({ pruned: 1 });
  expect(await take("--table", "--keep", "2")).toMatchObject({ pruned: 1 });
  expect(await project.sql`select count(*)::int from pgwright.query_snapshots`).toEqual([
    { count: 2 },
  ]);
  for (const wrong of [
    ["--keep", "3"],
    ["--table", "--keep", "many"],
    ["--table", "-o", "x"],
  ]) {
    const { code } = await project.run(["slow-queries", "snapshot", ...wrong]);
    expect([wrong, code]).toEqual([wrong, 2]);
  }
  const gone = await project.json(["slow-queries", "--since", "table:1"]);
  expect(gone.body.error).toMatchObject({
    code: "snapshot-unusable",
    message: expect.stringContaining("has 2, from"),
  });
});

test("passwords stay out of it, and so does what this tool asks itself", async () => {
  await project.sql.unsafe(`alter role ${owner} password 'top secret'`);
  const { id } = await take("--table");
  const [row] = await project.sql<{ text: string }[]>`
    select statements::text as text from pgwright.query_snapshots where id = ${id}`;
  expect(row?.text).toContain(`alter role ${owner} password '***'`);
  expect(row?.text).not.toMatch(/top secret|pgwright insight/);
});

test("without rights the statements to run are named, and they work", async () => {
  await using role = await withRole();
  const url = urlFor(project.database.url, role);
  const args = ["slow-queries", "snapshot", "--table"];
  const denied = await project.json(args, { url });
  expect(denied.body.error).toMatchObject({ code: "sql-failed", sqlstate: "42501" });
  const read = await project.json(["slow-queries", "--since", "last"], { url });
  expect(read.body.error).toMatchObject({ code: "snapshot-unusable" });
  const [, grants] = /as \S+: (GRANT .*); without/.exec(denied.body.error.hint) ?? [];
  await project.sql.unsafe(grants ?? "no grants");
  const taken = await project.json(args, { url });
  expect(taken.code).toBe(0);
  expect(taken.body.result.hidden).toBeGreaterThan(0);
  expect(taken.stderr).toContain("are hidden from");
  const since = await project.json(["slow-queries", "--since", "last"], { url });
  expect(since.body.result.notes.join()).toContain("were hidden from who took the two");
  await project.sql.unsafe(`drop owned by ${role.name}`);

  await project.sql.unsafe(`alter table pgwright.query_snapshots rename to elsewhere`);
  await project.sql.unsafe(`grant all on database "${project.database.name}" to ${owner}`);
  await project.sql.unsafe(`revoke create on database "${project.database.name}" from ${owner}`);
  const fresh = await withRole();
  const missing = await project.json(args, { url: urlFor(project.database.url, fresh) });
  expect(missing.body.error.hint).toMatch(/a superuser can run: `GRANT CREATE ON DATABASE/);
  await fresh[Symbol.asyncDispose]();
  await project.sql.unsafe(`alter table pgwright.elsewhere rename to query_snapshots`);
});

test("a plan that changed is told with both, and the next partition is no change", async () => {
  await call(6);
  await take("--table");
  await project.sql.unsafe(
    "create table orders_3 partition of orders for values from (40001) to (60001); insert into orders select n, n % 4000, '2026-01-01' from generate_series(40001, 60000) n",
  );
  await project.sql`vacuum analyze orders`;
  await call(6);
  const same = await project.json(["slow-queries", "--since", "last"]);
  expect(find(same.body.result.queries)).toMatchObject({ planChange: null });

  await project.sql`drop index orders_customer`;
  await call(8);
  const args = ["slow-queries", "--since", "last"];
  const { body } = await project.json(args);
  expect(find(body.result.queries)).toMatchObject({
    planChange: {
      before: expect.arrayContaining([
        expect.stringMatching(/(Index|Bitmap Heap) Scan on public\.orders/),
      ]),
      now: expect.arrayContaining([expect.stringContaining("Seq Scan on public.orders")]),
    },
  });
  const told = body.findings.find(
    ({ rule }: { rule: string }) => rule === "slow-queries/plan-changed",
  );
  expect(told).toMatchObject({
    message: expect.stringMatching(/before, .*Seq Scan on public\.orders now/),
  });
  const text = await project.run(args);
  expect(text.stdout).toMatch(/, new plan .* select count\(\*\)/);
  // Neither has a plan where none was kept.
  await take("--table", "--plans", "0");
  const none = await project.json(args);
  expect(none.body.findings.map(({ rule }: { rule: string }) => rule)).not.toContain(
    "slow-queries/plan-changed",
  );
  await project.sql`create index orders_customer on orders (customer)`;
});
