import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import {
  addPost,
  addUser,
  connectTo,
  trial,
  verdict,
  withFitnessHub,
} from "../support/fitnesshub.ts";
import type { Tx } from "../support/fitnesshub.ts";

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

describe("posts, likes and comments", () => {
  test("a post dated today, and one of any month, is accepted", async () => {
    await trial(sql, async (tx) => {
      const ann = await addUser(tx);
      await tx`insert into social_posts (user_id, content, type) values (${ann}, 'Now', 'text')`;
      await addPost(tx, ann, "2024-02-29 23:59:59+00");
      await addPost(tx, ann, "1999-01-01");
      const rows =
        await tx`select tableoid::regclass::text as leaf from social_posts order by created_at`;
      expect(rows.map(({ leaf }) => leaf)).toEqual([
        "social_posts_default",
        "social_posts_2024_02",
        "social_posts_default",
      ]);
    });
  });

  test("name the post by its id alone; an unknown one is a foreign key violation", async () => {
    await trial(sql, async (tx) => {
      const ann = await addUser(tx);
      const post = await addPost(tx, ann);
      const other = await addPost(tx, ann, "2024-02-02 00:00+00");
      await tx`insert into likes (user_id, post_id) values (${ann}, ${post})`;
      await tx`insert into comments (user_id, post_id, content) values (${ann}, ${post}, 'Nice')`;
      for (const table of ["likes", "comments"]) {
        const dated = `select count(*)::int from ${table} join social_posts p on p.id = post_id and p.created_at = post_created_at`;
        expect(await tx.unsafe(dated)).toEqual([{ count: 1 }]);
        await tx.unsafe(`update ${table} set post_id = '${other}'`);
        expect(await tx.unsafe(dated)).toEqual([{ count: 1 }]);
        const unknown = `update ${table} set post_id = gen_random_uuid()`;
        expect(await verdict(tx, unknown)).toBe(`23503 ${table}_post_id_fkey`);
        const misdated = `update ${table} set post_created_at = now()`;
        expect(await verdict(tx, misdated)).toBe(`23503 ${table}_post_id_fkey`);
      }
      const like = "insert into likes (user_id, post_id) select id, gen_random_uuid() from users";
      expect(await verdict(tx, like)).toBe("23503 likes_post_id_fkey");
      expect(await verdict(tx, "insert into likes (user_id) select id from users")).toBe(
        "23502 post_id",
      );
      const again = "insert into likes (user_id, post_id) select id, $1 from users";
      expect(await verdict(tx, again, [other])).toBe("23505 likes_user_id_post_id_key");
    });
  });

  test("a date that is given is kept, and judged by the foreign key", async () => {
    await trial(sql, async (tx) => {
      const ann = await addUser(tx);
      const post = await addPost(tx, ann, "2024-01-15 12:00+00");
      const like =
        "insert into likes (user_id, post_id, post_created_at) select id, $1, $2 from users";
      expect(await verdict(tx, like, [post, "2024-01-15 12:01+00"])).toBe(
        "23503 likes_post_id_fkey",
      );
      expect(await verdict(tx, like, [post, "2024-01-15 12:00+00"])).toBe("accepted");
    });
  });

  test("a post that moves to another month takes its likes and comments along", async () => {
    await trial(sql, async (tx) => {
      const ann = await addUser(tx);
      const post = await addPost(tx, ann);
      await tx`insert into likes (user_id, post_id) values (${ann}, ${post})`;
      const [comment] = await tx`
        insert into comments (user_id, post_id, content) values (${ann}, ${post}, 'Nice') returning id`;
      await tx`
        insert into comments (user_id, post_id, content, parent_comment_id)
        values (${ann}, ${post}, 'Thanks', ${comment?.["id"]})`;
      for (const at of ["2024-02-15 00:00+00", "2031-01-01 00:00+00", "2024-01-01 00:00+00"]) {
        await tx`update social_posts set created_at = ${at}`;
        const rows = await tx`
          select count(*)::int, bool_and(post_created_at = ${at}) as dated
          from (select post_created_at from likes union all select post_created_at from comments) as any_of`;
        expect(rows).toEqual([{ count: 3, dated: true }]);
      }
    });
  });

  test("replies stay on their post and go with what they answer", async () => {
    await trial(sql, async (tx) => {
      const ann = await addUser(tx);
      const [post, other] = [await addPost(tx, ann), await addPost(tx, ann)];
      const reply = `insert into comments (user_id, post_id, content, parent_comment_id)
        select user_id, $1, 'Re', id from comments where parent_comment_id is null`;
      await tx`insert into comments (user_id, post_id, content) values (${ann}, ${post}, 'First')`;
      expect(await verdict(tx, reply, [other])).toBe("23503 comments_parent_comment_id_fkey");
      expect(await verdict(tx, reply, [post])).toBe("accepted");
      expect(await verdict(tx, "update comments set parent_comment_id = id")).toBe(
        "23514 comments_check",
      );
      await tx`delete from comments where parent_comment_id is null`;
      expect(await tx`select count(*)::int from comments`).toEqual([{ count: 0 }]);
    });
  });
});

describe("deleting", () => {
  test("a user takes everything of theirs along, and nothing of others", async () => {
    await trial(sql, async (tx) => {
      const [ann, bob] = [await addUser(tx), await addUser(tx, "bob@example.invalid")];
      await addEverything(tx, ann, bob);
      await tx`delete from users where id = ${ann}`;
      const [left] = await tx`
        select (select count(*)::int from users) users, (select count(*)::int from user_emails) emails,
          (select count(*)::int from workouts) workouts, (select count(*)::int from social_posts) posts,
          (select count(*)::int from likes) likes, (select count(*)::int from comments) comments,
          (select count(*)::int from exercise_sets) sets, (select count(*)::int from ai_messages) messages,
          (select count(*)::int from exercises) exercises,
          (select count(*)::int from workout_sessions where workout_id is null) sessions`;
      expect(left).toEqual({
        users: 1,
        emails: 1,
        workouts: 0,
        posts: 0,
        likes: 0,
        comments: 0,
        sets: 1,
        messages: 0,
        exercises: 1,
        sessions: 1,
      });
    });
  });

  test("a workout leaves posts about it and sessions of it; a performed exercise stays", async () => {
    await trial(sql, async (tx) => {
      const [ann, bob] = [await addUser(tx), await addUser(tx, "bob@example.invalid")];
      await addEverything(tx, ann, bob);
      expect(await verdict(tx, "delete from exercises")).toBe(
        "23503 exercise_sets_exercise_id_fkey",
      );
      await tx`delete from workouts`;
      expect(await tx`select count(*)::int from social_posts where workout_id is null`).toEqual([
        { count: 1 },
      ]);
      expect(await tx`select count(*)::int from workout_sessions where workout_id is null`).toEqual(
        [{ count: 2 }],
      );
      expect(await tx`select count(*)::int from workout_exercises`).toEqual([{ count: 0 }]);
    });
  });

  /** Ann's workout, performed by both; Ann's post, liked and commented by Bob; Ann's conversation. */
  async function addEverything(tx: Tx, ann: string, bob: string): Promise<void> {
    await tx.unsafe(`
      insert into exercises (name, category, difficulty) values ('Squat', 'legs', 'beginner');
      insert into workouts (user_id, name, type, difficulty, duration_minutes) values ('${ann}', 'A', 'strength', 'beginner', 30);
      insert into workout_exercises (workout_id, exercise_id, order_index, sets, reps) select w.id, e.id, 1, 3, 10 from workouts w, exercises e;
      insert into workout_sessions (user_id, workout_id) select u, id from workouts, unnest(array['${ann}', '${bob}']::uuid[]) u;
      insert into exercise_sets (workout_session_id, exercise_id, set_number, reps) select s.id, e.id, 1, 0 from workout_sessions s, exercises e;
      insert into social_posts (user_id, content, type, workout_id) select user_id, 'Done', 'workout', id from workouts;
      insert into likes (user_id, post_id) select '${bob}', id from social_posts;
      insert into comments (user_id, post_id, content) select '${bob}', id, 'Nice' from social_posts;
      insert into user_followers (follower_id, following_id) values ('${bob}', '${ann}');
      insert into ai_chat_sessions (user_id) values ('${ann}');
      insert into ai_messages (session_id, role, content) select id, 'user', 'Hi' from ai_chat_sessions;
      insert into achievements (user_id, type, title) values ('${ann}', 'first', 'First workout')`);
  }
});
