/** `indexes list` and `indexes repair` as the built command line shows them. */
import { expect, test } from "vitest";
import { interruptWhen, sessionOn } from "../../support/doctor.ts";
import { eventually } from "../../support/eventually.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";
import { hasPooler, withPooler } from "../../support/pooler.ts";
import { hasTmux, withScreen } from "../../support/screen.ts";

const shop = {
  "001_shop.sql": migration(
    `create table customers (id int primary key, email text not null unique);
create table orders (id int primary key, customer int references customers, "Placed at" timestamptz);
create index customers_email on customers (email);`,
    "drop table orders; drop table customers;",
  ),
};

test("a pipe gets one line for each index, the findings, and exit 0 unless --fail-on", async () => {
  await using project = await withMigrations(shop);
  await project.mustRun(["migrate"]);
  const listed = await project.run(["indexes", "list"]);
  expect(listed.code).toBe(0);
  // The ledger and its log are ours, not the project's.
  const shown = listed.stdout.replaceAll(/ {2,}/g, "  ").replace(/only .* old/, "only 1 s old");
  expect(shown.split("\n").slice(0, 10)).toEqual([
    "table  index  size  scans  kind  columns",
    "public.customers  customers_pkey  8.0 kB  0  primary key  (id)",
    "public.customers  customers_email  8.0 kB  0  index  (email)",
    "public.customers  customers_email_key  8.0 kB  0  unique  (email)",
    "public.orders  orders_pkey  8.0 kB  0  primary key  (id)",
    "",
    "4 indexes, 32.0 kB: 2 findings",
    "the statistics are only 1 s old: no index is called unused before 30 d (--min-age)",
    "",
    "warning: index public.customers_email on public.customers is a duplicate of public.customers_email_key, that of the constraint customers_email_key: btree (email); it takes 8.0 kB [indexes/duplicate]",
  ]);
  expect(listed.stdout).toContain(
    "info: the foreign key orders_customer_fkey (customer) of public.orders has no index",
  );
  for (const [severity, code] of [
    ["error", 0],
    ["warning", 1],
  ] as const) {
    expect((await project.run(["indexes", "list", "--fail-on", severity])).code).toBe(code);
  }
  const one = await project.json(["indexes", "list", "--table", "orders"]);
  expect(one.body.result.indexes.map(({ index }: { index: string }) => index)).toEqual([
    "public.orders_pkey",
  ]);
  expect(one.body.findings.map(({ rule }: { rule: string }) => rule)).toEqual([
    "indexes/foreign-key",
  ]);
  const usage = await project.run(["indexes", "list", "--min-age", "soon"]);
  expect([usage.code, usage.stderr]).toEqual([2, expect.stringContaining("30d, 12h or 0")]);
});

// Where there is little room, the table stands above its indexes.
test.skipIf(!hasTmux).each([
  [
    60,
    /^public\.customers\nindex +size +scans +kind +columns$/m,
    /^customers_email_key +8\.0 kB +0 +unique +\(email\)$/m,
  ],
  [
    120,
    /^table +index +size +scans +kind +columns$/m,
    /^public\.customers +customers_email_key +8\.0 kB +0 +unique +\(email\)$/m,
  ],
])("a terminal of %i columns gets what fits it", async (columns, head, row) => {
  await using project = await withMigrations(shop);
  await project.mustRun(["migrate"]);
  const args = ["indexes", "list", "--url", project.database.url];
  await using screen = await withScreen(args, { cwd: project.path, columns });
  const { code, text } = await screen.finish();
  expect(code).toBe(0);
  expect(text.split("\n").filter((line) => line.length > columns)).toEqual([]);
  expect(text).toMatch(head);
  expect(text).toMatch(row);
});

test("repair: a dry run prints what runs; a failure is exit 4; nothing left is exit 0", async () => {
  await using project = await withMigrations(shop);
  await project.mustRun(["migrate"]);
  const { sql, database } = project;
  await sql.unsafe(
    "insert into customers values (1, 'a'), (2, 'b'); insert into orders values (1, 1), (2, 1)",
  );
  await expect(
    sql.unsafe("create unique index concurrently orders_customer on orders (customer)"),
  ).rejects.toThrow(/could not create unique/);
  const reader = sessionOn(database);
  await reader.unsafe("begin; select * from customers");
  await interruptWhen(
    database,
    "reindex index concurrently customers_email",
    `select from pg_stat_progress_create_index
     where datname = current_database() and phase = 'waiting for readers before marking dead'`,
  );
  await reader.unsafe("rollback");
  await reader.end();

  const dry = await project.run(["indexes", "repair", "--dry-run"]);
  expect([dry.code, dry.stdout]).toEqual([
    0,
    `-- public.customers_email_ccold: an interrupted REINDEX CONCURRENTLY of public.customers_email left it behind
DROP INDEX CONCURRENTLY public.customers_email_ccold;

-- public.orders_customer: it is invalid: a concurrent build of it failed
REINDEX INDEX CONCURRENTLY public.orders_customer;
`,
  ]);
  const failed = await project.run(["indexes", "repair"]);
  expect(failed.code).toBe(4);
  expect(failed.stderr).toMatch(/^✓ DROP INDEX CONCURRENTLY public.customers_email_ccold/m);
  expect(failed.stderr).toMatch(/^✗ REINDEX INDEX CONCURRENTLY public.orders_customer/m);
  expect(failed.stdout).toContain("Dropped 1 leftover of interrupted rebuilds");
  expect(failed.stdout).toContain(
    "error: index public.orders_customer on public.orders is not repaired: it is unique, and 2 rows of the table share one key, by ctid: (0,1) (0,2) [indexes/duplicate-keys]",
  );
  await sql`delete from orders where id = 2`;
  const done = await project.json(["indexes", "repair", "orders_customer"]);
  expect(done.code).toBe(0);
  expect(done.body.result.steps).toEqual([
    {
      index: "public.orders_customer",
      table: "public.orders",
      sql: ["REINDEX INDEX CONCURRENTLY public.orders_customer"],
      isCleaning: false,
    },
  ]);
  const nothing = await project.run(["indexes", "repair"]);
  expect([nothing.code, nothing.stdout]).toEqual([0, "Nothing to repair: every index is valid\n"]);
});

test.skipIf(!hasPooler)(
  "behind a transaction pooler the list works, and repair asks for the server",
  async () => {
    await using pooler = await withPooler(3);
    await using project = await withMigrations(shop);
    await project.mustRun(["migrate"]);
    const url = pooler.urlOf(project.database.url);
    expect((await project.run(["indexes", "list"], { url })).code).toBe(0);
    const refused = await project.run(["indexes", "repair"], { url });
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain(
      "error[pooler-refused]: indexes are rebuilt outside of transactions",
    );
    expect(refused.stderr).toContain("--direct-url");
    const direct = ["indexes", "repair", "--url", url, "--direct-url", project.database.url];
    expect((await project.run(direct)).stdout).toBe("Nothing to repair: every index is valid\n");
  },
);

test("Ctrl-C ends a rebuild, says what stays, and the next run takes it up", async () => {
  await using project = await withMigrations(shop);
  await project.mustRun(["migrate"]);
  const { sql, database } = project;
  await sql.unsafe(
    "insert into customers values (1, 'a'); insert into orders values (1, 1), (2, 1)",
  );
  await expect(
    sql.unsafe("create unique index concurrently orders_customer on orders (customer)"),
  ).rejects.toThrow(/could not create unique/);
  await sql`delete from orders where id = 2`;
  const writer = sessionOn(database);
  await writer.unsafe("begin; delete from orders");
  const running = project.start(["indexes", "repair"]);
  await eventually(
    async () =>
      (
        await sql`select from pg_stat_activity where wait_event_type = 'Lock' and query like 'REINDEX%'`
      ).length > 0,
    "the rebuild to wait for the writer",
  );
  running.child.kill("SIGINT");
  const { code, stderr } = await running.done;
  expect(code).toBe(130);
  expect(stderr).toContain(
    "left unfinished, the next run takes it up: public.orders_customer_ccnew",
  );
  await writer.unsafe("rollback");
  await writer.end();
  expect((await project.run(["indexes", "repair"])).stdout).toBe(
    "Repaired 1 index, dropped 1 leftover of interrupted rebuilds\n",
  );
});
