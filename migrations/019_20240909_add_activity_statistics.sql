-- Statistics that the application shows on every visit, computed ahead of time like user_workout_stats:
-- what an author's posts brought, and a person's months of training; and on top of the latter how all
-- users together train, for analysts. Nobody is granted a materialized view, because row level security
-- does not exist for it: shared.my_… show each user the own rows, and shared.activity_by_month shows
-- numbers about groups.

-- migrate:up

CREATE MATERIALIZED VIEW social_service.user_feed_stats AS
SELECT
    user_id,
    count(*) AS posts,
    count(*) FILTER (WHERE is_public) AS public_posts,
    sum(likes_count)::bigint AS likes,
    sum(comments_count)::bigint AS comments,
    sum(shares_count)::bigint AS shares,
    max(created_at) AS last_post_at
FROM social_service.social_posts
GROUP BY user_id;

CREATE UNIQUE INDEX idx_user_feed_stats_user_id ON social_service.user_feed_stats (user_id);

COMMENT ON MATERIALIZED VIEW social_service.user_feed_stats IS 'What the posts of each author brought, as of the last refresh';
COMMENT ON COLUMN social_service.user_feed_stats.user_id IS 'ID of the author';
COMMENT ON COLUMN social_service.user_feed_stats.posts IS 'Number of posts';
COMMENT ON COLUMN social_service.user_feed_stats.public_posts IS 'Number of posts that every user may read';
COMMENT ON COLUMN social_service.user_feed_stats.likes IS 'Number of likes of all posts';
COMMENT ON COLUMN social_service.user_feed_stats.comments IS 'Number of comments on all posts';
COMMENT ON COLUMN social_service.user_feed_stats.shares IS 'Number of times a post was shared';
COMMENT ON COLUMN social_service.user_feed_stats.last_post_at IS 'Creation timestamp of the newest post';

-- Months are those of UTC: a month that depended on the session would depend on who refreshes.
CREATE MATERIALIZED VIEW workout_service.user_monthly_activity AS
SELECT
    user_id,
    date_trunc('month', started_at AT TIME ZONE 'UTC')::date AS month,
    count(*) AS sessions,
    count(*) FILTER (WHERE completed_at IS NOT NULL) AS completed,
    coalesce(sum(duration_minutes), 0)::bigint AS minutes,
    coalesce(sum(calories_burned), 0)::bigint AS calories
FROM workout_service.workout_sessions
GROUP BY 1, 2;

CREATE UNIQUE INDEX idx_user_monthly_activity_user_month ON workout_service.user_monthly_activity (user_id, month);

COMMENT ON MATERIALIZED VIEW workout_service.user_monthly_activity IS 'Training of each user by month, as of the last refresh';
COMMENT ON COLUMN workout_service.user_monthly_activity.user_id IS 'ID of user';
COMMENT ON COLUMN workout_service.user_monthly_activity.month IS 'First day of the month (UTC)';
COMMENT ON COLUMN workout_service.user_monthly_activity.sessions IS 'Number of sessions that began in the month';
COMMENT ON COLUMN workout_service.user_monthly_activity.completed IS 'Number of those that were completed';
COMMENT ON COLUMN workout_service.user_monthly_activity.minutes IS 'Minutes of exercise';
COMMENT ON COLUMN workout_service.user_monthly_activity.calories IS 'Calories burned';

CREATE VIEW shared.training_months WITH (security_barrier = true) AS
SELECT user_id, month, completed, minutes
FROM workout_service.user_monthly_activity
WHERE completed > 0;

COMMENT ON VIEW shared.training_months IS 'Months in which a user completed a session; what activity_totals counts';
COMMENT ON COLUMN shared.training_months.user_id IS 'ID of user';
COMMENT ON COLUMN shared.training_months.month IS 'First day of the month (UTC)';
COMMENT ON COLUMN shared.training_months.completed IS 'Number of completed sessions';
COMMENT ON COLUMN shared.training_months.minutes IS 'Minutes of exercise';

CREATE MATERIALIZED VIEW shared.activity_totals AS
SELECT
    month,
    count(*) AS users,
    sum(completed)::bigint AS sessions,
    sum(minutes)::bigint AS minutes
FROM shared.training_months
GROUP BY month;

CREATE UNIQUE INDEX idx_activity_totals_month ON shared.activity_totals (month);

COMMENT ON MATERIALIZED VIEW shared.activity_totals IS 'Training of all users by month, as of the last refresh';
COMMENT ON COLUMN shared.activity_totals.month IS 'First day of the month (UTC)';
COMMENT ON COLUMN shared.activity_totals.users IS 'Number of users who completed a session';
COMMENT ON COLUMN shared.activity_totals.sessions IS 'Number of completed sessions';
COMMENT ON COLUMN shared.activity_totals.minutes IS 'Minutes of exercise';

CREATE VIEW shared.my_feed_stats WITH (security_barrier = true) AS
SELECT user_id, posts, public_posts, likes, comments, shares, last_post_at
FROM social_service.user_feed_stats
WHERE user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid);

COMMENT ON VIEW shared.my_feed_stats IS 'What the posts of the current user brought, as of the last refresh';
COMMENT ON COLUMN shared.my_feed_stats.user_id IS 'ID of the author';
COMMENT ON COLUMN shared.my_feed_stats.posts IS 'Number of posts';
COMMENT ON COLUMN shared.my_feed_stats.public_posts IS 'Number of posts that every user may read';
COMMENT ON COLUMN shared.my_feed_stats.likes IS 'Number of likes of all posts';
COMMENT ON COLUMN shared.my_feed_stats.comments IS 'Number of comments on all posts';
COMMENT ON COLUMN shared.my_feed_stats.shares IS 'Number of times a post was shared';
COMMENT ON COLUMN shared.my_feed_stats.last_post_at IS 'Creation timestamp of the newest post';

CREATE VIEW shared.my_monthly_activity WITH (security_barrier = true) AS
SELECT user_id, month, sessions, completed, minutes, calories
FROM workout_service.user_monthly_activity
WHERE user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid);

COMMENT ON VIEW shared.my_monthly_activity IS 'Training of the current user by month, as of the last refresh';
COMMENT ON COLUMN shared.my_monthly_activity.user_id IS 'ID of user';
COMMENT ON COLUMN shared.my_monthly_activity.month IS 'First day of the month (UTC)';
COMMENT ON COLUMN shared.my_monthly_activity.sessions IS 'Number of sessions that began in the month';
COMMENT ON COLUMN shared.my_monthly_activity.completed IS 'Number of those that were completed';
COMMENT ON COLUMN shared.my_monthly_activity.minutes IS 'Minutes of exercise';
COMMENT ON COLUMN shared.my_monthly_activity.calories IS 'Calories burned';

CREATE VIEW shared.activity_by_month WITH (security_barrier = true) AS
SELECT month, users, sessions, round(minutes::numeric / users, 1) AS minutes_per_user
FROM shared.activity_totals
WHERE users >= 5;

COMMENT ON VIEW shared.activity_by_month IS 'Training of all users by month; months with fewer than five users are left out';
COMMENT ON COLUMN shared.activity_by_month.month IS 'First day of the month (UTC)';
COMMENT ON COLUMN shared.activity_by_month.users IS 'Number of users who completed a session';
COMMENT ON COLUMN shared.activity_by_month.sessions IS 'Number of completed sessions';
COMMENT ON COLUMN shared.activity_by_month.minutes_per_user IS 'Average minutes of exercise of a user';

-- migrate:down

DROP VIEW shared.activity_by_month;
DROP VIEW shared.my_monthly_activity;
DROP VIEW shared.my_feed_stats;
DROP MATERIALIZED VIEW shared.activity_totals;
DROP VIEW shared.training_months;
DROP MATERIALIZED VIEW workout_service.user_monthly_activity;
DROP MATERIALIZED VIEW social_service.user_feed_stats;
