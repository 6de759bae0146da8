/**
 * A workload of twenty queries on a seeded FitnessHub. Five of them are slow, each for a reason that
 * is known: what a report says of them, and what its advice does, can be held against it.
 */
import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { serverUrl, type TestDatabase } from "./database.ts";
import { connectTo, withFitnessHub } from "./fitnesshub.ts";
import { runSeed } from "./seed.ts";

export interface Workload extends AsyncDisposable {
  readonly database: TestDatabase;
  /** The login that the application's queries run as; row level security holds it back. */
  readonly role: string;
  /** Someone with rows. */
  readonly user: string;
  /** Runs all twenty, the good ones `times` times. */
  run(times?: number): Promise<void>;
  /** Milliseconds that one of the slow ones takes, as the application runs it. */
  time(name: SlowName, isMended: boolean): Promise<number>;
}

/** The five, by the reason. */
export type SlowName = "index" | "policy" | "partitions" | "pattern" | "oneByOne";

const enlarge = (size: number) => `
  insert into exercise_sets (workout_session_id, exercise_id, set_number, reps, weight, notes)
    select workout_session_id, exercise_id, 1000 + n, 10, n % 7919, 'Set number ' || n
    from (select workout_session_id, exercise_id from exercise_sets limit 1) one, generate_series(1, ${60_000 * size}) n;
  insert into ai_messages (session_id, role, content)
    select id, 'user', 'Message ' || n || ' about ' || md5(n::text)
    from (select id from ai_chat_sessions limit 1) one, generate_series(1, ${30_000 * size}) n;
  insert into notifications (user_id, type, title, message)
    select u.id, 'system', 'Number ' || n, 'Hello'
    from (select id, row_number() over (order by id) - 1 as k, count(*) over () as people from users) u,
         generate_series(1, ${20_000 * size}) n where n % u.people = u.k;
  insert into social_posts (user_id, content, type, created_at)
    select u.id, 'Post ' || n, 'text', timestamptz '2024-01-02' + n * interval '45 minutes'
    from (select id from users order by id limit 1) u, generate_series(1, ${20_000 * size}) n;`;

/** `size` multiplies the four large tables; `migrations` is where FitnessHub's are. */
export async function withWorkload(size = 1, migrations?: string): Promise<Workload> {
  const database = await withFitnessHub(migrations === undefined ? {} : { migrations });
  const role = `workload_${randomBytes(4).toString("hex")}`;
  const sql = connectTo(database, 1);
  await runSeed(database, { scale: 0.3 });
  await sql.unsafe(`${enlarge(size)}
    create role ${role} login password 'only for tests';
    grant usage on schema user_service, workout_service, social_service, ai_service, notification_service, shared to ${role};
    grant select on all tables in schema user_service, workout_service, social_service, ai_service, notification_service to ${role};
    create function shared.is_support() returns boolean stable language plpgsql as
      $$ begin return coalesce(current_setting('app.is_support', true), '') = 'yes'; end $$;
    create policy own_or_support on notifications for select to ${role}
      using (user_id = (select nullif(current_setting('app.current_user_id', true), '')::uuid) or shared.is_support());
    alter table notifications enable row level security`);
  // It cannot run among others, and the planner is to know the new rows.
  await sql.unsafe("vacuum analyze");
  const [person] = await sql<{ id: string }[]>`select id from users order by id limit 1`;
  const user = person?.id ?? "";
  const application = postgres(serverUrl(), {
    database: database.name,
    user: role,
    password: "only for tests",
    max: 1,
    onnotice: () => {},
    connection: { search_path: await searchPath(sql) },
  });
  await application`select set_config('app.current_user_id', ${user}, false)`;
  const ids = (await sql<{ id: string }[]>`select id from workouts limit 1500`).map(({ id }) => id);
  const keys = Array.from({ length: 1500 }, (_, n) => ids[n % ids.length] ?? "");
  await sql`create extension if not exists pg_stat_statements`;

  const slow: Record<SlowName, [() => Promise<unknown>, () => Promise<unknown>]> = {
    index: same(
      () => application`select id, reps from exercise_sets where weight = ${4711} and reps > 5`,
    ),
    policy: same(() => application`select count(*) from notifications where message <> 'Good bye'`),
    partitions: [
      () =>
        application`select count(*) from social_posts where date_trunc('day', created_at) = ${"2024-03-05 00:00+00"}::timestamptz`,
      () =>
        application`select count(*) from social_posts where created_at >= ${"2024-03-05 00:00+00"}::timestamptz and created_at < ${"2024-03-06 00:00+00"}::timestamptz`,
    ],
    pattern: same(
      () => application`select id from ai_messages where content like ${"%e4da3b7fbbce%"}`,
    ),
    oneByOne: [
      async () => {
        for (const id of keys) await application`select name, type from workouts where id = ${id}`;
      },
      () =>
        application`select id, name, type from workouts where id = any (${`{${keys.join(",")}}`}::uuid[])`,
    ],
  };
  const good: (() => Promise<unknown>)[] = [
    () => application`select first_name from users where id = ${user}`,
    () => application`select id, name from workouts where user_id = ${user} limit 10`,
    () => application`select count(*) from likes where user_id = ${user}`,
    () => application`select id from comments where user_id = ${user}`,
    () => application`select following_id from user_followers where follower_id = ${user}`,
    () => application`select follower_id from user_followers where following_id = ${user}`,
    () => application`select name from exercises where category = 'legs' order by name limit 5`,
    () =>
      application`select id from workout_sessions where user_id = ${user} order by started_at desc limit 5`,
    () => application`select metric_name, value from user_stats where user_id = ${user}`,
    () =>
      application`select id, content from social_posts order by created_at desc, id desc limit 10`,
    () => application`select id from ai_chat_sessions where user_id = ${user}`,
    () => application`select title from recommendations where user_id = ${user}`,
    () => application`select weight_kg from user_profiles where user_id = ${user}`,
    () =>
      application`select id from social_posts where user_id = ${user} and created_at > ${"2025-09-01"}::timestamptz`,
    () =>
      application`select w.name, count(*) from workouts w join workout_exercises e on e.workout_id = w.id where w.user_id = ${user} group by 1`,
  ];
  return {
    database,
    role,
    user,
    async run(times = 5) {
      for (const [run] of Object.values(slow)) await run();
      for (const run of good) for (let n = 0; n < times; n += 1) await run();
    },
    async time(name, isMended) {
      const run = slow[name][isMended ? 1 : 0];
      // The best of three: what else the machine does is not the query's.
      const times: number[] = [];
      for (let n = 0; n < 3; n += 1) {
        const started = performance.now();
        await run();
        times.push(performance.now() - started);
      }
      return Math.min(...times);
    },
    async [Symbol.asyncDispose]() {
      await application.end({ timeout: 1 });
      await sql.unsafe(`drop owned by ${role}`);
      await sql.unsafe(`drop role ${role}`);
      await sql.end({ timeout: 1 });
      await database[Symbol.asyncDispose]();
    },
  };
}

function same(run: () => Promise<unknown>): [() => Promise<unknown>, () => Promise<unknown>] {
  return [run, run];
}

async function searchPath(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ path: string }[]>`select current_setting('search_path') as path`;
  return row?.path ?? "";
}
