-- What does the mark of this copy say?
select state, phase, pieces_done as "piecesDone", source_system as system,
  source_database as database, source_snapshot as snapshot, source_replayed as replayed,
  plan_hash as "planHash", tool_version as "toolVersion"
from pgwright.anonymized_copy
