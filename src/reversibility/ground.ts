/** What comes before the first migration that is tried, in a database of its own. */
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import { freshRightsHint } from "../migrate/fresh-rights.ts";
import { migrate } from "../migrate/migrate.ts";
import type { Open } from "../migrate/migrator.ts";
import { readingOnly } from "./overlay.ts";
import type { Ways } from "./trial.ts";

/** Names of files. */
export interface Before {
  readonly migrations: readonly string[];
  readonly repeatables: readonly string[];
}

/** @throws PgwrightError `sql-failed` and the like when it cannot be applied. */
export async function layGround(
  ways: Ways,
  events: EventListener,
  open: Open,
  { migrations, repeatables }: Before,
): Promise<void> {
  const count = migrations.length + repeatables.length;
  const title = `${count === 1 ? "1 migration" : `${count} migrations`} before`;
  const started = performance.now();
  events({ type: "step-started", title });
  const applied = migrate({
    ...ways.migrator,
    open,
    directory: ways.directory,
    read: readingOnly(ways.read, new Set([...migrations, ...repeatables])),
    outOfOrder: false,
    allowNewer: false,
    dryRun: false,
  });
  await applied.catch((error: unknown) => {
    throw explain(error, ways.migrator);
  });
  events({ type: "step-finished", title, durationMs: performance.now() - started });
}

/** The database is thrown away: `migrate` is no way on. */
function explain(error: unknown, migrator: Ways["migrator"]): unknown {
  if (!(error instanceof PgwrightError) || error.code !== "sql-failed") return error;
  const { details } = error;
  return new PgwrightError(error.code, `what comes before cannot be applied: ${error.message}`, {
    ...details,
    notes: [
      ...(details.notes ?? []),
      "this was in a throwaway database, which is gone; no migration was tried",
    ],
    hint:
      freshRightsHint(migrator, details.sqlstate) ??
      "correct the file, or tell its cause: it must build an empty database with those before it",
  });
}
