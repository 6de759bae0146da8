/** user_service under policies/: signing up, logging in, changing and closing an account. */
import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { addPeople, ann, bob, carol } from "../support/fitnesshub-people.ts";
import {
  actAs,
  connectTo,
  logInTo,
  outcome,
  trial,
  withFitnessHubPolicies,
} from "../support/fitnesshub.ts";

let hub: TestDatabase;
let sql: postgres.Sql;
let app: postgres.Sql;

beforeAll(async () => {
  hub = await withFitnessHubPolicies();
  sql = connectTo(hub);
  await addPeople(sql);
  app = logInTo(hub, "user_service_app");
});

afterAll(async () => {
  await Promise.all([app?.end(), sql?.end()]);
  await hub?.[Symbol.asyncDispose]();
});

const violation = (table: string, policy?: string) =>
  `42501 new row violates row-level security policy${policy ? ` "${policy}"` : ""} for table "${table}"`;

describe("signing up", () => {
  const insert = "insert into users (id, email, first_name, last_name) values ($1, $2, 'N', 'N')";

  test("is inserting an account with the current user's id; the guard keeps its address", async () => {
    const id = randomUUID();
    await actAs(app, id, async (tx) => {
      expect(await outcome(tx, insert, [id, "new@example.invalid"])).toBe(1);
      expect(await tx`select id, role, is_active from users`).toEqual([
        { id, role: "user", is_active: true },
      ]);
      expect(await tx`select * from find_login('NEW@example.invalid')`).toEqual([
        { user_id: id, role: "user", is_active: true },
      ]);
      const profile = "insert into user_profiles (user_id) values ($1)";
      expect(await outcome(tx, profile, [id])).toBe(1);
      expect(await outcome(tx, profile, [ann])).toBe(violation("user_profiles"));
    });
  });

  test("says role `user`, or nothing; no other", async () => {
    const withRole = insert.replace("last_name)", "last_name, role)");
    const id = randomUUID();
    for (const [role, expected] of [
      ["user", 1],
      ["trainer", violation("users", "join_as_user")],
      ["admin", violation("users", "join_as_user")],
    ] as const) {
      await actAs(app, id, async (tx) => {
        const text = withRole.replace("'N', 'N'", `'N', 'N', '${role}'`);
        expect(await outcome(tx, text, [id, "new@example.invalid"])).toBe(expected);
      });
    }
  });

  test("is refused for anybody else, and without a user", async () => {
    for (const user of [ann, randomUUID(), ""]) {
      await actAs(app, user, async (tx) => {
        const parameters = [randomUUID(), "new@example.invalid"];
        expect(await outcome(tx, insert, parameters)).toBe(violation("users"));
      });
    }
  });

  test("with an address that is taken names the constraint and the address that was given, no more", async () => {
    const id = randomUUID();
    await actAs(app, id, async (tx) => {
      expect(await outcome(tx, insert, [id, "Bob@Example.invalid"])).toBe(
        '23505 duplicate key value violates unique constraint "users_email_key" Key (email_key)=(bob@example.invalid) already exists.',
      );
    });
  });
});

test("logging in needs no identity, and shows id, role and whether the account is open", async () => {
  await trial(app, async (tx) => {
    expect(await tx`select * from find_login(' BOB@example.invalid')`).toEqual([
      { user_id: bob, role: "user", is_active: true },
    ]);
    expect(await tx`select * from find_login('nobody@example.invalid')`).toEqual([]);
    expect(await outcome(tx, "select from user_emails")).toBe(
      "42501 permission denied for table user_emails",
    );
    expect(await outcome(tx, "select email_key('a')")).toBe(
      "42501 permission denied for function email_key",
    );
    expect(await outcome(tx, "select from users")).toBe(0);
  });
});

describe("an account", () => {
  test("is changed by its person alone; updated_at follows", async () => {
    await actAs(app, ann, async (tx) => {
      expect(await outcome(tx, "update users set bio = 'Me', last_login_at = now()")).toBe(1);
      expect(await tx`select bio, updated_at = now() as touched from users`).toEqual([
        { bio: "Me", touched: true },
      ]);
      expect(await outcome(tx, "update users set bio = 'Bob' where id = $1", [bob])).toBe(0);
      expect(await outcome(tx, "update user_profiles set weight_kg = 80")).toBe(1);
      expect(await outcome(tx, "delete from user_stats where user_id = $1", [bob])).toBe(0);
    });
  });

  test("has an address that can be changed, and not to another's", async () => {
    await actAs(app, ann, async (tx) => {
      expect(await outcome(tx, "update users set email = 'ann2@example.invalid'")).toBe(1);
      expect(await tx`select user_id from find_login('ann2@example.invalid')`).toEqual([
        { user_id: ann },
      ]);
      expect(await tx`select from find_login('ann@example.invalid')`).toHaveLength(0);
      expect(await outcome(tx, "update users set email = 'bob@example.invalid'")).toContain(
        "23505",
      );
    });
  });

  test("does not promote itself, in any way of saying it", async () => {
    await actAs(app, ann, async (tx) => {
      for (const statement of [
        "update users set role = 'admin'",
        "update users set role = role",
        "update users set (bio, role) = ('Me', 'trainer')",
        `insert into users (id, email, first_name, last_name) values ('${ann}', 'x', 'x', 'x')
           on conflict (id) do update set role = 'admin'`,
        `merge into users u using (select 1) x on u.id = '${ann}' when matched then update set role = 'admin'`,
        "select set_config('role', 'fitnesshub_owner', true)",
        "alter table users no force row level security",
        "create policy everything on users using (true)",
      ]) {
        const said = await outcome(tx, statement);
        expect(said, statement).toMatch(/^42501 (permission denied|must be owner)/);
      }
      expect(await tx`select role from users`).toEqual([{ role: "user" }]);
      // Nor by leaving and coming back as somebody more important.
      expect(await outcome(tx, "delete from users")).toBe(1);
      const again =
        "insert into users (id, email, first_name, last_name, role) values ($1, 'ann@example.invalid', 'A', 'A', 'admin')";
      expect(await outcome(tx, again, [ann])).toBe(violation("users", "join_as_user"));
    });
  });

  test("does not become another's, nor do its rows", async () => {
    await actAs(app, ann, async (tx) => {
      for (const column of ["id", "created_at"]) {
        expect(await outcome(tx, `update users set ${column} = ${column}`)).toBe(
          "42501 permission denied for table users",
        );
      }
      for (const table of ["user_profiles", "user_stats"]) {
        expect(await outcome(tx, `update ${table} set user_id = $1`, [bob])).toBe(violation(table));
      }
      const stat = "insert into user_stats (user_id, metric_name, value) values ($1, 'steps', 1)";
      expect(await outcome(tx, stat, [bob])).toBe(violation("user_stats"));
      // An upsert onto Bob's reading is refused as well, and does not show that it exists.
      const upsert = stat
        .replace("steps", "resting_heart_rate")
        .concat(
          " on conflict (user_id, metric_name, recorded_date) do update set value = excluded.value",
        );
      expect(await outcome(tx, upsert, [bob])).toBe(violation("user_stats"));
      expect(await outcome(tx, upsert, [ann])).toBe(1);
    });
  });

  test("is closed by its person, and not opened again", async () => {
    await actAs(app, ann, async (tx) => {
      expect(await outcome(tx, "update users set is_active = false")).toBe(1);
      expect(await outcome(tx, "update users set is_active = true")).toBe(0);
      expect(await tx`select is_active from users`).toEqual([{ is_active: false }]);
      expect(await tx`select from user_directory where id = ${ann}`).toHaveLength(0);
    });
  });

  test("locks nobody else's row: SELECT FOR UPDATE shows the own one", async () => {
    await actAs(app, ann, async (tx) => {
      expect(await outcome(tx, "select from users for update")).toBe(1);
      expect(await outcome(tx, "select from user_profiles for update")).toBe(1);
    });
  });
});

test("deleting an account takes everything of it along, in every schema, and nothing of others", async () => {
  const owned = {
    users: "id",
    user_emails: "user_id",
    user_profiles: "user_id",
    user_stats: "user_id",
    workouts: "user_id",
    workout_sessions: "user_id",
    social_posts: "user_id",
    likes: "user_id",
    comments: "user_id",
    user_followers: "follower_id",
    ai_chat_sessions: "user_id",
    recommendations: "user_id",
    nfts: "user_id",
    achievements: "user_id",
    notifications: "user_id",
  };
  const parents = ["workout_exercises", "exercise_sets", "ai_messages"];
  await trial(sql, async (tx) => {
    const counts = async () => {
      const found: Record<string, number> = {};
      for (const [table, column] of Object.entries(owned)) {
        for (const user of [ann, bob, carol]) {
          const [row] = await tx.unsafe<{ count: number }[]>(
            `select count(*)::int from ${table} where ${column} = '${user}'`,
          );
          found[`${table} of ${user.slice(0, 1)}`] = row?.count ?? Number.NaN;
        }
      }
      for (const table of parents) {
        const [row] = await tx.unsafe<{ count: number }[]>(`select count(*)::int from ${table}`);
        found[table] = row?.count ?? Number.NaN;
      }
      return found;
    };
    const before = await counts();
    await tx`set local session authorization user_service_app`;
    await tx`select set_config('app.current_user_id', ${ann}, true)`;
    expect(await outcome(tx, "delete from user_service.users")).toBe(1);
    await tx`reset session authorization`;
    const after = await counts();
    const expected = { ...before };
    for (const table of Object.keys(owned)) expected[`${table} of a`] = 0;
    // Bob and Carol had one each of Ann's post, and Bob followed her.
    for (const who of ["b", "c"]) {
      expected[`likes of ${who}`] = 3;
      expected[`comments of ${who}`] = 3;
    }
    expected["user_followers of b"] = 1;
    expect(before).toMatchObject({ "likes of b": 4, "user_followers of b": 2, ai_messages: 3 });
    expect(after).toEqual({
      ...expected,
      workout_exercises: 4,
      exercise_sets: 2,
      ai_messages: 2,
    });
  });
});
