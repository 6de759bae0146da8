-- A post that is not public is its author's alone: anybody can follow anybody, so "followers only"
-- would mean everybody who asks.

ALTER TABLE social_service.social_posts ENABLE ROW LEVEL SECURITY;
ALTER TABLE social_service.social_posts FORCE ROW LEVEL SECURITY;

CREATE POLICY read_own_and_public ON social_service.social_posts
    FOR SELECT TO social_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        OR (is_public AND (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid) IS NOT NULL));

-- A post begins without applause; the counters are kept by functions.
CREATE POLICY insert_own ON social_service.social_posts
    FOR INSERT TO social_service_user
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        AND likes_count = 0 AND comments_count = 0 AND shares_count = 0);

CREATE POLICY update_own ON social_service.social_posts
    FOR UPDATE TO social_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

CREATE POLICY delete_own ON social_service.social_posts
    FOR DELETE TO social_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

-- Both ends see that one follows the other, and both can end it. Only the follower can begin it.
ALTER TABLE social_service.user_followers ENABLE ROW LEVEL SECURITY;
ALTER TABLE social_service.user_followers FORCE ROW LEVEL SECURITY;

CREATE POLICY read_both_ends ON social_service.user_followers
    FOR SELECT TO social_service_user
    USING (follower_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        OR following_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

CREATE POLICY insert_own ON social_service.user_followers
    FOR INSERT TO social_service_user
    WITH CHECK (follower_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

CREATE POLICY delete_both_ends ON social_service.user_followers
    FOR DELETE TO social_service_user
    USING (follower_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        OR following_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

-- Likes and comments are visible with their post: the policies of social_posts apply inside. Both
-- columns are compared, so that one leaf is looked at.
ALTER TABLE social_service.likes ENABLE ROW LEVEL SECURITY;
ALTER TABLE social_service.likes FORCE ROW LEVEL SECURITY;

CREATE POLICY read_own_and_with_post ON social_service.likes
    FOR SELECT TO social_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        OR EXISTS (
            SELECT FROM social_service.social_posts p
            WHERE p.id = likes.post_id AND p.created_at = likes.post_created_at));

CREATE POLICY insert_own ON social_service.likes
    FOR INSERT TO social_service_user
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        AND EXISTS (
            SELECT FROM social_service.social_posts p
            WHERE p.id = likes.post_id AND p.created_at = likes.post_created_at));

CREATE POLICY delete_own ON social_service.likes
    FOR DELETE TO social_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

ALTER TABLE social_service.comments ENABLE ROW LEVEL SECURITY;
ALTER TABLE social_service.comments FORCE ROW LEVEL SECURITY;

CREATE POLICY read_own_and_with_post ON social_service.comments
    FOR SELECT TO social_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        OR EXISTS (
            SELECT FROM social_service.social_posts p
            WHERE p.id = comments.post_id AND p.created_at = comments.post_created_at));

CREATE POLICY insert_own ON social_service.comments
    FOR INSERT TO social_service_user
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        AND EXISTS (
            SELECT FROM social_service.social_posts p
            WHERE p.id = comments.post_id AND p.created_at = comments.post_created_at));

CREATE POLICY update_own ON social_service.comments
    FOR UPDATE TO social_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        AND EXISTS (
            SELECT FROM social_service.social_posts p
            WHERE p.id = comments.post_id AND p.created_at = comments.post_created_at));

-- The author of a post may remove what others wrote under it.
CREATE POLICY delete_own_and_under_own_post ON social_service.comments
    FOR DELETE TO social_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)
        OR EXISTS (
            SELECT FROM social_service.social_posts p
            WHERE p.id = comments.post_id AND p.created_at = comments.post_created_at
              AND p.user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)));
