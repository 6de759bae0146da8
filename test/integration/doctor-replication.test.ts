/** Standbys, their primary, and slots, on servers of their own. */
import { expect, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { clientOf, examine, findAt, follow, whenFound } from "../support/doctor.ts";
import { eventually } from "../support/eventually.ts";
import { follows } from "../support/standby.ts";

test("a standby and its primary", async () => {
  await using primary = await startCluster({ settings: { synchronous_commit: "on" } });
  await using standby = await startCluster();
  expect(await findAt(primary, "doctor/standby")).toEqual([]);
  await follows(standby, primary);
  const writer = clientOf(primary);
  const reader = clientOf(standby);

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
