-- A person sees and changes the own account and what hangs on it, nothing else.

ALTER TABLE user_service.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_service.users FORCE ROW LEVEL SECURITY;

-- The specification's policy. Signing up is covered too: the application chooses the id, sets it as the
-- current user, and inserts the account with it.
CREATE POLICY user_data_policy ON user_service.users
    FOR ALL TO user_service_user
    USING (id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

-- The grants leave `role` out of every UPDATE; this closes the other way to become an administrator.
CREATE POLICY join_as_user ON user_service.users
    AS RESTRICTIVE FOR INSERT TO user_service_user
    WITH CHECK (role = 'user');

-- A person may close the account; only an administrator opens it again.
CREATE POLICY closed_stays_closed ON user_service.users
    AS RESTRICTIVE FOR UPDATE TO user_service_user
    USING (is_active)
    WITH CHECK (id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

-- Deleting it and signing up again under the same id would be another way to open it.
CREATE POLICY closed_is_not_deleted ON user_service.users
    AS RESTRICTIVE FOR DELETE TO user_service_user
    USING (is_active);

ALTER TABLE user_service.user_profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_service.user_profiles FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON user_service.user_profiles
    FOR ALL TO user_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

ALTER TABLE user_service.user_stats ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_service.user_stats FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON user_service.user_stats
    FOR ALL TO user_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

-- No policy: a trigger and find_login read and write it, with the owner's rights.
ALTER TABLE user_service.user_emails ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_service.user_emails FORCE ROW LEVEL SECURITY;
