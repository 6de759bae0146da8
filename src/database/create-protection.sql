-- Where the mark "protected" is kept; one row at most, readable for everybody.
CREATE TABLE IF NOT EXISTS pgwright.protection (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  database_name text NOT NULL,
  system_identifier text,
  reason text,
  protected_by text NOT NULL DEFAULT current_user,
  protected_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pgwright.protection IS
  'This database must not be dropped, reset, seeded or anonymized in place; see pgwright db unprotect';
