/** How far a backfill came in an earlier run, from the journal. */
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { LedgerPlace } from "../ledger-place.ts";
import { logName } from "../ledger-place.ts";
import { progressChecksum, ways } from "../journal.ts";
import type { LoneStep, SectionWork } from "../section-steps.ts";
import type { Progress } from "./run.ts";

/**
 * The last batch of this statement since its migration was last recorded as applied or undone;
 * undefined when there is none.
 *
 * @throws PgwrightError `journal-changed` when the batches were those of another text: they are
 *   committed, and nobody can tell what the new one would do to their rows.
 */
export async function readProgress(
  session: Session,
  place: LedgerPlace,
  section: SectionWork,
  { first }: Pick<LoneStep, "first">,
): Promise<Progress | undefined> {
  const { version, direction, runs, title } = section;
  const [row] = await session.query<{ reason: string; checksum: string }>(
    `select j.reason, coalesce(j.up_checksum, j.down_checksum) as checksum
     from ${logName(place)} j
     where j.version = $1 and j.direction = $2 and j.event = 'statement-started'
       and j.statement = $3 and j.reason is not null
       and not exists (
         select from ${logName(place)} e
         where e.version = j.version and e.id > j.id
           and e.event in ('apply', 'rollback', 'repair', 'baseline'))
     order by j.id desc limit 1`,
    [version, direction, first],
  );
  if (!row) return undefined;
  const progress = JSON.parse(row.reason) as Progress;
  if (row.checksum === progressChecksum(runs, first)) return progress;
  throw new PgwrightError(
    "journal-changed",
    `the backfill of ${title} has committed ${progress.batches} batches, and it is another statement now`,
    {
      hint: `restore it, and it goes on; or look at the database and ${ways(section)}`,
    },
  );
}
