-- No policy: only SECURITY DEFINER functions of the owner write the log, and no application reads it.

ALTER TABLE shared.audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE shared.audit_log FORCE ROW LEVEL SECURITY;
