import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { readCatalog } from "./catalog.ts";
import type { Running } from "./cli.ts";
import { eventually } from "./eventually.ts";

/** How a migration is ended in the middle. */
export type Weapon = "terminate the backend" | "kill -9 the command";

/** Installs kill-points.sql; the ledger must exist. */
export async function installKillPoints(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(await readFile(join(import.meta.dirname, "kill-points.sql"), "utf8")).simple();
}

interface Worker {
  readonly pid: number;
}

/** The backend that stands at a kill point. */
export async function findStopped(sql: postgres.Sql): Promise<Worker | undefined> {
  const [row] = await sql<Worker[]>`
    select pid from pg_stat_activity
    where datname = current_database() and wait_event = 'PgSleep' and pid <> pg_backend_pid()`;
  return row;
}

/** What must not depend on where a run was cut off, of files that fill a table `notes`. */
export async function readOutcome(sql: postgres.Sql) {
  return {
    catalog: await readCatalog(sql),
    rows: await sql`select note from notes order by id`,
    ledger:
      await sql`select version, checksum, description from schema_migrations order by version`,
    entries: await sql`
      select event, statement, version, direction, file, up_checksum, up_sql, down_sql
      from schema_migrations_log where event <> 'statement-started' order by id`,
  };
}

/** Ends a migration. With `kill -9` the server notices on its own, a second later at most. */
export async function end(
  weapon: Weapon,
  running: Running,
  worker: Worker,
  sql: postgres.Sql,
): Promise<void> {
  if (weapon === "kill -9 the command") running.child.kill("SIGKILL");
  else await sql`select pg_terminate_backend(${worker.pid})`;
}

/**
 * Counts how many index builds run on one table at the same time, until disposed: making the ledger
 * builds indexes as well. One that is initializing waits for the lock of its table, or is refused.
 */
export function watchBuilds(sql: postgres.Sql): { most(): number } & AsyncDisposable {
  let most = 0;
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      const rows = await sql<{ builds: number }[]>`
        select count(*)::int as builds from pg_stat_progress_create_index
        where phase <> 'initializing'
          and datid = (select oid from pg_database where datname = current_database())
        group by relid`;
      most = Math.max(most, ...rows.map(({ builds }) => builds));
      await sleep(15);
    }
  })();
  return {
    most: () => most,
    async [Symbol.asyncDispose]() {
      over.abort();
      await watching;
    },
  };
}

/** Waits until an index build is in this phase and has got somewhere. */
export async function findBuild(sql: postgres.Sql, phase: string): Promise<Worker> {
  return eventually(async () => {
    const [row] = await sql<Worker[]>`
      select pid from pg_stat_progress_create_index
      where datid = (select oid from pg_database where datname = current_database())
        and phase like ${`${phase}%`}`;
    return row;
  }, `an index build in the phase ${phase}`);
}
