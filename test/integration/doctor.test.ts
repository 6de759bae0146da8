/** The report as a whole: complete, harmless, quick, and fair to a sound database. */
import { expect, test } from "vitest";
import { checks } from "../../src/doctor/checks/index.ts";
import { runDoctor } from "../../src/doctor/doctor.ts";
import { lookOrSayWhy } from "../../src/doctor/look.ts";
import type { Event } from "../../src/events.ts";
import { connectTo } from "../support/connection.ts";
import { withDatabase } from "../support/database.ts";
import { examineDatabase, find, sessionOn } from "../support/doctor.ts";
import { withFitnessHub } from "../support/fitnesshub.ts";

/** What concerns the server rather than the database; test servers care for speed only. */
const ofTheServer =
  /^doctor\/(setting-|query-statistics|version-|slot-|wraparound|prepared|unencrypted|connections|pooler|collation-)/;

test("an empty database has nothing wrong with it, and every check has looked", async () => {
  await using database = await withDatabase();
  const report = await examineDatabase(database);
  expect(report.findings.filter(({ rule }) => !ofTheServer.test(rule))).toEqual([]);
  expect(report.checks.map(({ title }) => title)).toEqual(checks.map(({ title }) => title));
  expect(report.checks.map(({ state }) => state)).not.toContain("unseen");
  expect(report.engine).toEqual({ name: "PostgreSQL", kind: "postgres" });
  expect(report).toMatchObject({ database: database.name, isStandby: false, isPooled: false });
  expect(report.facts?.versionText).toContain(`PostgreSQL ${report.version} `);
  expect(report.facts?.uptimeSeconds).toBeGreaterThan(0);
});

test("FitnessHub has nothing wrong with it", async () => {
  await using database = await withFitnessHub();
  const { findings } = await examineDatabase(database, { migrationsRole: "fitnesshub_owner" });
  expect(findings.filter(({ rule }) => !ofTheServer.test(rule))).toEqual([]);
});

test("findings stand in the order of their weight, and the worst is named", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`create table t (a int); create policy p on t using (true);
    alter database "${database.name}" set statement_timeout = '1min';
    alter table t add check (a > 0) not valid`);
  const { findings, worst, checks } = await examineDatabase(database);
  const order = findings.map(({ severity }) => severity);
  expect(order).toEqual([...order].sort((a, b) => rank(a) - rank(b)));
  expect(worst).toBe("error");
  const states = new Map(checks.map(({ title, state }) => [title, state]));
  expect(states.get("row security")).toBe("error");
  expect(states.get("NOT VALID constraints")).toBe("warning");
  expect(states.get("invalid indexes")).toBe("passed");
});

function rank(severity: string): number {
  return ["error", "warning", "info"].indexOf(severity);
}

test("looking changes nothing: no write, no setting, no open transaction", async () => {
  await using database = await withDatabase();
  await database.sql`create table t (a int)`;
  await using session = await connectTo(database.url);
  const settings = `select name, setting from pg_settings
    where name in ('statement_timeout', 'lock_timeout', 'search_path', 'row_security', 'jit', 'transaction_read_only')`;
  const before = await session.query(settings);
  const events: Event[] = [];
  await runDoctor(session, {
    migrationsRole: undefined,
    ledgerSchema: "public",
    events: (event) => events.push(event),
  });
  expect(await session.query(settings)).toEqual(before);
  expect(
    await session.query(
      'select state, xact_start = query_start as "isAlone" from pg_stat_activity where pid = pg_backend_pid()',
    ),
  ).toEqual([{ state: "active", isAlone: true }]);
  expect(events[0]).toEqual({ type: "step-started", title: "checking" });
  expect(events.at(-1)).toMatchObject({ type: "step-finished", title: "checking" });
  expect(events.filter(({ type }) => type === "step-progress")).toHaveLength(checks.length);

  const refused = await lookOrSayWhy(session, "writing", async () => {
    await session.query("insert into public.t values (1)");
    return [];
  });
  expect(refused).toMatchObject([
    {
      rule: "doctor/cannot-look",
      object: "writing",
      message:
        "could not look at writing: cannot execute INSERT in a read-only transaction (SQLSTATE 25006)",
    },
  ]);
});

test("a locked table, and one that answers slowly, do not hold the report up", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table p (a int) partition by range (a); create table p_rest partition of p default;
    create table q (a int) partition by range (a); create table q_rest partition of q default;
    insert into q values (1); create index broken on q (a)`);
  const holder = sessionOn(database);
  await holder.unsafe("begin; lock table p_rest in access exclusive mode");
  const { findings, checks } = await examineDatabase(database);
  expect(findings.filter(({ rule }) => rule === "doctor/cannot-look")).toEqual([
    {
      rule: "doctor/cannot-look",
      severity: "warning",
      object: "default partition public.p_rest",
      message:
        "could not look at default partition public.p_rest: a lock was not to be had within 1 s",
      hint: "run doctor again",
    },
  ]);
  // The one beside it was looked at all the same.
  expect(findings.find(({ rule }) => rule === "doctor/partition-default")?.object).toBe(
    "public.q_rest",
  );
  expect(checks.filter(({ state }) => state === "unseen")).toHaveLength(1);
  await holder.unsafe("rollback");
  await holder.end();
  expect(await find(database, "doctor/cannot-look")).toEqual([]);

  await using session = await connectTo(database.url);
  const slow = await lookOrSayWhy(session, "sleep", async () => {
    await session.query("select pg_sleep(20)");
    return [];
  });
  expect(slow).toMatchObject([{ message: "could not look at sleep: it took longer than 5 s" }]);
});

test("what is dropped while it is looked at is not a riddle", async () => {
  await using database = await withDatabase();
  await using session = await connectTo(database.url);
  let tries = 0;
  const look = (until: number) =>
    lookOrSayWhy(session, "the lost", async () => {
      tries += 1;
      if (tries < until) await session.query("select pg_database_collation_actual_version(999)");
      return [];
    });
  expect(await look(3)).toEqual([]);
  expect(tries).toBe(3);
  tries = 0;
  expect(await look(9)).toMatchObject([{ rule: "doctor/cannot-look", object: "the lost" }]);
});

test("row security that hides rows from the role that looks is said, not believed", async () => {
  await using database = await withDatabase();
  await using session = await connectTo(database.url);
  await database.sql.unsafe(`create table t (a int); alter table t enable row level security;
    alter table t force row level security; grant select on t to pg_database_owner`);
  await session.query("set role pg_database_owner");
  const findings = await lookOrSayWhy(session, "t", async () => {
    await session.query("select * from public.t");
    return [];
  });
  expect(findings[0]?.message).toContain("row-level security policy");
  expect(findings[0]?.hint).toContain("BYPASSRLS");
});

test("a function of the database cannot be called in place of PostgreSQL's own", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  // Whoever may create in a schema that is searched first could otherwise act as whoever looks.
  await sql.unsafe(`create function public.age(xid) returns int language plpgsql as 'begin raise exception ''trap''; end';
    create function public.version() returns text language plpgsql as 'begin raise exception ''trap''; end';
    create table public.pg_class (trap int); create table public.pg_settings (trap int);
    alter database "${database.name}" set search_path = public, pg_catalog`);
  const { findings } = await examineDatabase(database);
  expect(findings.filter(({ rule }) => rule === "doctor/cannot-look")).toEqual([]);
});

test("an interrupt ends the report", async () => {
  await using database = await withDatabase();
  const controller = new AbortController();
  await using session = await connectTo(database.url, { signal: controller.signal });
  const events: Event[] = [];
  const report = runDoctor(session, {
    migrationsRole: undefined,
    ledgerSchema: "public",
    events: (event) => {
      events.push(event);
      if (event.type === "step-progress" && event.done === 3) controller.abort();
    },
  });
  await expect(report).rejects.toMatchObject({ code: "interrupted" });
  expect(events.at(-1)).toMatchObject({ type: "step-failed" });
});
