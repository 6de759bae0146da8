-- Counters of a post. Whoever likes or comments is seldom the author, and row level security lets
-- only the author change a post, so counting is the owner's work: an application that could write
-- the counters could also invent them.

-- migrate:up

-- The row is locked first and counted afterwards: counting in the UPDATE itself would use a snapshot
-- from before the wait, and two likes at once would both count one. Says nothing and returns nothing
-- for a post that is not there or not visible, so it answers no question either.
CREATE FUNCTION social_service.refresh_post_counts(post_id UUID) RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM social_service.social_posts p
    WHERE p.id = refresh_post_counts.post_id
    FOR NO KEY UPDATE;
    UPDATE social_service.social_posts p
    SET likes_count = counted.likes, comments_count = counted.comments
    FROM (SELECT
            (SELECT count(*) FROM social_service.likes l WHERE l.post_id = refresh_post_counts.post_id) AS likes,
            (SELECT count(*) FROM social_service.comments c WHERE c.post_id = refresh_post_counts.post_id) AS comments
         ) AS counted
    WHERE p.id = refresh_post_counts.post_id
      AND (p.likes_count, p.comments_count) IS DISTINCT FROM (counted.likes, counted.comments);
END
$$;

REVOKE EXECUTE ON FUNCTION social_service.refresh_post_counts(UUID) FROM PUBLIC;

COMMENT ON FUNCTION social_service.refresh_post_counts(UUID) IS 'Sets likes_count and comments_count of a post to what is there; called after a like or a comment came or went';

-- No table records shares, so they cannot be counted, only added to. Public posts only: a post that
-- its author alone may read cannot be shared.
CREATE FUNCTION social_service.count_share(post_id UUID) RETURNS VOID
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE social_service.social_posts p
    SET shares_count = coalesce(p.shares_count, 0) + 1
    WHERE p.id = count_share.post_id
      AND p.is_public
      AND nullif(current_setting('app.current_user_id', true), '') IS NOT NULL
$$;

REVOKE EXECUTE ON FUNCTION social_service.count_share(UUID) FROM PUBLIC;

COMMENT ON FUNCTION social_service.count_share(UUID) IS 'Adds one to shares_count of a public post, for a known user';

COMMENT ON COLUMN social_service.social_posts.likes_count IS 'Number of likes, kept by refresh_post_counts';
COMMENT ON COLUMN social_service.social_posts.comments_count IS 'Number of comments, kept by refresh_post_counts';
COMMENT ON COLUMN social_service.social_posts.shares_count IS 'Number of times the post was shared, kept by count_share';

-- migrate:down

COMMENT ON COLUMN social_service.social_posts.shares_count IS 'Number of times the post was shared, kept by the application';
COMMENT ON COLUMN social_service.social_posts.comments_count IS 'Number of comments, kept by the application';
COMMENT ON COLUMN social_service.social_posts.likes_count IS 'Number of likes, kept by the application';
DROP FUNCTION social_service.count_share(UUID);
DROP FUNCTION social_service.refresh_post_counts(UUID);
