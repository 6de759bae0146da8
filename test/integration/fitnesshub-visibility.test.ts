/** Who sees and changes what of others under policies/: workouts, posts, likes, comments, conversations. */
import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { addPeople, ann, bob, carol, stranger } from "../support/fitnesshub-people.ts";
import {
  actAs,
  connectTo,
  logInTo,
  outcome,
  trial,
  withFitnessHubPolicies,
} from "../support/fitnesshub.ts";
import type { Tx } from "../support/fitnesshub.ts";

let hub: TestDatabase;
let sql: postgres.Sql;
let workouts: postgres.Sql;
let social: postgres.Sql;
let ai: postgres.Sql;

beforeAll(async () => {
  hub = await withFitnessHubPolicies();
  sql = connectTo(hub);
  await addPeople(sql);
  workouts = logInTo(hub, "workout_service_app");
  social = logInTo(hub, "social_service_app", 3);
  ai = logInTo(hub, "ai_service_app");
});

afterAll(async () => {
  await Promise.all([workouts, social, ai, sql].map((client) => client?.end()));
  await hub?.[Symbol.asyncDispose]();
});

const violation = (table: string) =>
  `42501 new row violates row-level security policy for table "${table}"`;

/** Ids that a test knows without being allowed to see them. */
async function idOf(table: string, condition: string): Promise<string> {
  const [row] = await sql.unsafe<{ id: string }[]>(`select id from ${table} where ${condition}`);
  if (!row) throw new Error(`no ${table} where ${condition}`);
  return row.id;
}

const values = async (tx: Tx, text: string) =>
  (await tx.unsafe<{ value: string }[]>(text)).map(({ value }) => value);

describe("workouts", () => {
  test("are seen when public or one's own, and changed when one's own", async () => {
    await actAs(workouts, bob, async (tx) => {
      expect(await values(tx, "select name as value from workouts order by 1")).toEqual([
        "Ann open",
        "Bob open",
        "Bob own",
        "Carol open",
      ]);
      expect(await outcome(tx, "update workouts set description = 'Mine'")).toBe(2);
      expect(await outcome(tx, "delete from workouts where user_id = $1", [ann])).toBe(0);
      expect(await outcome(tx, "update workouts set user_id = $1", [ann])).toBe(
        violation("workouts"),
      );
      const insert = `insert into workouts (user_id, name, type, difficulty, duration_minutes)
        values ($1, 'New', 'cardio', 'beginner', 5) returning id`;
      expect(await outcome(tx, insert, [ann])).toBe(violation("workouts"));
      expect(await outcome(tx, insert, [bob])).toBe(1);
      expect(
        await tx`select updated_at = now() as touched from workouts where name = 'Bob own'`,
      ).toEqual([{ touched: true }]);
    });
  });

  test("show their exercises with them, which only the author changes", async () => {
    const [annOpen, annOwn, bobOwn] = await Promise.all(
      ["Ann open", "Ann own", "Bob own"].map((name) =>
        idOf("workout_service.workouts", `name = '${name}'`),
      ),
    );
    await actAs(workouts, bob, async (tx) => {
      const of = "select from workout_exercises where workout_id = $1";
      expect(await outcome(tx, of, [annOpen ?? ""])).toBe(1);
      expect(await outcome(tx, of, [annOwn ?? ""])).toBe(0);
      expect(await outcome(tx, "update workout_exercises set reps = 99")).toBe(2);
      expect(
        await outcome(tx, "delete from workout_exercises where workout_id = $1", [annOpen ?? ""]),
      ).toBe(0);
      const add = `insert into workout_exercises (workout_id, exercise_id, order_index, sets, reps)
        select $1, id, 2, 1, 1 from exercises`;
      for (const workout of [annOpen, annOwn]) {
        expect(await outcome(tx, add, [workout ?? ""])).toBe(violation("workout_exercises"));
      }
      expect(await outcome(tx, add, [bobOwn ?? ""])).toBe(1);
      expect(
        await outcome(
          tx,
          "update workout_exercises set workout_id = $1, order_index = 9 where order_index = 2",
          [annOpen ?? ""],
        ),
      ).toBe(violation("workout_exercises"));
    });
  });

  test("as performed are nobody else's, with their sets", async () => {
    const session = await idOf("workout_service.workout_sessions", `user_id = '${ann}'`);
    await actAs(workouts, bob, async (tx) => {
      expect(await values(tx, "select user_id as value from workout_sessions")).toEqual([bob]);
      expect(await outcome(tx, "select from exercise_sets")).toBe(1);
      const set = `insert into exercise_sets (workout_session_id, exercise_id, set_number, reps)
        select $1, id, 7, 1 from exercises`;
      expect(await outcome(tx, set, [session])).toBe(violation("exercise_sets"));
      expect(
        await outcome(tx, "update exercise_sets set workout_session_id = $1, set_number = 8", [
          session,
        ]),
      ).toBe(violation("exercise_sets"));
    });
  });

  test("the catalogue is read by every user and changed by active administrators", async () => {
    const insert =
      "insert into exercises (name, category, difficulty) values ('Lunge', 'legs', 'beginner')";
    for (const user of [ann, stranger]) {
      await actAs(workouts, user, async (tx) => {
        expect(await outcome(tx, "select from exercises")).toBe(1);
        expect(await outcome(tx, insert)).toBe(violation("exercises"));
        expect(await outcome(tx, "update exercises set name = 'X'")).toBe(0);
        expect(await outcome(tx, "delete from exercises")).toBe(0);
      });
    }
    await actAs(workouts, carol, async (tx) => {
      expect(await outcome(tx, insert)).toBe(1);
      expect(await outcome(tx, "update exercises set is_active = false")).toBe(2);
      expect(await outcome(tx, "delete from exercises where name = 'Lunge'")).toBe(1);
    });
    await trial(sql, async (tx) => {
      await tx`update user_service.users set is_active = false where id = ${carol}`;
      await tx`set local session authorization workout_service_app`;
      await tx`select set_config('app.current_user_id', ${carol}, true)`;
      expect(await outcome(tx, "update workout_service.exercises set name = 'X'")).toBe(0);
    });
  });
});

describe("posts", () => {
  test("are seen when public or one's own; following somebody changes nothing", async () => {
    await actAs(social, bob, async (tx) => {
      expect(await values(tx, "select content as value from social_posts order by 1")).toEqual([
        "Ann open",
        "Bob open",
        "Bob own",
        "Carol open",
      ]);
    });
  });

  test("are written as oneself, and start without applause", async () => {
    const insert =
      "insert into social_posts (user_id, content, type) values ($1, 'Hi', 'text') returning id";
    await actAs(social, ann, async (tx) => {
      expect(await outcome(tx, insert, [ann])).toBe(1);
      expect(await outcome(tx, insert, [bob])).toBe(violation("social_posts"));
      for (const counter of ["likes_count", "comments_count", "shares_count"]) {
        for (const value of ["1000", "null"]) {
          const forged = insert
            .replace("type)", `type, ${counter})`)
            .replace("'text')", `'text', ${value})`);
          expect(await outcome(tx, forged, [ann])).toBe(
            "42501 permission denied for table social_posts",
          );
        }
        expect(await outcome(tx, `update social_posts set ${counter} = 1000`)).toBe(
          "42501 permission denied for table social_posts",
        );
      }
      // The key is (id, created_at): who could choose it could take over another post's likes.
      for (const [column, value] of [
        ["id", "gen_random_uuid()"],
        ["created_at", "now()"],
      ] as const) {
        const chosen = insert
          .replace("type)", `type, ${column})`)
          .replace("'text')", `'text', ${value})`);
        expect(await outcome(tx, chosen, [ann])).toBe(
          "42501 permission denied for table social_posts",
        );
      }
      for (const column of ["id", "user_id", "created_at"]) {
        expect(await outcome(tx, `update social_posts set ${column} = ${column}`)).toBe(
          "42501 permission denied for table social_posts",
        );
      }
      // What only others may change cannot be locked either.
      expect(await outcome(tx, "select from social_posts for update")).toBe(3);
      expect(await outcome(tx, "update social_posts set is_public = false")).toBe(3);
      expect(await outcome(tx, "delete from social_posts where user_id = $1", [bob])).toBe(0);
    });
  });

  test("are not given away even by who may write the column: the policy is a wall of its own", async () => {
    await trial(sql, async (tx) => {
      await tx`grant update on social_service.social_posts to social_service_user`;
      await tx`set local session authorization social_service_app`;
      await tx`select set_config('app.current_user_id', ${ann}, true)`;
      const give = "update social_service.social_posts set user_id = $1 where user_id = $2";
      expect(await outcome(tx, give, [bob, ann])).toBe(violation("social_posts"));
      expect(await outcome(tx, give, [ann, ann])).toBe(2);
      expect(await outcome(tx, give, [ann, bob])).toBe(0);
    });
  });

  test("count their likes and comments by a function, right also for two at once", async () => {
    const post = await idOf("social_service.social_posts", "content = 'Ann open'");
    const counts = async () =>
      sql`select likes_count as likes, comments_count as comments from social_service.social_posts where id = ${post}`;
    const [bobs, carols] = [await social.reserve(), await social.reserve()];
    try {
      for (const [session, user] of [
        [bobs, bob],
        [carols, carol],
      ] as const) {
        await session.unsafe("begin");
        await session`select set_config('app.current_user_id', ${user}, true)`;
        await session`delete from likes where post_id = ${post}`;
      }
      await bobs`select refresh_post_counts(${post})`;
      const [backend] = await carols<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const waiting = carols`select refresh_post_counts(${post})`.execute();
      await expect
        .poll(async () => {
          const [row] =
            await sql`select cardinality(pg_blocking_pids(${backend?.pid ?? 0}::int)) as blockers`;
          return row?.["blockers"];
        })
        .toBe(1);
      await bobs.unsafe("commit");
      await waiting;
      await carols.unsafe("commit");
      // Ann's own like and three comments are left.
      expect(await counts()).toEqual([{ likes: 1, comments: 3 }]);
    } finally {
      bobs.release();
      carols.release();
      await sql`
        insert into social_service.likes (user_id, post_id) values (${bob}, ${post}), (${carol}, ${post})
        on conflict do nothing`;
      await sql`select social_service.refresh_post_counts(${post})`;
    }
    expect(await counts()).toEqual([{ likes: 3, comments: 3 }]);
  });

  test("count shares of public posts only, for somebody, and say nothing about hidden ones", async () => {
    const [open, own] = [
      await idOf("social_service.social_posts", "content = 'Ann open'"),
      await idOf("social_service.social_posts", "content = 'Ann own'"),
    ];
    await trial(sql, async (tx) => {
      for (const user of [bob, carol, ""]) {
        await tx`set local session authorization social_service_app`;
        await tx`select set_config('app.current_user_id', ${user}, true)`;
        for (const post of [open, own, stranger]) {
          for (const call of ["count_share", "refresh_post_counts"]) {
            expect(await outcome(tx, `select social_service.${call}($1)`, [post])).toBe(1);
          }
        }
        await tx`reset session authorization`;
      }
      expect(
        await tx`select content, shares_count from social_service.social_posts where user_id = ${ann} order by 1`,
      ).toEqual([
        { content: "Ann open", shares_count: 2 },
        { content: "Ann own", shares_count: 0 },
      ]);
    });
  });
});

describe.each(["likes", "comments"])("%s", (table) => {
  const insert = (user: string, post: string) =>
    table === "likes"
      ? `insert into likes (user_id, post_id) values ('${user}', '${post}') on conflict (user_id, post_id) do nothing`
      : `insert into comments (user_id, post_id, content) values ('${user}', '${post}', 'Hi')`;

  test("are seen with the post, made as oneself, on a post that one sees", async () => {
    const [open, own] = [
      await idOf("social_service.social_posts", "content = 'Ann open'"),
      await idOf("social_service.social_posts", "content = 'Ann own'"),
    ];
    await actAs(social, bob, async (tx) => {
      expect(await outcome(tx, `select from ${table} where post_id = $1`, [open])).toBe(3);
      expect(await outcome(tx, `select from ${table} where post_id = $1`, [own])).toBe(0);
      await tx.unsafe(`delete from ${table} where post_id = $1 and user_id = $2`, [open, bob]);
      expect(await outcome(tx, insert(bob, open))).toBe(1);
      expect(await outcome(tx, insert(ann, open))).toBe(violation(table));
      expect(await outcome(tx, insert(bob, own))).toBe(violation(table));
      expect(await outcome(tx, `delete from ${table} where user_id = $1`, [ann])).toBe(
        table === "likes" ? 0 : 1,
      );
    });
  });

  test("on a post that is made private stay visible to who made them and to its author", async () => {
    await trial(sql, async (tx) => {
      await tx`update social_service.social_posts set is_public = false`;
      await tx`set local session authorization social_service_app`;
      for (const [user, seen] of [
        [ann, 6],
        [stranger, 0],
      ] as const) {
        await tx`select set_config('app.current_user_id', ${user}, true)`;
        // Four on her own two posts, and hers on the two of others.
        expect(await outcome(tx, `select from social_service.${table}`)).toBe(seen);
      }
    });
  });
});

describe("comments and followers", () => {
  test("a comment is changed by who wrote it, stays on posts one sees, and is removed by the post's author too", async () => {
    const own = await idOf("social_service.social_posts", "content = 'Ann own'");
    await actAs(social, bob, async (tx) => {
      expect(await outcome(tx, "update comments set content = 'Edited'")).toBe(4);
      expect(await outcome(tx, "update comments set user_id = $1", [ann])).toBe(
        violation("comments"),
      );
      expect(
        await outcome(tx, "update comments set post_id = $1 where parent_comment_id is null", [
          own,
        ]),
      ).toBe(violation("comments"));
      // His own four, and Ann's and Carol's under his public post.
      expect(await outcome(tx, "delete from comments")).toBe(6);
    });
  });

  test("a like is not changed, a follower neither", async () => {
    await actAs(social, bob, async (tx) => {
      for (const table of ["likes", "user_followers"]) {
        expect(await outcome(tx, `update ${table} set created_at = now()`)).toBe(
          `42501 permission denied for table ${table}`,
        );
      }
    });
  });

  test("both ends see and end a following, the follower alone begins it", async () => {
    const follow = "insert into user_followers (follower_id, following_id) values ($1, $2)";
    await actAs(social, carol, async (tx) => {
      expect(await tx`select follower_id, following_id from user_followers`).toEqual([
        { follower_id: bob, following_id: carol },
      ]);
      expect(await outcome(tx, follow, [carol, ann])).toBe(1);
      expect(await outcome(tx, follow, [ann, carol])).toBe(violation("user_followers"));
      expect(await outcome(tx, "delete from user_followers where following_id = $1", [carol])).toBe(
        1,
      );
      expect(await outcome(tx, "delete from user_followers where follower_id = $1", [bob])).toBe(0);
    });
  });

  test("authors and followers have their names from the directory, users stays out of reach", async () => {
    await actAs(social, bob, async (tx) => {
      const authors = `select distinct d.first_name as value from social_posts p
        join user_directory d on d.id = p.user_id order by 1`;
      expect(await values(tx, authors)).toEqual(["Ann", "Bob", "Carol"]);
      expect(await outcome(tx, "select from user_service.users")).toBe(
        "42501 permission denied for schema user_service",
      );
      expect(await outcome(tx, "update user_directory set role = 'admin'")).toBe(
        "42501 permission denied for view user_directory",
      );
    });
  });
});

test("messages are reached through the own conversation", async () => {
  const [mine, others] = [
    await idOf("ai_service.ai_chat_sessions", `user_id = '${ann}'`),
    await idOf("ai_service.ai_chat_sessions", `user_id = '${bob}'`),
  ];
  await actAs(ai, ann, async (tx) => {
    expect(await values(tx, "select session_id as value from ai_messages")).toEqual([mine]);
    const say = "insert into ai_messages (session_id, role, content) values ($1, 'user', 'Hi')";
    expect(await outcome(tx, say, [mine])).toBe(1);
    expect(await outcome(tx, say, [others])).toBe(violation("ai_messages"));
    expect(await outcome(tx, "update ai_messages set session_id = $1", [others])).toBe(
      violation("ai_messages"),
    );
    expect(await outcome(tx, "update ai_chat_sessions set user_id = $1", [bob])).toBe(
      violation("ai_chat_sessions"),
    );
    expect(await outcome(tx, "delete from ai_chat_sessions")).toBe(1);
    expect(await outcome(tx, "select from ai_messages")).toBe(0);
  });
});

test("an identity that is no UUID is an error about itself and nothing else", async () => {
  await actAs(ai, "everybody", async (tx) => {
    expect(await outcome(tx, "select from ai_messages")).toBe(
      '22P02 invalid input syntax for type uuid: "everybody"',
    );
  });
});
