/** `audit undo`: the state before, or a refusal that says why. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import { PgwrightError } from "../../../src/errors.ts";
import { readLog } from "../../../src/policies/audit/log.ts";
import type { UndoSelection } from "../../../src/policies/audit/undo.ts";
import { applyUndo, planUndo, textOf } from "../../../src/policies/audit/undo.ts";
import { auditLogSql, declare, install } from "../../support/audit.ts";
import { connectTo } from "../../support/connection.ts";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";
import { fitnessHubAudit } from "../../support/fitnesshub-audit.ts";
import { withFitnessHub } from "../../support/fitnesshub.ts";

const optionsFor = (source: string, skipConflicts = false) => ({
  log: "shared.audit_log",
  declared: declare(source),
  role: undefined,
  skipConflicts,
  lockTimeoutMs: 1000,
});

/** Plans and applies; the SQL. */
async function undo(
  session: Session,
  source: string,
  selection: UndoSelection,
  skipConflicts = false,
) {
  const options = optionsFor(source, skipConflicts);
  const plan = await planUndo(session, selection, options);
  const { xid } = await applyUndo(session, plan, selection, options);
  return { ...plan, xid, sql: textOf(plan).split(";\n").slice(0, -1) };
}

async function refusal(
  work: Promise<unknown>,
): Promise<{ code: string; notes: readonly string[] }> {
  try {
    await work;
  } catch (error) {
    if (error instanceof PgwrightError) {
      return { code: error.code, notes: error.details.notes ?? [] };
    }
    throw error;
  }
  return { code: "done", notes: [] };
}

/** Runs SQL in one transaction; its number. */
async function change(session: Session, sql: string): Promise<string> {
  await session.script(`begin; ${sql}`);
  const { xid } = await session.one<{ xid: string }>("select pg_current_xact_id()::text as xid");
  await session.script("commit");
  return xid;
}

describe("FitnessHub", () => {
  let database: TestDatabase;
  let session: Session;

  beforeAll(async () => {
    database = await withFitnessHub();
    session = await connectTo(database.url, { writes: true });
    await install(session, fitnessHubAudit);
    await session.script(`
      insert into users (id, email, first_name, last_name)
        select ('00000000-0000-4000-8000-00000000000' || i)::uuid, 'u' || i || '@example.invalid', 'First', 'Last' from generate_series(1, 3) i;
      insert into user_profiles (user_id, height_cm, measurements) select id, 180.50, '{"waist": 80.0, "unit": "cm"}' from users;
      insert into user_stats (user_id, metric_name, value) select id, 'weight', 80.5000 from users;
      insert into workouts (user_id, name, type, difficulty, duration_minutes, tags) select id, 'W', 'cardio', 'beginner', 30, '["a"]' from users;
      insert into exercises (name, category, difficulty) values ('E', 'c', 'beginner');
      insert into workout_exercises (workout_id, exercise_id, order_index, sets, reps) select w.id, e.id, 1, 2, 3 from workouts w, exercises e;
      insert into workout_sessions (user_id, workout_id) select user_id, id from workouts;
      insert into exercise_sets (workout_session_id, exercise_id, set_number, reps) select s.id, e.id, 1, 5 from workout_sessions s, exercises e;
      insert into social_posts (user_id, content, type, workout_id, created_at)
        select u.id, 'post', 'workout', w.id, '2024-01-15 12:00Z' from users u, workouts w;
      insert into likes (user_id, post_id) select u.id, p.id from users u, social_posts p;
      insert into comments (user_id, post_id, content) select u.id, p.id, 'c' from users u, social_posts p;
      insert into comments (user_id, post_id, content, parent_comment_id) select u.id, c.post_id, 'answer', c.id from users u, comments c;
      insert into user_followers (follower_id, following_id) select a.id, b.id from users a, users b where a.id <> b.id;
      insert into ai_chat_sessions (user_id) select id from users;
      insert into ai_messages (session_id, role, content) select id, 'user', 'hi' from ai_chat_sessions;
      insert into recommendations (user_id, type, title, confidence_score) select id, 'workout', 't', 0.50 from users;
      insert into nfts (user_id, token_id, contract_address, name, rarity) select id, id::text, 'a', 'n', 'rare' from users;
      insert into achievements (user_id, type, title) select id, 't', 't' from users;
      insert into notifications (user_id, type, title, message) select id, 'system', 't', 'm' from users`);
  });

  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  /** Every row of every table but the log; updated_at of other people's posts is the trigger's. */
  async function snapshot(without = ["social_posts"]): Promise<Record<string, string>> {
    const tables = await session.query<{ name: string }>(
      "select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = relnamespace where relkind in ('r', 'p') and not relispartition and nspname ~ '_service$' order by 1",
    );
    const state: Record<string, string> = {};
    for (const { name } of tables) {
      const { rows } = await session.one<{ rows: string }>(
        `select string_agg((to_jsonb(t) ${without.includes(name) ? "- 'updated_at'" : ""})::text, e'\\n' order by to_jsonb(t)::text) as rows from ${name} t`,
      );
      state[name] = rows;
    }
    return state;
  }

  it("a deleted user comes back with every dependent row", async () => {
    const before = await snapshot();
    expect(Object.keys(before)).toHaveLength(19);
    expect(Object.values(before)).not.toContain(null);
    const xid = await change(session, "delete from users where email = 'u1@example.invalid'");
    const after = await snapshot();
    const changed = Object.keys(before).filter((table) => before[table] !== after[table]);
    expect(changed).toHaveLength(18);
    const done = await undo(session, fitnessHubAudit, { xids: [xid] });
    expect(await snapshot()).toEqual(before);
    // And back again: undoing the undo deletes what came back.
    await undo(session, fitnessHubAudit, { xids: [done.xid] });
    expect(await snapshot()).toEqual(after);
    await undo(session, fitnessHubAudit, { xids: [xid] });
    expect(await snapshot()).toEqual(before);
  });

  it("un-adding a user says what is not audited and goes along", async () => {
    const xid = await change(
      session,
      "insert into users (email, first_name, last_name) values ('new@example.invalid', 'N', 'N')",
    );
    const { notes, counts } = await undo(session, fitnessHubAudit, { xids: [xid] });
    expect(counts).toEqual({ insert: 0, update: 0, delete: 1 });
    expect(notes).toEqual([
      "rows of user_service.user_emails that refer to deleted rows go with them (1); that table is not audited",
    ]);
  });

  it("a post that moved to another month is one change, and goes back", async () => {
    // The comments' foreign key is ON UPDATE CASCADE, and their trigger keeps updated_at.
    const touched = ["social_posts", "comments"];
    const before = await snapshot(touched);
    const xid = await change(
      session,
      "update social_posts set created_at = '2024-02-15 12:00Z' where user_id = '00000000-0000-4000-8000-000000000002'",
    );
    const { entries } = await readLog(
      session,
      "shared.audit_log",
      { xids: [xid], table: "social_posts", limit: 10 },
      undefined,
    );
    expect(entries.map(({ operation, isMove }) => [operation, isMove])).toEqual(
      Array.from({ length: 3 }, () => ["UPDATE", true]),
    );
    expect(entries[0]?.changes.map(({ column }) => column)).toEqual(["created_at", "updated_at"]);
    await undo(session, fitnessHubAudit, { xids: [xid] });
    expect(await snapshot(touched)).toEqual(before);
  });

  it("a user whose id moved to another leaf is one change, and goes back", async () => {
    const before = await snapshot(["users"]);
    const { id } = await session.one<{ id: string }>(
      "insert into users (email, first_name, last_name) values ('m@example.invalid', 'M', 'M') returning id",
    );
    const there = await snapshot(["users"]);
    // Of 20 new ids one surely belongs to another of the leaves.
    for (let i = 10; i < 30; i += 1) {
      const now = `00000000-0000-4000-8000-0000000000${i}`;
      const xid = await change(session, `update users set id = '${now}' where id = '${id}'`);
      const { entries } = await readLog(
        session,
        "shared.audit_log",
        { xids: [xid], limit: 10 },
        undefined,
        declare(fitnessHubAudit),
      );
      expect(entries.map(({ operation, newKey }) => [operation, newKey])).toEqual([
        ["UPDATE", entries[0]?.isMove === true ? now : null],
      ]);
      const { counts } = await undo(session, fitnessHubAudit, { xids: [xid] });
      expect(counts).toEqual({ insert: 0, update: 1, delete: 0 });
      expect(await snapshot(["users"])).toEqual(there);
    }
    await session.script(`delete from users where id = '${id}'`);
    expect(await snapshot(["users"])).toEqual(before);
  });

  it("addresses that were passed on, or belong to a new user, go back in reverse", async () => {
    const before = await snapshot(["users", "social_posts"]);
    const user = (i: number) => `id = '00000000-0000-4000-8000-00000000000${i}'`;
    const swap = await change(
      session,
      `update users set email = 'tmp@example.invalid' where ${user(1)};
       update users set email = 'u1@example.invalid' where ${user(2)};
       update users set email = 'u2@example.invalid' where ${user(1)}`,
    );
    await undo(session, fitnessHubAudit, { xids: [swap] });
    expect(await snapshot(["users", "social_posts"])).toEqual(before);
    const shift = await change(
      session,
      `update users set email = 'u4@example.invalid' where ${user(1)};
       update users set email = 'u1@example.invalid' where ${user(2)}`,
    );
    await undo(session, fitnessHubAudit, { xids: [shift] });
    expect(await snapshot(["users", "social_posts"])).toEqual(before);
    const again = await change(
      session,
      `delete from users where ${user(3)};
       insert into users (email, first_name, last_name) values ('u3@example.invalid', 'N', 'N')`,
    );
    await undo(session, fitnessHubAudit, { xids: [again] });
    expect(await snapshot(["users", "social_posts"])).toEqual(before);
  });
});

describe("rows", () => {
  let database: TestDatabase;
  let session: Session;
  const yaml = `
log: shared.audit_log
defaults: { bookkeeping: [updated_at] }
tables:
  app.people: { mask: [pin_text], exclude: [note], allow: { pin_text: "" } }
  app.orders:
  app.tree:
  app.a:
  app.b:
  app.bag:
  app.parent:
  app.child:
  app.strict: { mask: [needed] }
`.replace(', allow: { pin_text: "" }', "");

  beforeAll(async () => {
    database = await withDatabase();
    session = await connectTo(database.url, { writes: true });
    await session.script(`${auditLogSql()};
      create schema app;
      create table app.people (id bigint generated always as identity primary key, email text unique, name text, pin_text text, note text default 'n',
        twice text generated always as (name || name) stored, updated_at timestamptz default now());
      create table app.orders (a int, b timestamptz, person bigint references app.people on delete cascade, amount numeric, primary key (a, b));
      create table app.tree (id int primary key, parent int references app.tree, label text);
      create table app.a (id int primary key, b int);
      create table app.b (id int primary key, a int references app.a);
      alter table app.a add foreign key (b) references app.b;
      create table app.bag (what text, n numeric);
      create table app.parent (id int primary key);
      create table app.child (parent int references app.parent on update cascade, what text, made timestamptz, primary key (parent, what));
      create table app.strict (id int primary key, needed text not null)`);
    await install(session, yaml);
  });

  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  beforeEach(() =>
    session.script(`
      truncate app.people, app.orders, app.tree, app.a, app.b, app.bag, app.strict, app.parent, app.child restart identity;
      insert into app.people (email, name, pin_text) values ('a@x', 'Ann', '1'), ('b@x', 'Bob', '2');
      insert into app.orders values (1, '2024-01-01 10:00+02', 1, 10.50);
      truncate shared.audit_log`),
  );

  const state = async (table: string) =>
    (
      await session.one<{ rows: string | null }>(
        `select string_agg(t::text, ' ' order by t::text) as rows from ${table} t`,
      )
    ).rows;

  it("prints what it runs", async () => {
    const xid = await change(
      session,
      "update app.people set name = 'Al''s' where id = 1; delete from app.people where id = 1; insert into app.people (email, name) values ('c@x', 'Cem')",
    );
    const { sql, entries, counts } = await undo(session, yaml, { xids: [xid] });
    expect(entries).toBe(4);
    expect(counts).toEqual({ insert: 2, update: 0, delete: 1 });
    expect(sql).toEqual([
      expect.stringMatching(
        /^insert into app.people \(id, email, name, pin_text, note, updated_at\) overriding system value values \('1', 'a@x', 'Ann', default, default, '.*'\)$/,
      ),
      `insert into app.orders (a, b, person, amount) values ('1', '2024-01-01T08:00:00+00:00', '1', '10.50')`,
      "delete from app.people where id = '3' and name = 'Cem' and email = 'c@x' and pin_text is null",
    ]);
  });

  it("prints a script that does the same, or nothing", async () => {
    await session.script("insert into app.bag values ('$check$', 1), ('$check$', 1)");
    const before = [await state("app.people"), await state("app.orders"), await state("app.bag")];
    const xid = await change(
      session,
      `update app.people set name = 'x' where id = 2; delete from app.orders;
       update app.bag set n = 2; insert into app.people (email, name) values ('d@x', 'Dora')`,
    );
    const after = [await state("app.people"), await state("app.orders"), await state("app.bag")];
    const { script } = await planUndo(session, { xids: [xid] }, optionsFor(yaml));
    const runs = async (text: string) => {
      try {
        await session.script(text);
        return "done";
      } catch (error) {
        await session.settle("rollback");
        return (error as Error).message;
      }
    };
    const now = async () => [
      await state("app.people"),
      await state("app.orders"),
      await state("app.bag"),
    ];
    for (const [interfere, mend, message] of [
      [
        "update app.people set name = 'y' where id = 2",
        "update app.people set name = 'x' where id = 2",
        "app.people 2: changed since, or not there any more",
      ],
      [
        "insert into app.orders values (1, '2024-01-01 08:00Z', 1, 9)",
        "delete from app.orders",
        "app.orders 1, 2024-01-01T08:00:00+00:00: there is such a row again",
      ],
      [
        "insert into app.orders values (9, '2024-01-01 08:00Z', 3, 9)",
        "delete from app.orders",
        "app.people 3: app.orders refers to it since",
      ],
      [
        "delete from app.bag where ctid = (select max(ctid) from app.bag)",
        "insert into app.bag values ('$check$', 2)",
        "app.bag (no key): no row has these values any more",
      ],
    ] as const) {
      await session.script(interfere);
      expect(await runs(script)).toBe(message);
      await session.script(mend);
      expect(await now()).toEqual(after);
    }
    expect(await runs(script)).toBe("done");
    const plain = (rows: readonly (string | null)[]) =>
      rows.map((row) => row?.replaceAll(/"[^"]*"/g, ""));
    expect(plain(await now())).toEqual(plain(before));
  });

  it("restores in part what was masked or left out, and says so", async () => {
    const xid = await change(session, "delete from app.people where id = 2");
    const { notes } = await undo(session, yaml, { xids: [xid] });
    expect(notes).toEqual([
      "the value of app.people.pin_text is masked in the log; the row gets the default",
      "the value of app.people.note is not in the log; the row gets the default",
    ]);
    await session.script("insert into app.strict values (1, 'x')");
    const gone = await change(session, "delete from app.strict");
    expect(await refusal(undo(session, yaml, { xids: [gone] }))).toEqual({
      code: "undo-refused",
      notes: ["app.strict 1: app.strict.needed needs a value, which is masked in the log"],
    });
  });

  it("refuses what changed since, lists each row, and skips them when told", async () => {
    const xid = await change(session, "update app.people set name = name || '!'");
    await session.script("update app.people set updated_at = '2000-01-01'");
    await session.script("update app.people set name = 'Other' where id = 1");
    const before = await state("app.people");
    expect(await refusal(undo(session, yaml, { xids: [xid] }))).toEqual({
      code: "undo-refused",
      notes: ["app.people 1: changed since: name"],
    });
    expect(await state("app.people")).toBe(before);
    const { skipped } = await undo(session, yaml, { xids: [xid] }, true);
    expect(skipped).toEqual(["app.people 1: changed since: name"]);
    const { name } = await session.one<{ name: string }>(
      "select name from app.people where id = 2",
    );
    expect(name).toBe("Bob");
  });

  it("refuses a row that is gone, is there again, or is referred to since", async () => {
    const added = await change(
      session,
      "insert into app.people (email, name) values ('d@x', 'Dora')",
    );
    await session.script(
      "insert into app.orders select 5, now(), id, 1 from app.people where name = 'Dora'",
    );
    expect(await refusal(undo(session, yaml, { xids: [added] }))).toEqual({
      code: "undo-refused",
      notes: ["app.people 3: app.orders refers to it since"],
    });
    await session.script("delete from app.people where name = 'Dora'");
    expect((await refusal(undo(session, yaml, { xids: [added] }))).notes).toEqual([
      "app.people 3: the row is not there any more",
    ]);
    const gone = await change(session, "delete from app.orders");
    await session.script("insert into app.orders values (1, '2024-01-01 08:00Z', 1, 99)");
    expect((await refusal(undo(session, yaml, { xids: [gone] }))).notes).toEqual([
      "app.orders 1, 2024-01-01T08:00:00+00:00: there is such a row again",
    ]);
  });

  it("names a unique value that somebody else has by now, and changes nothing", async () => {
    const gone = await change(session, "delete from app.people where id = 2");
    await session.script("insert into app.people (email) values ('b@x')");
    const before = await state("app.people");
    const { code, notes } = await refusal(undo(session, yaml, { xids: [gone] }));
    expect([code, ...notes]).toEqual([
      "undo-refused",
      "Key (email)=(b@x) already exists.",
      expect.stringMatching(/^transaction \d+ changed app.people later$/),
      "nothing was changed",
    ]);
    expect(await state("app.people")).toBe(before);
  });

  it("undoes a replaced row with the same unique value", async () => {
    const before = await state("app.people");
    const xid = await change(
      session,
      "delete from app.people where id = 2; insert into app.people (email, name) values ('b@x', 'New')",
    );
    await undo(session, yaml, { xids: [xid] });
    expect(await state("app.people")).toBe(before?.replace(",2,n,", ",,n,"));
  });

  it("undoes swapped keys, and a key with what refers to it", async () => {
    await session.script(
      "insert into app.tree values (1, null, 'root'), (2, 1, 'child'); insert into app.parent values (1), (2); insert into app.child values (1, 'x', now()), (2, 'y', now()); ",
    );
    const before = [await state("app.people"), await state("app.parent"), await state("app.child")];
    const xid = await change(
      session,
      `update app.people set email = 't' where id = 1; update app.people set email = 'a@x' where id = 2; update app.people set email = 'b@x' where id = 1;
       update app.parent set id = 3 where id = 1; update app.parent set id = 1 where id = 2; update app.parent set id = 2 where id = 3`,
    );
    await undo(session, yaml, { xids: [xid] });
    expect([
      await state("app.people"),
      await state("app.parent"),
      await state("app.child"),
    ]).toEqual(before);
  });

  it("finds an order through self-references and cycles", async () => {
    await session.script(`
      insert into app.tree values (1, null, 'root'), (3, 1, 'child'), (2, 3, 'leaf');
      insert into app.a values (1, null); insert into app.b values (1, 1); update app.a set b = 1`);
    const before = [await state("app.tree"), await state("app.a"), await state("app.b")];
    const gone = await change(
      session,
      "delete from app.tree; update app.a set b = null; delete from app.b; delete from app.a",
    );
    const back = await undo(session, yaml, { xids: [gone] });
    expect([await state("app.tree"), await state("app.a"), await state("app.b")]).toEqual(before);
    await undo(session, yaml, { xids: [back.xid] });
    expect([await state("app.tree"), await state("app.a"), await state("app.b")]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it("undoes one of two equal rows without a key", async () => {
    await session.script("insert into app.bag values ('x', 1.0), ('x', 1.0), ('y', 2)");
    const xid = await change(
      session,
      "update app.bag set n = 1.00 where ctid = (select min(ctid) from app.bag where what = 'x'); delete from app.bag where what = 'y'",
    );
    await undo(session, yaml, { xids: [xid] });
    expect(await state("app.bag")).toBe("(x,1.0) (x,1.0) (y,2)");
  });

  it("restores every one of equal rows without a key, and removes just as many", async () => {
    const added = await change(
      session,
      "insert into app.bag select 'dup', null from generate_series(1, 3)",
    );
    await session.script("insert into app.bag values ('dup', null)");
    const gone = await change(session, "delete from app.bag");
    const back = await undo(session, yaml, { xids: [gone] });
    expect(back.counts).toEqual({ insert: 4, update: 0, delete: 0 });
    expect(await state("app.bag")).toBe("(dup,) (dup,) (dup,) (dup,)");
    const removed = await undo(session, yaml, { xids: [added] });
    expect(removed.counts).toEqual({ insert: 0, update: 0, delete: 3 });
    expect(await state("app.bag")).toBe("(dup,)");
    // Three were added, and only one such row is left.
    expect((await refusal(undo(session, yaml, { xids: [added] }))).notes).toEqual(
      Array.from({ length: 2 }, () => "app.bag (no key): no row has these values any more"),
    );
    const mixed = await change(
      session,
      "insert into app.bag select 'dup', null from generate_series(1, 2); update app.bag set n = 1; delete from app.bag where ctid = (select max(ctid) from app.bag); insert into app.bag values ('dup', 1)",
    );
    await undo(session, yaml, { xids: [mixed] });
    expect(await state("app.bag")).toBe("(dup,)");
  });

  it("takes the last change of a row, or all of one actor", async () => {
    const actor = "00000000-0000-4000-8000-00000000000a";
    await session.script(`
      update app.people set name = 'one' where id = 1;
      update app.people set name = 'two' where id = 1`);
    await undo(session, yaml, { table: "people", key: "1" });
    expect(await state("app.people")).toContain("a@x,one,");
    await session.script(
      `set app.current_user_id = '${actor}'; update app.people set name = 'mine'; delete from app.orders; reset app.current_user_id`,
    );
    const { entries } = await undo(session, yaml, { actor, since: "1h" });
    expect(entries).toBe(3);
    expect(await state("app.people")).toContain("a@x,one,");
    expect(await state("app.orders")).not.toBeNull();
    const key = `{"b": "2024-01-01T08:00:00+00:00", "a": "1"}`;
    await session.script("update app.orders set amount = 3");
    await undo(session, yaml, { table: "app.orders", key });
    expect(await state("app.orders")).toContain("10.50");
  });

  it("cannot undo TRUNCATE, and says so", async () => {
    const xid = await change(
      session,
      "truncate app.bag; update app.people set name = 'x' where id = 1",
    );
    expect(await refusal(undo(session, yaml, { xids: [xid] }))).toEqual({
      code: "undo-refused",
      notes: ["TRUNCATE of app.bag cannot be undone: the log does not hold its rows"],
    });
    expect((await undo(session, yaml, { xids: [xid] }, true)).counts.update).toBe(1);
  });

  it("stops when a row changes between plan and run, or is locked", async () => {
    const xid = await change(session, "update app.people set name = 'x' where id = 1");
    const options = optionsFor(yaml);
    const plan = await planUndo(session, { xids: [xid] }, options);
    const other = await connectTo(database.url, { writes: true });
    try {
      await other.script("begin; update app.people set note = 'y' where id = 1");
      expect(
        (
          await refusal(
            applyUndo(session, plan, { xids: [xid] }, { ...options, lockTimeoutMs: 50 }),
          )
        ).code,
      ).toBe("lock-timeout");
      await other.script("update app.people set name = 'y' where id = 1; commit");
      expect((await refusal(applyUndo(session, plan, { xids: [xid] }, options))).code).toBe(
        "undo-refused",
      );
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  it("waits for a lock and tries again, as long as it may", async () => {
    const xid = await change(session, "update app.people set name = 'x' where id = 1");
    const options = { ...optionsFor(yaml), lockTimeoutMs: 50 };
    const plan = await planUndo(session, { xids: [xid] }, options);
    const other = await connectTo(database.url, { writes: true });
    try {
      await other.script("begin; update app.people set note = note where id = 1");
      const tries: string[] = [];
      const undone = applyUndo(
        session,
        plan,
        { xids: [xid] },
        {
          ...options,
          retry: {
            budgetMs: 60_000,
            watch: () => ({ lastBlockers: () => [], wake() {}, rest() {}, stop: async () => {} }),
            events: (event) => {
              tries.push("message" in event ? event.message : "");
              if (tries.length === 1) void other.script("rollback");
            },
          },
        },
      );
      expect((await undone).xid).toMatch(/^\d+$/);
      expect(tries[0]).toMatch(/^the undo: no lock, try 1/);
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  it("blames no later change where there is none", async () => {
    const gone = await change(session, "delete from app.people where id = 2");
    // A rule that came since, and no change.
    await session.script("alter table app.people add constraint no_bob check (name <> 'Bob')");
    try {
      await expect(undo(session, yaml, { xids: [gone] })).rejects.toMatchObject({
        code: "undo-refused",
        details: {
          hint: expect.stringMatching(/^no later change of these tables is in the log/),
        },
      });
    } finally {
      await session.script("alter table app.people drop constraint no_bob");
    }
  });

  it("refuses where a column was renamed by hand, and names it", async () => {
    const gone = await change(
      session,
      "delete from app.parent; delete from app.people where id = 2",
    );
    const changed = await change(session, "update app.people set name = 'x' where id = 1");
    const mail = await change(
      session,
      "update app.people set email = 'y', note = 'z' where id = 1",
    );
    await session.script("alter table app.people rename column name to title");
    try {
      expect(await refusal(undo(session, yaml, { xids: [gone] }))).toEqual({
        code: "undo-refused",
        notes: [
          "app.people 2: app.people has no column name any more, and the log does not know title; rename it back to undo",
        ],
      });
      expect(await refusal(undo(session, yaml, { xids: [changed] }))).toEqual({
        code: "undo-refused",
        notes: [
          "app.people 1: app.people has no column name any more, and nothing else was changed",
        ],
      });
      // The generated trigger still reads the old name.
      await expect(undo(session, yaml, { xids: [mail] })).rejects.toMatchObject({
        code: "undo-refused",
        message: expect.stringMatching(/^a trigger failed: record "\w+" has no field "name"/),
      });
    } finally {
      await session.script("alter table app.people rename column title to name");
    }
  });

  it("does not mix transactions of two clusters with one number", async () => {
    const xid = await change(session, "update app.people set name = 'x' where id = 1");
    await session.script(
      `insert into shared.audit_log (table_name, record_id, operation, old_values, new_values, changed_at, xid)
       values ('app.people', '2', 'UPDATE', '{"name": "Bob"}', '{"name": "Rob"}', '2024-06-01 00:00Z', '${xid}')`,
    );
    expect(await refusal(undo(session, yaml, { xids: [xid] }))).toEqual({
      code: "usage",
      notes: [`${xid} of 2024-06-01T00:00:00.000000Z`, expect.stringContaining(`${xid} of 2`)],
    });
    const { entries } = await undo(session, yaml, { xids: [xid], since: "1d" });
    expect(entries).toBe(1);
    expect(await state("app.people")).toContain("Ann");
  });

  it("wants to know what", async () => {
    expect((await refusal(undo(session, yaml, { table: "people" }))).code).toBe("usage");
    expect((await refusal(undo(session, yaml, { actor: "x" }))).code).toBe("usage");
    expect((await refusal(undo(session, yaml, { actor: "x", since: "someday" }))).code).toBe(
      "usage",
    );
  });
});
