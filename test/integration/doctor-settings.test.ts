/** Settings that hurt, wherever they come from, and what they leave in the log. */
import { expect, test } from "vitest";
import type { Severity } from "../../src/findings.ts";
import { withDatabase } from "../support/database.ts";
import { examine, find, follow, withRole } from "../support/doctor.ts";

test.each<[setting: string, value: string, severity: Severity, says: string]>([
  ["session_replication_role", "replica", "error", "is replica for this database: triggers"],
  ["ignore_checksum_failure", "on", "error", "is on for this database: damaged pages"],
  ["zero_damaged_pages", "on", "error", "is on for this database: damaged pages"],
  ["track_counts", "off", "error", "is off for this database: autovacuum does not see"],
  ["track_activities", "off", "warning", "is off for this database: pg_stat_activity"],
  ["default_transaction_read_only", "on", "warning", "is on for this database: whatever writes"],
  ["standard_conforming_strings", "off", "warning", "is off for this database: a backslash"],
  ["password_encryption", "md5", "warning", "is md5 for this database: new passwords"],
])("%s = %s for the database; the hint takes it back", async (setting, value, severity, says) => {
  await using database = await withDatabase();
  const rule = `doctor/setting-${setting.replaceAll("_", "-")}`;
  expect(await find(database, rule)).toEqual([]);
  // One connection from before, which what is set now does not reach.
  const { sql } = database;
  await sql.unsafe(`alter database "${database.name}" set ${setting} = '${value}'`);
  const [finding] = await find(database, rule);
  expect(finding).toMatchObject({ severity, object: setting });
  expect(finding?.message).toContain(`${setting} ${says}`);
  await follow(sql, finding);
  expect(await find(database, rule)).toEqual([]);
});

test("synchronous_commit = off is a note, and taken back it is as the server has it", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  const rule = "doctor/setting-synchronous-commit";
  await sql.unsafe(`alter database "${database.name}" set synchronous_commit = on`);
  expect(await find(database, rule)).toEqual([]);
  await sql.unsafe(`alter database "${database.name}" set synchronous_commit = off`);
  expect(await find(database, rule)).toMatchObject([
    {
      severity: "info",
      hint: `\`ALTER DATABASE "${database.name}" RESET synchronous_commit;\` takes it back for new sessions`,
    },
  ]);
});

test("timeouts, in the units people use", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  const [server] = await sql<{ number: number }[]>`
    select current_setting('server_version_num')::int as number`;
  const names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
  const timeouts = async () => {
    const findings = await find(database, "doctor/setting-");
    return findings
      .filter(({ object }) => object?.endsWith("_timeout"))
      .map(({ object, severity, message }) => [object, severity, message.split(":")[0]]);
  };
  await sql.unsafe(
    `alter database "${database.name}" set idle_in_transaction_session_timeout = '10min'`,
  );
  expect(await timeouts()).toEqual([]);
  await sql.unsafe(`alter database "${database.name}" set statement_timeout = '90s';
    alter database "${database.name}" set lock_timeout = '500ms';
    alter database "${database.name}" set idle_in_transaction_session_timeout = 0`);
  expect(await timeouts()).toEqual([
    [names[0], "info", "statement_timeout is 1 min 30 s for this database"],
    [names[1], "info", "lock_timeout is 500 ms for this database"],
    [names[2], "info", "idle_in_transaction_session_timeout is 0 for this database"],
  ]);
  if ((server?.number ?? 0) < 170_000) return;
  await sql.unsafe(`alter database "${database.name}" set transaction_timeout = '2h'`);
  expect(await timeouts()).toContainEqual([
    "transaction_timeout",
    "warning",
    "transaction_timeout is 2 h for this database",
  ]);
});

test("the hint for a forgotten transaction's timeout works", async () => {
  await using database = await withDatabase();
  const rule = "doctor/setting-idle-in-transaction-session-timeout";
  const [finding] = await find(database, rule);
  await follow(database.sql, finding);
  expect(await find(database, rule)).toEqual([]);
});

test("a setting is taken back where it comes from: role, role in database, connection", async () => {
  await using role = await withRole();
  await using database = await withDatabase();
  const { sql } = database;
  const look = () => find(database, "doctor/setting-default-transaction-read-only", { role });
  await sql.unsafe(`alter role ${role.name} set default_transaction_read_only = on`);
  const [byRole] = await look();
  expect(byRole?.message).toContain("is on for this role:");
  expect(byRole?.hint).toContain(`ALTER ROLE ${role.name} RESET default_transaction_read_only;`);
  await sql.unsafe(
    `alter role ${role.name} in database "${database.name}" set default_transaction_read_only = on`,
  );
  const [byBoth] = await look();
  expect(byBoth?.message).toContain("is on for this role in this database:");
  await follow(sql, byBoth);
  await follow(sql, byRole);
  expect(await look()).toEqual([]);

  // A plus sign in a connection string is a plus sign, so not URLSearchParams.
  const url = `${database.url}?options=-c%20default_transaction_read_only%3Don`;
  const { findings } = await examine(url);
  expect(findings.find(({ object }) => object === "default_transaction_read_only")).toMatchObject({
    message: expect.stringContaining("is on by this connection's own options:"),
    hint: expect.stringContaining("PGOPTIONS"),
  });
});

test("parameters of statements in the log", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  const name = `"${database.name}"`;
  const rule = "doctor/log-parameters";
  await sql.unsafe(`alter database ${name} set log_statement = none;
    alter database ${name} set log_min_duration_statement = -1;
    alter database ${name} set log_parameter_max_length = -1`);
  expect(await find(database, rule)).toEqual([]);

  await sql.unsafe(`alter database ${name} set log_min_duration_statement = '250ms'`);
  const [full] = await find(database, rule);
  expect(full).toMatchObject({ severity: "warning", object: "log_parameter_max_length" });
  expect(full?.message).toContain(
    "gets the parameters of statements in full (log_min_duration_statement = 250 ms)",
  );
  await sql.unsafe(`alter database ${name} set log_statement = 'mod';
    alter database ${name} set log_parameter_max_length = 100`);
  const [part] = await find(database, rule);
  expect(part?.message).toContain(
    "up to 100 bytes (log_statement = mod, log_min_duration_statement = 250 ms)",
  );
  await sql.unsafe(`alter database ${name} set log_parameter_max_length = 0`);
  expect(await find(database, rule)).toEqual([]);

  expect(await find(database, "doctor/log-parameters-on-error")).toEqual([]);
  await sql.unsafe(`alter database ${name} set log_parameter_max_length_on_error = 64`);
  const [onError] = await find(database, "doctor/log-parameters-on-error");
  expect(onError?.message).toContain("of statements that fail, up to 64 bytes");
  await follow(sql, onError);
  expect(await find(database, "doctor/log-parameters-on-error")).toEqual([]);
});
