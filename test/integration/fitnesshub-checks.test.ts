import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../support/database.ts";
import { addUser, connectTo, trial, verdict, withFitnessHub } from "../support/fitnesshub.ts";

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

describe("checks refuse", () => {
  const user = "(select id from users)";
  const workout = `workouts (user_id, name, type, difficulty, duration_minutes`;
  const cases: [statement: string, expected: string][] = [
    ["update users set role = 'root'", "23514 users_role_check"],
    ["update users set gender = 'x'", "23514 users_gender_check"],
    ["update users set activity_level = 'lazy'", "23514 users_activity_level_check"],
    ["update users set first_name = null", "23502 first_name"],
    [`update users set fitness_goals = '{}'`, "23514 users_fitness_goals_shape"],
    [`update users set fitness_goals = '["a", 1]'`, "23514 users_fitness_goals_shape"],
    [`update users set fitness_goals = '[["a"]]'`, "23514 users_fitness_goals_shape"],
    [`update users set fitness_goals = 'null'`, "23514 users_fitness_goals_shape"],
    [
      `insert into user_profiles (user_id, measurements) values (${user}, '{"waist": "80"}')`,
      "23514 user_profiles_measurements_shape",
    ],
    [
      `insert into user_profiles (user_id, measurements) values (${user}, '{"waist": 80, "unit": 1}')`,
      "23514 user_profiles_measurements_shape",
    ],
    [
      `insert into user_profiles (user_id, measurements) values (${user}, '[]')`,
      "23514 user_profiles_measurements_shape",
    ],
    [
      `insert into user_profiles (user_id) values (${user}), (${user})`,
      "23505 user_profiles_user_id_key",
    ],
    [
      `insert into ${workout}) values (${user}, 'A', 'dance', 'beginner', 5)`,
      "23514 workouts_type_check",
    ],
    [
      `insert into ${workout}) values (${user}, 'A', 'cardio', 'easy', 5)`,
      "23514 workouts_difficulty_check",
    ],
    [
      `insert into ${workout}) values (${user}, 'A', 'cardio', 'beginner', 0)`,
      "23514 workouts_duration_minutes_check",
    ],
    [
      `insert into ${workout}, tags) values (${user}, 'A', 'cardio', 'beginner', 5, '[null]')`,
      "23514 workouts_tags_shape",
    ],
    [
      `insert into user_followers (follower_id, following_id) values (${user}, ${user})`,
      "23514 user_followers_check",
    ],
    [
      `insert into recommendations (user_id, type, title, confidence_score) values (${user}, 'general', 'A', 1.01)`,
      "23514 recommendations_confidence_score_check",
    ],
    [
      `insert into notifications (user_id, type, title, message, data) values (${user}, 'system', 'A', 'B', '[]')`,
      "23514 notifications_data_shape",
    ],
    [
      `insert into nfts (user_id, token_id, contract_address, name, rarity) values (${user}, '1', '0x0', 'A', 'odd')`,
      "23514 nfts_rarity_check",
    ],
    [
      `insert into workout_sessions (user_id, started_at, completed_at) values (${user}, now(), now() - interval '1 s')`,
      "23514 workout_sessions_check",
    ],
    [
      `insert into user_stats (user_id, metric_name, value) values (${user}, 'steps', 1), (${user}, 'steps', 2)`,
      "23505 user_stats_user_id_metric_name_recorded_date_key",
    ],
    [
      `insert into audit_log (table_name, operation) values ('t', 'GRANT')`,
      "23514 audit_operation_check",
    ],
  ];

  test("every wrong value", async () => {
    await trial(sql, async (tx) => {
      await addUser(tx);
      const found: [string, string][] = [];
      for (const [statement] of cases) found.push([statement, await verdict(tx, statement)]);
      expect(found).toEqual(cases);
    });
  });

  test.each([
    [
      `[{"step": 1, "instruction": "Stand", "duration": null}, {"step": 2, "instruction": "Sit", "duration": 2}]`,
      "accepted",
    ],
    [`[{"step": 1, "instruction": "Stand"}]`, "accepted"],
    ["[]", "accepted"],
    [`[{"step": 1}]`, "23514 exercises_instructions_shape"],
    [`[{"step": "1", "instruction": "Stand"}]`, "23514 exercises_instructions_shape"],
    [
      `[{"step": 1, "instruction": "Stand", "duration": "2 s"}]`,
      "23514 exercises_instructions_shape",
    ],
    [`[[{"step": 1, "instruction": "Stand"}]]`, "23514 exercises_instructions_shape"],
    [`["Stand"]`, "23514 exercises_instructions_shape"],
    [`{"step": 1, "instruction": "Stand"}`, "23514 exercises_instructions_shape"],
  ])("instructions %s: %s", async (instructions, expected) => {
    await trial(sql, async (tx) => {
      const insert =
        "insert into exercises (name, category, difficulty, instructions) values ('Squat', 'legs', 'beginner', $1::text::jsonb)";
      expect(await verdict(tx, insert, [instructions])).toBe(expected);
    });
  });
});
