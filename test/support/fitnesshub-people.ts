/** Three people of FitnessHub with a row in every table, to see who sees whose. */
import type postgres from "postgres";

export const ann = "a0000000-0000-4000-8000-000000000000";
export const bob = "b0000000-0000-4000-8000-000000000000";
/** The administrator. */
export const carol = "c0000000-0000-4000-8000-000000000000";
/** Nobody has this id. */
export const stranger = "e0000000-0000-4000-8000-000000000000";

/**
 * Each has a public and a private workout and post. Everybody likes and comments on every public
 * post, and the author alone on the private one. Ann and Bob follow each other, Bob follows Carol.
 * To be run by a role that row level security does not hold back.
 */
export async function addPeople(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    set search_path = user_service, workout_service, social_service, ai_service, blockchain_service,
      notification_service, shared;
    insert into users (id, email, first_name, last_name, role) values
      ('${ann}', 'ann@example.invalid', 'Ann', 'Example', 'user'),
      ('${bob}', 'bob@example.invalid', 'Bob', 'Example', 'user'),
      ('${carol}', 'carol@example.invalid', 'Carol', 'Example', 'admin');
    insert into user_profiles (user_id, weight_kg) select id, 70 from users;
    insert into user_stats (user_id, metric_name, value) select id, 'resting_heart_rate', 60 from users;

    insert into exercises (name, category, difficulty) values ('Squat', 'legs', 'beginner');
    insert into workouts (user_id, name, type, difficulty, duration_minutes, is_public)
      select id, first_name || case when open then ' open' else ' own' end, 'strength', 'beginner', 30, open
      from users, unnest(array[true, false]) open;
    insert into workout_exercises (workout_id, exercise_id, order_index, sets, reps)
      select w.id, e.id, 1, 3, 10 from workouts w, exercises e;
    insert into workout_sessions (user_id, workout_id, completed_at) select user_id, id, now() from workouts where not is_public;
    insert into exercise_sets (workout_session_id, exercise_id, set_number, reps)
      select s.id, e.id, 1, 10 from workout_sessions s, exercises e;

    insert into social_posts (user_id, content, type, is_public, created_at)
      select id, first_name || case when open then ' open' else ' own' end, 'text', open,
             case when open then now() else '2024-01-15 12:00+00' end
      from users, unnest(array[true, false]) open;
    insert into user_followers (follower_id, following_id) values
      ('${ann}', '${bob}'), ('${bob}', '${ann}'), ('${bob}', '${carol}');
    insert into likes (user_id, post_id)
      select u.id, p.id from users u, social_posts p where p.is_public or p.user_id = u.id;
    insert into comments (user_id, post_id, content)
      select u.id, p.id, u.first_name || ' on ' || p.content from users u, social_posts p
      where p.is_public or p.user_id = u.id;

    insert into ai_chat_sessions (user_id) select id from users;
    insert into ai_messages (session_id, role, content) select id, 'user', 'Hi' from ai_chat_sessions;
    insert into recommendations (user_id, type, title, confidence_score) select id, 'general', 'Rest', 1 from users;
    insert into nfts (user_id, token_id, contract_address, name, rarity) select id, id, '0x0', 'Shoe', 'rare' from users;
    insert into achievements (user_id, type, title) select id, 'first', 'First workout' from users;
    insert into notifications (user_id, type, title, message) select id, 'system', 'Hello', 'Hello' from users;

    insert into audit_log (table_name, operation) values ('user_service.users', 'INSERT');
    refresh materialized view user_workout_stats;
    refresh materialized view user_feed_stats;
    refresh materialized view user_monthly_activity;
    refresh materialized view activity_totals;
    reset search_path`);
}
