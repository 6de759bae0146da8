-- A notification is seen by the person it is for; the service writes it as that person.

ALTER TABLE notification_service.notifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_service.notifications FORCE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON notification_service.notifications
    FOR ALL TO notification_service_user
    USING (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid))
    WITH CHECK (user_id = (SELECT nullif(current_setting('app.current_user_id', true), '')::uuid));
