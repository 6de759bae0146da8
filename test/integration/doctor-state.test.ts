/** What goes on: transactions, slots, dead rows, subscriptions. */
import { expect, test } from "vitest";
import { withDatabase } from "../support/database.ts";
import { examineDatabase, find, follow, sessionOn } from "../support/doctor.ts";
import { eventually } from "../support/eventually.ts";

test("a session that forgot its transaction, and whom it blocks", async () => {
  await using database = await withDatabase();
  await database.sql`create table t (name text)`;
  const limits = { idleTransactionSeconds: 0 };
  const idle = sessionOn(database);
  await idle.unsafe("set application_name = 'Shop till'");
  expect(await find(database, "doctor/transaction-idle", { limits })).toEqual([]);
  await idle.unsafe("begin; insert into t values ('secret name')");
  const [self] = await idle<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await idle.unsafe("lock t in share mode; select name from t where name <> 'secret name'");
  expect(await find(database, "doctor/transaction-idle")).toEqual([]);
  const [finding] = await find(database, "doctor/transaction-idle", { limits });
  expect(finding).toMatchObject({ severity: "warning", object: `pid ${self?.pid}` });
  expect(finding?.message).toMatch(
    new RegExp(
      `^pid ${self?.pid} \\(Shop till\\), role \\w+, has done nothing for \\d+ s in a transaction open for \\d+ s: lock t in share mode; select name from t where name <>…$`,
    ),
  );

  const waiting = sessionOn(database);
  const [waiter] = await waiting<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const insert = waiting.unsafe("insert into t values ('x')").execute();
  // Whoever blocks is named although its transaction is young.
  const blocking = await eventually(
    async () => (await find(database, "doctor/transaction-", { limits: { blockedSeconds: 0 } }))[0],
    "the insert to wait",
  );
  expect(blocking.message).toContain(`; 1 session waits for it (pid ${waiter?.pid})`);
  await follow(database.sql, blocking);
  await insert;
  expect(await find(database, "doctor/transaction-", { limits })).toEqual([]);
  await idle.end({ timeout: 1 });
  await waiting.end();
});

test("a statement that runs for long", async () => {
  await using database = await withDatabase();
  const limits = { activeTransactionSeconds: 0 };
  const busy = sessionOn(database);
  expect(await find(database, "doctor/transaction-long", { limits })).toEqual([]);
  const sleeping = busy.unsafe("select pg_sleep(60)").then(
    () => "slept",
    (error: Error) => error.message,
  );
  const finding = await eventually(
    // Not what the driver asks for when it connects.
    async () =>
      (await find(database, "doctor/transaction-long", { limits })).find(({ message }) =>
        message.includes("pg_sleep"),
      ),
    "the statement to run",
  );
  expect(finding.severity).toBe("info");
  expect(finding.message).toMatch(/runs in a transaction open for \d+ s: select pg_sleep\(60\)$/);
  await follow(database.sql, finding, (_, i) => i === 0);
  expect(await sleeping).toContain("canceling statement");
  await busy.end();
});

test("a prepared transaction that nobody finished", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  const gid = `doctor's ${database.name}`;
  const limits = { preparedTransactionSeconds: 0 };
  const look = async () =>
    (await find(database, "doctor/prepared-transaction", { limits })).filter(
      ({ object }) => object === gid,
    );
  expect(await look()).toEqual([]);
  await sql.unsafe("create table t (a int)");
  const session = sessionOn(database);
  await session.unsafe("begin; insert into t values (1)");
  await session.unsafe(`prepare transaction '${gid.replace("'", "''")}'`);
  try {
    const [finding] = await look();
    expect(finding?.message).toMatch(
      /has waited \d+ s for COMMIT PREPARED: it holds locks on 1 relation,/,
    );
    expect(await find(database, "doctor/prepared-transaction")).toEqual([]);
  } finally {
    const [finding] = await look();
    await follow(sql, finding, (statement) => statement.startsWith("ROLLBACK"));
  }
  expect(await look()).toEqual([]);
  await session.end();
});

test("a slot that nobody uses keeps WAL; one without WAL is only a note", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  const name = `doctor_${database.name.slice(5)}`;
  const look = async (limits = {}) =>
    (await find(database, "doctor/slot-", { limits })).filter(({ object }) => object === name);
  expect(await look()).toEqual([]);
  await sql`select pg_create_physical_replication_slot(${name})`;
  try {
    expect(await look()).toMatchObject([{ rule: "doctor/slot-unused", severity: "info" }]);
  } finally {
    const [unused] = await look();
    await follow(sql, unused);
  }
  await sql`select pg_create_physical_replication_slot(${name}, true)`;
  try {
    await sql.unsafe("create table t as select generate_series(1, 10000) as a");
    const [finding] = await look();
    expect(finding).toMatchObject({ rule: "doctor/slot-inactive", severity: "warning" });
    expect(finding?.message).toMatch(
      new RegExp(
        `^the physical slot ${name} (is|has been) used by nobody.* and keeps [\\d.]+ (kB|MB) of WAL, which grows until the disk is full$`,
      ),
    );
    expect(await look({ slotRetentionBytes: 1 })).toMatchObject([{ severity: "error" }]);
  } finally {
    const [finding] = await look();
    await follow(sql, finding);
  }
  expect(await look()).toEqual([]);
});

test("dead rows that autovacuum did not come for", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  const limits = { deadRows: 1000 };
  const look = () => find(database, "doctor/autovacuum-", { limits });
  await sql.unsafe(`create table "T" (a int);
    insert into "T" select generate_series(1, 3000)`);
  expect(await look()).toEqual([]);
  // Autovacuum does not wait for a table that is locked against it.
  const holder = sessionOn(database);
  await holder.unsafe(`begin; lock table "T" in share update exclusive mode`);
  await sql.unsafe(`delete from "T" where a > 100; select pg_stat_force_next_flush()`);
  const finding = await eventually(async () => (await look())[0], "the statistics");
  expect(finding).toMatchObject({ severity: "warning", object: 'public."T"' });
  expect(finding.message).toContain(
    'public."T" has 2,900 dead rows beside 100 live ones, never vacuumed; autovacuum should have come at ',
  );
  expect(await find(database, "doctor/autovacuum-")).toEqual([]);
  await holder.unsafe("rollback");
  await holder.end();
  await follow(sql, finding, (statement) => statement.startsWith("VACUUM"));
  await eventually(async () => (await look()).length === 0, "the statistics");

  await sql.unsafe(`alter table "T" set (autovacuum_enabled = off)`);
  const [off] = await look();
  expect(off).toMatchObject({ rule: "doctor/autovacuum-disabled", object: 'public."T"' });
  await follow(sql, off);
  expect(await look()).toEqual([]);
});

test("a subscription that is off", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  expect(await find(database, "doctor/subscription")).toEqual([]);
  await sql.unsafe(`create subscription "News feed" connection 'host=localhost dbname=none' publication p
    with (connect = false)`);
  try {
    const [finding] = await find(database, "doctor/subscription");
    expect(finding).toMatchObject({
      severity: "warning",
      object: '"News feed"',
      message: 'subscription "News feed" is disabled: its publisher keeps all WAL since then',
    });
  } finally {
    await sql.unsafe(`alter subscription "News feed" set (slot_name = none)`);
    await sql.unsafe(`drop subscription "News feed"`);
  }
  const { worst, findings } = await examineDatabase(database);
  expect(findings.some(({ rule }) => rule === "doctor/subscription")).toBe(false);
  expect(worst).toBe(findings[0]?.severity);
});
