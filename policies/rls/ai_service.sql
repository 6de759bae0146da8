-- Conversations and recommendations are seen by the person they belong to.

ALTER TABLE ai_service.ai_chat_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE ai_service.ai_chat_sessions FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON ai_service.ai_chat_sessions
    FOR ALL TO ai_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));

ALTER TABLE ai_service.ai_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE ai_service.ai_messages FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON ai_service.ai_messages
    FOR ALL TO ai_service_user
    USING (EXISTS (
        SELECT FROM ai_service.ai_chat_sessions s
        WHERE s.id = ai_messages.session_id
          AND s.user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)))
    WITH CHECK (EXISTS (
        SELECT FROM ai_service.ai_chat_sessions s
        WHERE s.id = ai_messages.session_id
          AND s.user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid)));

ALTER TABLE ai_service.recommendations ENABLE ROW LEVEL SECURITY;
ALTER TABLE ai_service.recommendations FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON ai_service.recommendations
    FOR ALL TO ai_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));
