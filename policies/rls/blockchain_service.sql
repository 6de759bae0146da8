-- Tokens and achievements are seen by the person who owns them.

ALTER TABLE blockchain_service.nfts ENABLE ROW LEVEL SECURITY;
ALTER TABLE blockchain_service.nfts FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON blockchain_service.nfts
    FOR ALL TO blockchain_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

ALTER TABLE blockchain_service.achievements ENABLE ROW LEVEL SECURITY;
ALTER TABLE blockchain_service.achievements FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON blockchain_service.achievements
    FOR ALL TO blockchain_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));
