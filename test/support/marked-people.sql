-- FitnessHub with people that no dictionary knows: every personal value holds `Zq…<number>`.
insert into user_service.users (id, email, first_name, last_name, avatar_url, bio, location, date_of_birth, gender, role)
select gen_random_uuid(), 'Zqmail' || n || '@zqhost' || n || '.test', 'Zqfirst' || n, 'Zqlast' || n,
  'https://pictures.test/zqface' || n || '.jpg', 'I train at Zqgym' || n || ', ask Zqfriend' || n || '!',
  'Zqtown' || n, date '1970-01-01' + n * 17, 'other', 'user'
from generate_series(1, 300) n;
insert into user_service.user_profiles (user_id, height_cm, weight_kg, preferences)
select id, 170, 70, jsonb_build_object('units', 'metric', 'coach', jsonb_build_array('Zqcoach' || substring(last_name from 7)))
from user_service.users;
insert into workout_service.workouts (user_id, name, description, type, difficulty, duration_minutes, tags)
select id, 'With Zqmate' || substring(last_name from 7), 'Zqplace' || substring(last_name from 7) || ' at noon', 'strength', 'beginner', 30,
  jsonb_build_array('zqtag' || substring(last_name from 7)) from user_service.users;
insert into social_service.social_posts (user_id, content, type, media_urls, created_at)
select id, 'Met Zqbuddy' || substring(last_name from 7) || E' today.\nSo good', 'text',
  jsonb_build_array('https://pictures.test/zqshot' || substring(last_name from 7) || '.png'), '2024-01-15 12:00+00'
from user_service.users;
insert into social_service.comments (user_id, post_id, content)
select user_id, id, 'Zqreply' || substring(content from 'Zqbuddy([0-9]+)') from social_service.social_posts;
insert into ai_service.ai_chat_sessions (user_id, session_name, context)
select id, 'Zqchat' || substring(last_name from 7), jsonb_build_object('knee', 'Zqpain' || substring(last_name from 7))
from user_service.users;
insert into ai_service.ai_messages (session_id, role, content)
select id, 'user', 'My doctor is Zqdoctor' || substring(session_name from 7) from ai_service.ai_chat_sessions;
insert into notification_service.notifications (user_id, type, title, message, data)
select id, 'social', 'From Zqsender' || substring(last_name from 7), 'Zqnote' || substring(last_name from 7),
  jsonb_build_object('link', jsonb_build_object('person', 'zqlink' || substring(last_name from 7)))
from user_service.users;
-- History: what was is in the log alone, and in dead rows.
update user_service.users set last_name = 'Zqmaiden' || substring(last_name from 7), email = 'zqnew' || substring(last_name from 7) || '@marked.test'
where substring(last_name from 7)::int % 3 = 0;
update social_service.social_posts set content = 'Zqedit' || substring(content from 'Zqbuddy([0-9]+)') where likes_count = 0 and random() < 0.5;
delete from user_service.users where substring(last_name from '[0-9]+$')::int % 10 = 1;
create materialized view shared.directory as select email, first_name, location from user_service.users;
create statistics shared.who (mcv) on first_name, location from user_service.users_0;
analyze;
