import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { addPost, addUser, connectTo, trial, withFitnessHub } from "../support/fitnesshub.ts";

let hub: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  hub = await withFitnessHub();
  sql = connectTo(hub);
});

afterAll(async () => {
  await sql?.end();
  await hub?.[Symbol.asyncDispose]();
});

describe("what keeps itself", () => {
  test("updated_at moves with a change, on a partitioned table too, and not with an empty update", async () => {
    await trial(sql, async (tx) => {
      const ann = await addUser(tx);
      await addPost(tx, ann);
      for (const [table, column] of [
        ["users", "bio"],
        ["social_posts", "content"],
      ]) {
        await tx.unsafe(`update ${table} set ${column} = 'old'`);
        // The clock of a transaction stands still, so an older time is planted behind the trigger's back.
        await tx.unsafe(
          `alter table ${table} disable trigger user; update ${table} set updated_at = '2024-01-01 00:00+00'; alter table ${table} enable trigger user`,
        );
        const changed = `select updated_at = now() as changed from ${table}`;
        await tx.unsafe(`update ${table} set ${column} = 'old'`);
        expect(await tx.unsafe(changed)).toEqual([{ changed: false }]);
        await tx.unsafe(`update ${table} set ${column} = 'new', updated_at = 'infinity'`);
        expect(await tx.unsafe(changed)).toEqual([{ changed: true }]);
      }
    });
  });

  test("workout totals refresh beside readers; a user sees the own row through the shared view", async () => {
    await trial(sql, async (tx) => {
      const [ann, bob] = [await addUser(tx), await addUser(tx, "bob@example.invalid")];
      await tx`
        insert into workouts (user_id, name, type, difficulty, duration_minutes, calories_burned)
        select ${ann}, 'A', 'cardio', 'beginner', minutes, 100 from unnest(array[20, 40]) minutes`;
      await tx`refresh materialized view concurrently user_workout_stats`;
      const totals = {
        user_id: ann,
        total_workouts: "2",
        avg_duration: "30.0000000000000000",
        total_calories: "200",
      };
      expect(await tx`select * from user_workout_stats order by total_workouts desc`).toEqual([
        totals,
        { user_id: bob, total_workouts: "0", avg_duration: null, total_calories: null },
      ]);
      const seen = async (user: string) => {
        await tx`select set_config('app.current_user_id', ${user}, true)`;
        return tx`select * from my_workout_stats`;
      };
      expect(await seen(ann)).toEqual([totals]);
      expect(await seen("")).toEqual([]);
    });
  });

  test("shared views show public columns of active users, public workouts and public posts only", async () => {
    await trial(sql, async (tx) => {
      const ann = await addUser(tx);
      await tx`update users set is_active = false where id = ${await addUser(tx, "gone@example.invalid")}`;
      await tx`
        insert into workouts (user_id, name, type, difficulty, duration_minutes, is_public)
        values (${ann}, 'Open', 'cardio', 'beginner', 5, true), (${ann}, 'Own', 'cardio', 'beginner', 5, false)`;
      await tx`
        insert into social_posts (user_id, content, type, is_public)
        values (${ann}, 'Open', 'text', true), (${ann}, 'Own', 'text', false)`;
      await tx`
        insert into exercises (name, category, difficulty, is_active)
        values ('Squat', 'legs', 'beginner', true), ('Retired', 'legs', 'beginner', false)`;
      await tx`select set_config('app.current_user_id', ${ann}, true)`;
      expect(await tx`select * from user_directory`).toEqual([
        { id: ann, first_name: "Ann", last_name: "Example", role: "user", avatar_url: null },
      ]);
      expect(await tx`select name from public_workouts`).toEqual([{ name: "Open" }]);
      expect(await tx`select content from public_posts`).toEqual([{ content: "Open" }]);
      expect(await tx`select name from exercise_catalogue`).toEqual([{ name: "Squat" }]);
      // For nobody in particular they show nothing, to whoever asks.
      await tx`select set_config('app.current_user_id', '', true)`;
      for (const view of [
        "user_directory",
        "public_workouts",
        "public_posts",
        "exercise_catalogue",
      ]) {
        expect(await tx.unsafe(`select from ${view}`), view).toHaveLength(0);
      }
    });
  });

  test("the audit log fills in who, when and in which transaction", async () => {
    await trial(sql, async (tx) => {
      await tx`set local application_name = 'trial'`;
      await tx`insert into audit_log (table_name, record_id, operation, changed_at) values ('t', '1', 'INSERT', '2024-02-01 00:00+00')`;
      await tx`insert into audit_log (table_name, operation) values ('t', 'TRUNCATE')`;
      const rows = await tx`
        select tableoid::regclass::text as leaf, session_role = session_user as is_mine, application_name,
               xid = pg_current_xact_id() as is_this, seq - min(seq) over () as position
        from audit_log order by seq`;
      const entry = { is_mine: true, application_name: "trial", is_this: true };
      expect(rows).toEqual([
        { ...entry, leaf: "audit_log_2024_02", position: "0" },
        { ...entry, leaf: "audit_log_default", position: "1" },
      ]);
    });
  });
});

test("the queries of the specification run unqualified, and its recent posts use an index alone", async () => {
  await trial(sql, async (tx) => {
    await addPost(tx, await addUser(tx), new Date().toISOString());
    await tx`
      select u.*, w.name as workout_name from users u join workouts w on u.id = w.user_id
      where u.is_active = true and w.created_at > now() - interval '30 days'`;
    await tx`set local enable_seqscan = off`;
    await tx`set local enable_bitmapscan = off`;
    const plan = await tx`
      explain (costs off) select id, created_at from social_posts
      where created_at > now() - interval '30 days' order by created_at desc, id desc limit 20`;
    const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
    expect(text).toContain("Index Only Scan using social_posts_default_created_at_id_idx");
    expect(text).not.toMatch(/-> +(Incremental )?Sort/);
  });
});
