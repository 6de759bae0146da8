-- What comes of each statement in the setting pgwright.probes, run as its role with its identity and undone again?
DO $probe$
DECLARE
  probe jsonb;
  cursor_name constant refcursor := 'pgwright_row';
  row_cursor refcursor := cursor_name;
  dummy record;
  affected bigint;
  outcomes text[] := '{}';
BEGIN
  -- With pruning, WHERE CURRENT OF is refused on a partitioned table: "not a simply updatable scan".
  PERFORM set_config('enable_partition_pruning', 'off', true), set_config('constraint_exclusion', 'off', true);
  FOR probe IN SELECT value FROM jsonb_array_elements(current_setting('pgwright.probes')::jsonb) LOOP
    -- The row is found by its owner; the role then needs no right to read in order to write.
    IF probe ? 'row' THEN
      OPEN row_cursor FOR EXECUTE probe ->> 'row';
      FETCH row_cursor INTO dummy;
    END IF;
    BEGIN
      PERFORM set_config('row_security', 'on', true), set_config('role', probe ->> 'role', true);
      IF probe ? 'identity' THEN
        PERFORM set_config(probe ->> 'setting', probe ->> 'identity', true);
      END IF;
      EXECUTE probe ->> 'sql';
      GET DIAGNOSTICS affected = ROW_COUNT;
      RAISE EXCEPTION USING ERRCODE = 'PGW00';
    EXCEPTION
      WHEN SQLSTATE 'PGW00' THEN
        outcomes := outcomes || ('=' || affected);
      WHEN OTHERS THEN
        -- Locks, deadlocks, resources and the server itself say nothing about rights.
        IF left(SQLSTATE, 2) IN ('40', '53', '57', '58', 'XX') OR SQLSTATE IN ('55P03', '55006') THEN
          RAISE;
        END IF;
        outcomes := outcomes || SQLSTATE::text;
    END;
    IF probe ? 'row' THEN CLOSE row_cursor; END IF;
  END LOOP;
  PERFORM set_config('pgwright.outcomes', to_jsonb(outcomes)::text, true);
END
$probe$
