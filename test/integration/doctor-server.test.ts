/** What takes a server of its own: settings that need a restart, TLS, a damaged disk. */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { clientOf, examine, findAt, follow, statementsOf, whenFound } from "../support/doctor.ts";
import { eventually } from "../support/eventually.ts";
import { createAuthority, withTls } from "../support/tls.ts";

test("a server that is set up to lose data", async () => {
  await using server = await startCluster({ settings: { autovacuum: "off" } });
  const sql = clientOf(server);
  const dangers = async () => {
    const findings = await findAt(server, "doctor/setting-");
    return findings.filter(({ severity }) => severity === "error");
  };
  const findings = await dangers();
  expect(findings.map(({ object }) => object)).toEqual(["fsync", "full_page_writes", "autovacuum"]);
  expect(findings[0]?.hint).toBe("`ALTER SYSTEM SET fsync = on;` then `SELECT pg_reload_conf();`");
  for (const finding of findings) await follow(sql, finding);
  await eventually(async () => (await dangers()).length === 0, "the settings to be reloaded");
  await sql.end();
});

test("libraries are preloaded beside those that are there, and the server starts again", async () => {
  await using server = await startCluster({
    settings: {
      shared_preload_libraries: "auto_explain, pg_prewarm",
      "auto_explain.log_min_duration": "5s",
    },
  });
  let sql = clientOf(server);
  const rule = "doctor/query-statistics";
  const [preload, create] = await findAt(server, rule);
  expect(preload).toMatchObject({
    severity: "info",
    message: "pg_stat_statements is not preloaded: nothing records which queries are slow",
    hint: "`ALTER SYSTEM SET shared_preload_libraries = 'auto_explain', 'pg_prewarm', 'pg_stat_statements';` and restart the server",
  });
  await follow(sql, create);
  const [unloaded] = await findAt(server, rule);
  expect(unloaded).toMatchObject({ severity: "warning" });
  expect(unloaded?.message).toContain(", and its views fail");
  await expect(sql.unsafe("select * from pg_stat_statements")).rejects.toThrow(
    /must be loaded via/,
  );
  expect(await findAt(server, "doctor/setting-restart")).toEqual([]);
  await follow(sql, unloaded);
  await sql`select pg_reload_conf()`;
  const waiting = await eventually(
    async () => (await findAt(server, "doctor/setting-restart"))[0],
    "the reload",
  );
  expect(waiting.message).toBe(
    "changed in the configuration and waiting for a restart: shared_preload_libraries",
  );
  await sql.end();
  await server.stop();
  await server.start();
  sql = clientOf(server);
  expect(await findAt(server, rule)).toEqual([]);
  expect(await findAt(server, "doctor/setting-restart")).toEqual([]);
  await sql.unsafe("select * from pg_stat_statements");

  // It may be loaded and told to record nothing.
  await sql.unsafe("alter system set pg_stat_statements.track = none");
  await sql.unsafe("alter system set compute_query_id = off");
  await sql`select pg_reload_conf()`;
  const silent = await whenFound(server, rule, 2);
  for (const finding of silent) await follow(sql, finding);
  await whenFound(server, rule, 0);

  // auto_explain has a setting of its own for parameters since 16.
  const [plans] = await findAt(server, "doctor/log-parameters");
  const [version] = await sql<{ number: number }[]>`
    select current_setting('server_version_num')::int as number`;
  const knows = (version?.number ?? 0) >= 160_000;
  expect(plans?.object).toBe(knows ? "auto_explain.log_parameter_max_length" : undefined);
  if (plans) await follow(sql, plans);
  await whenFound(server, "doctor/log-parameters", 0);
  await sql.end();
});

test("WAL that cannot be archived", async () => {
  await using server = await startCluster({
    settings: { archive_mode: "on", archive_command: "false" },
  });
  const sql = clientOf(server);
  await sql.unsafe("create table t as select 1 as a");
  await sql`select pg_switch_wal()`;
  const [failing] = await whenFound(server, "doctor/archiving-", 1);
  expect(failing).toMatchObject({ rule: "doctor/archiving-failing", severity: "error" });
  expect(failing?.message).toMatch(/^archiving of WAL file 0{7}1\w+ failed \d+ s ago \(\d+ fail/);
  await sql.unsafe("alter system set archive_command = ''");
  await sql`select pg_reload_conf()`;
  await whenFound(server, "doctor/archiving-nowhere", 1);
  await sql.unsafe("alter system set archive_command = 'true'");
  await sql`select pg_reload_conf()`;
  await whenFound(server, "doctor/archiving-", 0);
  await sql.end();
});

test("an encrypted connection, and what is known of it", async () => {
  await using authority = await createAuthority();
  const certificate = await authority.issue({
    commonName: "localhost",
    alternativeNames: "DNS:localhost",
  });
  await using server = await startCluster(withTls(certificate, authority));
  const { facts, findings } = await examine(`${server.url}?sslmode=require`);
  expect(facts?.connection).toMatchObject({
    isEncrypted: true,
    isBackendEncrypted: true,
    tlsVersion: "TLSv1.3",
    clientAddress: "127.0.0.1",
  });
  expect(facts?.connection.tlsCipher).toMatch(/^TLS_/);
  expect(
    findings.filter(({ object, rule }) => /tls|encrypted/.test(rule) || object === "ssl"),
  ).toEqual([]);
  const plain = await examine(`${server.url}?sslmode=disable`);
  expect(plain.facts?.connection).toMatchObject({
    isEncrypted: false,
    isBackendEncrypted: false,
    tlsVersion: null,
  });
});

test("a page that the disk damaged", async () => {
  await using server = await startCluster();
  const sql = clientOf(server);
  await sql.unsafe("create table t as select generate_series(1, 1000) as a");
  await sql.unsafe("checkpoint");
  expect(await findAt(server, "doctor/checksum-failures")).toEqual([]);
  const [file] = await sql<{ path: string }[]>`select pg_relation_filepath('t') as path`;
  await sql.end();
  await server.stop();
  const handle = await open(join(server.dataDirectory, file?.path ?? ""), "r+");
  await handle.write(Buffer.alloc(100, 7), 0, 100, 8192 + 4000);
  await handle.close();
  await server.start();
  const reader = clientOf(server);
  await expect(reader.unsafe("select count(*) from t")).rejects.toThrow(/invalid page/);
  const finding = await eventually(
    async () => (await findAt(server, "doctor/checksum-failures"))[0],
    "the statistics",
  );
  expect(finding).toMatchObject({ severity: "error", object: "postgres" });
  expect(finding.message).toMatch(
    /^1 page of database postgres failed the checksum, last at 20\d\d-\d\d-\d\d \d\d:\d\d UTC:/,
  );
  expect(statementsOf(finding)).toEqual([]);
  await reader.end();
});
