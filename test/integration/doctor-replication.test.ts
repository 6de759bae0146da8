/** Standbys, their primary, and slots, on servers of their own. */
import { execFile } from "node:child_process";
import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startCluster, type Cluster } from "../support/cluster.ts";
import { clientOf, examine, findAt, follow, whenFound } from "../support/doctor.ts";
import { eventually } from "../support/eventually.ts";

/** Makes `copy` a streaming standby of `primary`; both run afterwards. */
async function follows(copy: Cluster, primary: Cluster): Promise<void> {
  await copy.stop();
  await primary.stop();
  const { dataDirectory } = copy;
  await rm(dataDirectory, { recursive: true });
  // The files must go on belonging to the servers' account, which fs.cp() does not see to.
  await promisify(execFile)("cp", ["-a", primary.dataDirectory, dataDirectory]);
  // Written into a copied file, so that it belongs to that account too.
  await promisify(execFile)("cp", [
    "-a",
    join(dataDirectory, "PG_VERSION"),
    join(dataDirectory, "standby.signal"),
  ]);
  await writeFile(join(dataDirectory, "standby.signal"), "");
  await appendFile(
    join(dataDirectory, "postgresql.auto.conf"),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=postgres application_name=second'\n`,
  );
  await primary.start();
  await copy.start();
}

test("a standby and its primary", async () => {
  await using primary = await startCluster({ settings: { synchronous_commit: "on" } });
  await using standby = await startCluster();
  expect(await findAt(primary, "doctor/standby")).toEqual([]);
  await follows(standby, primary);
  const writer = clientOf(primary);
  const reader = clientOf(standby);
  await eventually(
    async () => (await writer`select from pg_stat_replication where state = 'streaming'`).length,
    "the standby to stream",
  );

  const report = await examine(standby.url);
  expect(report.isStandby).toBe(true);
  const unseen = report.findings.filter(({ rule }) => rule === "doctor/cannot-look");
  expect(unseen).toMatchObject([{ severity: "info", object: "dead rows" }]);
  const standbyFindings = report.findings.filter(({ rule }) => rule.startsWith("doctor/standby"));
  expect(standbyFindings).toMatchObject([{ rule: "doctor/standby", severity: "info" }]);
  expect(standbyFindings[0]?.message).toContain(
    `this server is a standby of 127.0.0.1:${primary.port}:`,
  );
  expect(await findAt(primary, "doctor/replication-")).toEqual([]);

  // Held back, it falls behind, and both ends say so.
  await reader`select pg_wal_replay_pause()`;
  await writer.unsafe("create table t as select generate_series(1, 20000) as a");
  const limits = { replicationLagBytes: 100_000 };
  const [behind] = await whenFound(primary, "doctor/replication-", 1, limits);
  expect(behind).toMatchObject({ rule: "doctor/replication-behind", object: "second" });
  expect(behind?.message).toMatch(
    /^standby `second` at 127\.0\.0\.1 \(streaming\) is [\d.]+ (kB|MB)( \(\d+ s\))? behind:/,
  );
  expect(await findAt(primary, "doctor/replication-")).toEqual([]);
  const paused = await whenFound(standby, "doctor/standby-", 2, limits);
  expect(paused.map(({ rule }) => rule)).toEqual([
    "doctor/standby-paused",
    "doctor/standby-behind",
  ]);
  await follow(reader, paused[0]);
  await whenFound(standby, "doctor/standby-", 0, limits);

  // Commits would wait for a standby that nobody is.
  await writer.unsafe("alter system set synchronous_standby_names = 'elsewhere'");
  await writer`select pg_reload_conf()`;
  const synchronous = await eventually(
    async () =>
      (await findAt(primary, "doctor/replication-")).find(({ object }) => object?.includes("sync")),
    "the reload",
  );
  expect(synchronous).toMatchObject({ rule: "doctor/replication-synchronous", severity: "error" });
  await follow(writer, synchronous);
  await whenFound(primary, "doctor/replication-", 0);

  await writer.end();
  await primary.stop();
  await eventually(
    async () => (await findAt(standby, "doctor/standby-not-streaming")).length,
    "the stream to end",
  );
  await reader.end();
});

test("a slot that needs more WAL than may be kept, until it is lost", async () => {
  await using server = await startCluster({
    settings: { max_slot_wal_keep_size: "16MB" },
  });
  const sql = clientOf(server);
  await sql`select pg_create_physical_replication_slot('away', true)`;
  const [inactive] = await findAt(server, "doctor/slot-");
  expect(inactive?.rule).toBe("doctor/slot-inactive");
  expect(inactive?.message).not.toContain("until the disk is full");
  await sql.unsafe("create table t (a text)");
  const fill = async () => {
    for (let i = 0; i < 4; i += 1) {
      await sql.unsafe("insert into t values ('x')");
      await sql`select pg_switch_wal()`;
    }
  };
  await fill();
  const [lagging] = await findAt(server, "doctor/slot-");
  expect(lagging).toMatchObject({ rule: "doctor/slot-lagging", severity: "error", object: "away" });
  await fill();
  await sql.unsafe("checkpoint");
  const lost = await eventually(
    async () => (await findAt(server, "doctor/slot-lost"))[0],
    "the slot to be lost",
  );
  expect(lost).toMatchObject({ severity: "error", object: "away" });
  await follow(sql, lost);
  expect(await findAt(server, "doctor/slot-")).toEqual([]);
  await sql.end();
});
