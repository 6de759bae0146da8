/** A backfill that would leave a standby behind, on servers of their own. */
import { expect, test } from "vitest";
import { startCommand } from "../../support/cli.ts";
import { startCluster } from "../../support/cluster.ts";
import { clientOf } from "../../support/doctor.ts";
import { eventually } from "../../support/eventually.ts";
import { withFolder } from "../../support/folder.ts";
import { migration } from "../../support/migration-project.ts";
import { follows } from "../../support/standby.ts";

test("waits for a standby that falls behind, and goes on when it has caught up", async () => {
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
  await Promise.all([writer.end(), reader.end()]);
});
