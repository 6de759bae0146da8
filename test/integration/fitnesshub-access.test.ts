/** What policies/ means for those who log in, over all tables: identity, leaves, the audit log, rights. */
import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { addPeople, ann, bob, stranger } from "../support/fitnesshub-people.ts";
import {
  actAs,
  connectTo,
  logInTo,
  outcome,
  services,
  trial,
  withFitnessHubPolicies,
} from "../support/fitnesshub.ts";
import type { Tx } from "../support/fitnesshub.ts";

let hub: TestDatabase;
let sql: postgres.Sql;
const logins = new Map<string, postgres.Sql>();

beforeAll(async () => {
  hub = await withFitnessHubPolicies();
  sql = connectTo(hub);
  await addPeople(sql);
  for (const { login } of services) logins.set(login, logInTo(hub, login));
});

afterAll(async () => {
  await Promise.all([...logins.values()].map((client) => client.end()));
  await sql?.end();
  await hub?.[Symbol.asyncDispose]();
});

const loggedIn = (login: string): postgres.Sql => {
  const client = logins.get(login);
  if (!client) throw new Error(`${login} is not logged in`);
  return client;
};

/** How many of the rows of each relation that it may read the connected role sees. */
async function countVisible(tx: Tx): Promise<Record<string, number>> {
  const relations = await tx<{ name: string }[]>`
    select relnamespace::regnamespace || '.' || relname as name from pg_class
    where relkind in ('r', 'p', 'v', 'm', 'f') and relnamespace >= 16384
      and has_table_privilege(oid, 'SELECT') order by 1`;
  const counts: Record<string, number> = {};
  for (const { name } of relations) {
    const [row] = await tx.unsafe<{ count: number }[]>(`select count(*)::int from ${name}`);
    counts[name] = row?.count ?? Number.NaN;
  }
  return counts;
}

const shared = {
  "shared.exercise_catalogue": 1,
  "shared.my_feed_stats": 1,
  "shared.my_monthly_activity": 1,
  "shared.my_workout_stats": 1,
  "shared.public_posts": 3,
  "shared.public_workouts": 3,
  "shared.user_directory": 3,
};

/** Of three people with the same rows, what one of them sees. */
const visible: Record<string, Record<string, number>> = {
  user_service: {
    "user_service.user_profiles": 1,
    "user_service.user_stats": 1,
    "user_service.users": 1,
  },
  workout_service: {
    "workout_service.exercise_sets": 1,
    "workout_service.exercises": 1,
    // Two of one's own, and one public of each of the others.
    "workout_service.workout_exercises": 4,
    "workout_service.workout_sessions": 1,
    "workout_service.workouts": 4,
  },
  social_service: {
    // Three on each of three public posts, and one's own on one's own private post.
    "social_service.comments": 10,
    "social_service.likes": 10,
    "social_service.social_posts": 4,
    "social_service.user_followers": 2,
  },
  ai_service: {
    "ai_service.ai_chat_sessions": 1,
    "ai_service.ai_messages": 1,
    "ai_service.recommendations": 1,
  },
  blockchain_service: {
    "blockchain_service.achievements": 1,
    "blockchain_service.nfts": 1,
  },
  notification_service: { "notification_service.notifications": 1 },
};

describe.each(services)("$login", ({ login, schema }) => {
  test("sees of each table and view what the user may see", async () => {
    await actAs(loggedIn(login), ann, async (tx) => {
      expect(await countVisible(tx)).toEqual({ ...shared, ...visible[schema] });
    });
  });

  test("sees nothing without a user: never set, set and cleared, or left over from a transaction", async () => {
    const fresh = logInTo(hub, login);
    const nothing = Object.fromEntries(
      Object.keys({ ...shared, ...visible[schema] }).map((name) => [name, 0]),
    );
    try {
      await trial(fresh, async (tx) => {
        expect(await tx`select current_setting('app.current_user_id', true) as id`).toEqual([
          { id: null },
        ]);
        expect(await countVisible(tx)).toEqual(nothing);
      });
      await actAs(fresh, ann, async (tx) => {
        expect(await countVisible(tx)).not.toEqual(nothing);
        await tx`select set_config('app.current_user_id', '', true)`;
        expect(await countVisible(tx)).toEqual(nothing);
      });
      await trial(fresh, async (tx) => {
        expect(await tx`select current_setting('app.current_user_id', true) as id`).toEqual([
          { id: "" },
        ]);
        expect(await countVisible(tx)).toEqual(nothing);
      });
    } finally {
      await fresh.end();
    }
  });

  test("changes nothing without a user, and gets no error for it", async () => {
    await trial(loggedIn(login), async (tx) => {
      for (const table of Object.keys(visible[schema] ?? {})) {
        expect(await outcome(tx, `delete from ${table}`), table).toBe(0);
      }
    });
  });

  test("deletes rows of the user alone", async () => {
    const owned = Object.keys(visible[schema] ?? {}).filter((name) => !name.endsWith(".exercises"));
    for (const table of owned) {
      await actAs(loggedIn(login), stranger, async (tx) => {
        expect(await outcome(tx, `delete from ${table}`), table).toBe(0);
      });
      await actAs(loggedIn(login), bob, async (tx) => {
        expect(await outcome(tx, `delete from ${table}`), table).toBeGreaterThan(0);
      });
    }
  });

  test("gives no row to another user, and makes none for another", async () => {
    const owned = await sql<{ name: string; column: string }[]>`
      select attrelid::regclass::text as name, attname as column
      from pg_attribute join pg_class c on c.oid = attrelid
      where relnamespace = ${schema}::regnamespace and relkind in ('r', 'p') and not relispartition
        and attname in ('user_id', 'follower_id') and relname <> 'user_emails' order by 1`;
    expect(owned.length).toBeGreaterThan(0);
    for (const { name, column } of owned) {
      const table = name.split(".").at(-1) ?? "";
      const violation = `42501 new row violates row-level security policy for table "${table}"`;
      await actAs(loggedIn(login), ann, async (tx) => {
        const give = `update ${name} set ${column} = '${bob}' where ${column} = '${ann}'`;
        expect([violation, `42501 permission denied for table ${table}`], give).toContain(
          await outcome(tx, give),
        );
        // An exact copy of a row but for its key and whose it is.
        const copy = (user: string) => `
          insert into ${name} select (jsonb_populate_record(r, jsonb_build_object(
            'id', gen_random_uuid(), '${column}', '${user}'))).*
          from ${name} r where ${column} = '${ann}' limit 1`;
        // The key of a post may not be chosen, so a whole row may not be inserted.
        const isKeyGiven = table === "social_posts";
        const denied = `42501 permission denied for table ${table}`;
        expect(await outcome(tx, copy(bob)), copy(bob)).toBe(isKeyGiven ? denied : violation);
        expect(await outcome(tx, copy(ann)), copy(ann)).toSatisfy((said: string | number) =>
          isKeyGiven ? said === denied : said === 1 || String(said).startsWith("23505"),
        );
      });
    }
  });

  test("may not touch a leaf by its name, whoever the user is", async () => {
    const leaves = await sql<{ schema: string; name: string; column: string }[]>`
      select relnamespace::regnamespace::text as schema, relname as name, attname as column
      from pg_class join pg_attribute on attrelid = pg_class.oid and attnum = 2
      where relispartition and relkind = 'r' order by 2`;
    expect(leaves).toHaveLength(10);
    await actAs(loggedIn(login), ann, async (tx) => {
      for (const leaf of leaves) {
        const name = `${leaf.schema}.${leaf.name}`;
        const denied = [schema, "shared"].includes(leaf.schema)
          ? `42501 permission denied for table ${leaf.name}`
          : `42501 permission denied for schema ${leaf.schema}`;
        for (const statement of [
          `select from ${name}`,
          `insert into ${name} default values`,
          `update ${name} set ${leaf.column} = ${leaf.column}`,
          `delete from ${name}`,
          `truncate ${name}`,
        ]) {
          expect(await outcome(tx, statement), statement).toBe(denied);
        }
      }
    });
  });

  test("can neither read, write nor forge the audit log", async () => {
    await actAs(loggedIn(login), ann, async (tx) => {
      for (const statement of [
        "select from audit_log",
        "select seq from shared.audit_log",
        "insert into audit_log (table_name, operation) values ('users', 'DELETE')",
        "update audit_log set changed_by = null",
        "delete from audit_log",
        "truncate audit_log",
        "select from audit_log for update",
        "copy audit_log to stdout",
        "lock table audit_log in share mode",
      ]) {
        expect(await outcome(tx, statement), statement).toBe(
          "42501 permission denied for table audit_log",
        );
      }
      expect(await outcome(tx, "select nextval('shared.audit_log_seq')")).toBe(
        "42501 permission denied for sequence audit_log_seq",
      );
      expect(
        await outcome(tx, "create trigger t after insert on audit_log execute function f()"),
      ).toBe("42501 permission denied for table audit_log");
      expect(await outcome(tx, "alter table audit_log disable row level security")).toBe(
        "42501 must be owner of table audit_log",
      );
    });
  });

  test("has no right beyond reading and writing rows, and makes nothing", async () => {
    const beyond = await sql`
      select relname, privilege_type from pg_class, aclexplode(relacl) join pg_roles r on r.oid = grantee
      where rolname in (${`${schema}_user`}, ${login})
        and privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE')`;
    expect(beyond).toEqual([]);
    await trial(loggedIn(login), async (tx) => {
      const own = Object.keys(visible[schema] ?? {})[0] ?? "";
      const table = own.split(".")[1];
      for (const [statement, right] of [
        [`truncate ${own}`, `permission denied for table ${table}`],
        [`create table ${schema}.mine ()`, `permission denied for schema ${schema}`],
        ["create table shared.mine ()", "permission denied for schema shared"],
        ["create table public.mine ()", "permission denied for schema public"],
        [
          "create temporary table mine ()",
          `permission denied to create temporary tables in database "${hub.name}"`,
        ],
        ["create schema mine", `permission denied for database ${hub.name}`],
        ["set role fitnesshub_owner", `permission denied to set role "fitnesshub_owner"`],
      ] as const) {
        expect(await outcome(tx, statement), statement).toBe(`42501 ${right}`);
      }
    });
  });

  test("finds its tables without a schema, and none of another service", async () => {
    await trial(loggedIn(login), async (tx) => {
      for (const other of services) {
        for (const name of Object.keys(visible[other.schema] ?? {})) {
          const [, table] = name.split(".");
          const count = await outcome(tx, `select from ${table}`);
          const denied = await outcome(tx, `select from ${name}`);
          const answers =
            other.login === login
              ? [0, 0]
              : [
                  `42P01 relation "${table}" does not exist`,
                  `42501 permission denied for schema ${other.schema}`,
                ];
          expect([count, denied], name).toEqual(answers);
        }
      }
    });
  });
});

test("what they do not see is there: every table has rows", async () => {
  const tables = await sql<{ name: string }[]>`
    select oid::regclass::text as name from pg_class
    where relkind in ('r', 'p', 'm') and not relispartition and relnamespace >= 16384`;
  expect(tables).toHaveLength(24);
  for (const { name } of tables) {
    const [row] = await sql.unsafe<{ count: number }[]>(`select count(*)::int from ${name}`);
    expect(row?.count, name).toBeGreaterThan(0);
  }
});

test("every table is under row level security, forced, and every policy is for one role", async () => {
  const open = await sql`
    select oid::regclass::text as name from pg_class
    where relkind in ('r', 'p') and relnamespace >= 16384 and not (relrowsecurity and relforcerowsecurity)`;
  expect(open).toEqual([]);
  const loose = await sql`
    select polrelid::regclass::text as name, polname from pg_policy
    where polroles = '{0}' or cardinality(polroles) <> 1
      or (polcmd in ('a', 'w', '*') and polwithcheck is null)`;
  expect(loose).toEqual([]);
});

test("applications may call these functions and no other", async () => {
  const callable = await sql<{ name: string }[]>`
    select rolname || ' ' || p.oid::regprocedure as name from pg_proc p, pg_roles r
    where pronamespace >= 16384 and (rolname = any (${services.map(({ login }) => login)}) or rolname = 'fitnesshub_analyst')
      and pronamespace <> 'public'::regnamespace and has_function_privilege(r.oid, p.oid, 'EXECUTE') order by 1`;
  expect(callable.map(({ name }) => name)).toEqual([
    "social_service_app count_share(uuid)",
    "social_service_app refresh_post_counts(uuid)",
    "user_service_app find_login(text)",
  ]);
});

test("what the owner makes later: a service reads and writes its table, calls no function, sees nothing new in shared", async () => {
  await trial(sql, async (tx) => {
    await tx.unsafe(`
      set local role fitnesshub_owner;
      create table ai_service.later (id int generated always as identity, n serial);
      create table shared.later ();
      create function ai_service.later() returns int return 1;
      reset role;
      set local session authorization ai_service_app`);
    expect(await outcome(tx, "insert into ai_service.later default values")).toBe(1);
    expect(await outcome(tx, "update ai_service.later set n = n + 1")).toBe(1);
    expect(await outcome(tx, "select from shared.later")).toBe(
      "42501 permission denied for table later",
    );
    expect(await outcome(tx, "select ai_service.later()")).toBe(
      "42501 permission denied for function later",
    );
    await tx`set local session authorization social_service_app`;
    expect(await outcome(tx, "select from ai_service.later")).toBe(
      "42501 permission denied for schema ai_service",
    );
  });
});

describe("fitnesshub_analyst", () => {
  test("reads summaries of five users or more, and no table", async () => {
    const analyst = logInTo(hub, "fitnesshub_analyst");
    try {
      await trial(analyst, async (tx) => {
        expect(await countVisible(tx)).toEqual({
          "shared.activity_by_month": 0,
          "shared.workout_summary": 0,
          "shared.workouts_by_month": 0,
        });
        expect(await outcome(tx, "select from user_directory")).toBe(
          "42501 permission denied for view user_directory",
        );
      });
      await sql`
        with more as (
          insert into user_service.users (email, first_name, last_name)
          select n || '@example.invalid', 'More', 'People' from generate_series(1, 2) n returning id)
        insert into workout_service.workouts (user_id, name, type, difficulty, duration_minutes)
        select id, 'W', 'strength', 'beginner', 60 from more`;
      await sql`
        insert into workout_service.workout_sessions (user_id, started_at, completed_at, duration_minutes)
        select id, '2024-02-29 23:00+00', '2024-03-01 00:10+00', 70 from user_service.users`;
      await sql`refresh materialized view workout_service.user_workout_stats`;
      await sql`refresh materialized view workout_service.user_monthly_activity`;
      await sql`refresh materialized view shared.activity_totals`;
      await trial(analyst, async (tx) => {
        expect(await tx`select * from workout_summary`).toEqual([
          { users: "5", users_with_workouts: "5", workouts: "8", workouts_per_user: "1.60" },
        ]);
        expect(await tx`select type, workouts, users, avg_duration from workouts_by_month`).toEqual(
          [{ type: "strength", workouts: "8", users: "5", avg_duration: "37.5" }],
        );
        // This month has sessions of three people, too few to be shown.
        expect(
          await tx`select month::text, users, minutes_per_user from activity_by_month`,
        ).toEqual([{ month: "2024-02-01", users: "5", minutes_per_user: "70.0" }]);
      });
      await trial(analyst, async (tx) => {
        expect(await outcome(tx, "create table shared.mine ()")).toBe(
          "25006 cannot execute CREATE TABLE in a read-only transaction",
        );
      });
    } finally {
      await analyst.end();
      await sql`delete from workout_service.workout_sessions where duration_minutes = 70`;
      await sql`delete from user_service.users where first_name = 'More'`;
    }
  });
});

test("nobody connects by being in PUBLIC, and the migrator becomes the owner", async () => {
  const granted = await sql`
    select privilege_type from pg_database, aclexplode(datacl)
    where datname = current_database() and grantee = 0`;
  expect(granted).toEqual([]);
  const migrator = logInTo(hub, "fitnesshub_migrator");
  try {
    await trial(migrator, async (tx) => {
      await tx`set local role fitnesshub_owner`;
      await tx`alter table user_service.users add column shoe_size int`;
      expect(await tx`select count(*)::int from user_service.users`).toEqual([{ count: 3 }]);
    });
  } finally {
    await migrator.end();
  }
});
