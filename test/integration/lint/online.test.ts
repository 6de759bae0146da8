/** `migrations.online: true`: what `migrate` makes safe is no finding, and what it leaves as it is is one. */
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

/** Each stands alone; `rule` finds it as it is written. */
const safe = {
  "create-index": "create index on orders (code);",
  "drop-index": "drop index orders_note_idx;",
  reindex: "reindex table orders;",
  "add-foreign-key":
    "alter table orders add constraint fk foreign key (customer_id) references customers;",
  "add-check": "alter table orders add check (amount > 0);",
  "add-unique": "alter table orders add unique (code);",
  "add-primary-key": "alter table plain add primary key (id);",
  "set-not-null": "alter table orders alter column code set not null;",
  "add-column-check": "alter table orders add column extra int check (extra > 0);",
  "add-column-unique": "alter table orders add column extra int unique;",
  "validate-together":
    "alter table orders add constraint c check (amount > 0) not valid;\nalter table orders validate constraint c;",
  "work-under-lock": "alter table customers add column city text;\ncreate index on orders (code);",
};

/** What stays as it is under `--online`, and must be found. */
const unsafe = {
  "change-column-type": "alter table orders alter column amount type bigint;",
  "add-column-volatile": "alter table orders add column extra float default random();",
  "add-exclusion": "alter table orders add exclude using btree (code with =);",
  "add-unique": "alter table events add unique (id);",
  // LOCK TABLE holds until the end of the transaction that the safe form would cut.
  "create-index": "lock table customers in share mode;\ncreate index on orders (code);",
  "drop-column": "alter table orders drop column note;",
};

let project: MigrationProject;
beforeAll(async () => {
  project = await withMigrations(
    {
      "001_tables.sql": migration(
        `create table customers (id bigint primary key);
create table orders (id bigint primary key, customer_id bigint, code text, amount int, note text);
create index orders_note_idx on orders (note);
create index orders_customer_id_idx on orders (customer_id);
create table plain (id bigint);
create table events (id bigint) partition by list (id);
create table events_1 partition of events for values in (1);`,
        "drop table customers, orders, plain, events;",
      ),
    },
    { yaml: "migrations:\n  online: true\n" },
  );
  await project.mustRun(["migrate"]);
  await project.sql`insert into orders select i, i, i, i, i from generate_series(1, 20000) i`;
  await project.sql`insert into plain select i from generate_series(1, 20000) i`;
  await project.sql`insert into events select 1 from generate_series(1, 20000) i`;
  await project.sql`insert into customers select i from generate_series(1, 20000) i`;
  await project.sql`analyze`;
});
afterAll(async () => project[Symbol.asyncDispose]());

async function rulesOf(up: string, args: readonly string[]): Promise<string[]> {
  await project.write("002_next.sql", migration(up, "select 1;"));
  try {
    const { body } = await project.json(["lint", "migrations/002_next.sql", ...args]);
    return body.findings.map(({ rule }: { rule: string }) => rule.replace("lint/", ""));
  } finally {
    await project.remove("002_next.sql");
  }
}

describe.each([["by the files alone"], ["by the catalog"]])("%s", (way) => {
  const ask = () => (way === "by the catalog" ? ["--url", project.database.url] : []);

  test.each(Object.entries(safe))("%s: safe online, and no finding", async (_, up) => {
    expect(await rulesOf(up, ask())).toEqual([]);
  });

  test.each(Object.entries(unsafe))("%s: stays as it is, and is found", async (rule, up) => {
    expect(await rulesOf(up, ask())).toContain(rule);
  });

  test("an index of a partitioned table is built leaf by leaf", async () => {
    const up = "create index on events (id);";
    expect(await rulesOf(up, ask())).toEqual([]);
  });
});

test.each(Object.entries(safe))("%s: found as it is written", async (rule, up) => {
  expect(await rulesOf(up, ["--no-online"])).toContain(rule);
});

test("what migrate --online keeps as it is, and nothing else, is found as blocking", async () => {
  const blocking: string[] = [];
  for (const up of [...Object.values(safe), ...Object.values(unsafe)]) {
    await project.write("002_next.sql", migration(up, "select 1;"));
    const { body } = await project.json(["migrate", "--dry-run"]);
    const kept = body.result.online?.some(({ runs }: { runs: unknown }) => runs === null) ?? false;
    if (kept) blocking.push(up);
  }
  await project.remove("002_next.sql");
  const dropColumn = unsafe["drop-column"];
  expect(blocking).toEqual(Object.values(unsafe).filter((up) => up !== dropColumn));
});

test("files that migrate does not run online are judged as they are written", async () => {
  await writeFile(join(project.path, "other.sql"), "create index on orders (code);\n");
  await project.write("R_index.sql", "create index if not exists i on orders (amount);\n");
  const { body } = await project.json(["lint", "migrations/R_index.sql", "other.sql"]);
  await project.remove("R_index.sql");
  expect(body.findings.map(({ rule }: { rule: string }) => rule)).toEqual([
    "lint/create-index",
    "lint/create-index",
  ]);
});

test("the summary says how it was judged", async () => {
  const { stdout } = await project.run(["lint"]);
  expect(stdout).toMatch(/judged for PostgreSQL 15, run online: /);
  const { stdout: plain } = await project.run(["lint", "--no-online"]);
  expect(plain).toMatch(/judged for PostgreSQL 15: /);
});
