/** A backfill that would leave a standby behind, on servers of their own. */
import { expect, test } from "vitest";
import { startCommand } from "../../support/cli.ts";
import { startCluster } from "../../support/cluster.ts";
import { clientOf } from "../../support/doctor.ts";
import { eventually } from "../../support/eventually.ts";
import { withFolder } from "../../support/folder.ts";
import { migration } from "../../support/migration-project.ts";
import { follows } from "../../support/standby.ts";

test("waits for a standby that falls behind, and is refused where that is hidden", async () => {
  await using primary = await startCluster();
  await using standby = await startCluster();
  await follows(standby, primary);
  const writer = clientOf(primary);
  const reader = clientOf(standby);
  await writer.unsafe("create table t as select i as id, 0 as n from generate_series(1, 3000) i");
  await writer.unsafe("alter table t add primary key (id)");
  await using folder = await withFolder({
    "pgwright.yaml": "migrations: {}\n",
    "migrations/001_fill.sql": migration(
      "-- backfill: batch=100 pause=50ms max-lag=300ms\nupdate t set n = n + 1;",
      "update t set n = 0;",
    ),
  });
  const done = async () => (await writer`select count(*)::int as n from t where n = 1`)[0]?.["n"];

  await reader`select pg_wal_replay_pause()`;
  const run = startCommand(["migrate"], {
    cwd: folder.path,
    env: { DATABASE_URL: primary.url },
  });
  await eventually(
    () => /backfill: waiting for second, \d+ s behind/.test(run.output.stderr),
    "the wait",
  );
  const held = await done();
  expect(held).toBeLessThan(3000);
  await writer`select pg_sleep(2)`;
  expect(await done()).toBe(held);

  await reader`select pg_wal_replay_resume()`;
  expect(await run.done).toMatchObject({ code: 0 });
  expect(await done()).toBe(3000);
  await eventually(
    async () => (await reader`select from t where n = 1`).length === 3000,
    "the rows on the standby",
  );

  // A role that may not see how far behind it is.
  await writer.unsafe("create role filler login; grant all on schema public to filler");
  await reader`select pg_wal_replay_pause()`;
  const url = new URL(primary.url);
  url.username = "filler";
  const asFiller = async (directive: string) => {
    await using own = await withFolder({
      "pgwright.yaml": "migrations: { schema: other, table: ledger }\n",
      "migrations/001_t.sql": migration(
        "create table own (id int primary key, n int); insert into own values (1), (2);",
        "drop table own;",
      ),
      "migrations/002_fill.sql": migration(
        `-- backfill: ${directive}\nupdate own set n = 1;`,
        "select 1;",
      ),
    });
    return await startCommand(["migrate"], { cwd: own.path, env: { DATABASE_URL: url.href } }).done;
  };
  await writer.unsafe("create schema other authorization filler");
  const refused = await asFiller("batch=1 max-lag=300ms");
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain(
    "error[backfill-refused]: the backfill cannot be run in batches: it is to wait by max-lag, a standby follows, and how far behind is hidden from role filler",
  );
  expect(refused.stderr).toContain("have a superuser run `GRANT pg_monitor TO filler`");
  expect(await writer`select from own where n = 1`).toHaveLength(0);
  const warned = await asFiller("batch=1");
  expect(warned.stderr).toContain(
    "002_fill.sql: the backfill waits for no standby, as how far behind they are is hidden from role filler: GRANT pg_monitor TO filler;",
  );
  expect(warned.code).toBe(0);
  expect(await writer`select from own where n = 1`).toHaveLength(2);
  await Promise.all([writer.end(), reader.end()]);
});
