import { expect, test } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import type { CheckContext } from "../../../src/doctor/check.ts";
import { pooler } from "../../../src/doctor/checks/pooler.ts";
import { settings } from "../../../src/doctor/checks/settings.ts";
import type { Engine } from "../../../src/doctor/engine.ts";
import { changeSetting, type Setting } from "../../../src/doctor/settings.ts";

// These checks judge what was read before and send nothing.
const session = undefined as unknown as Session;

const fsync: Setting = {
  name: "fsync",
  value: "off",
  source: "configuration file",
  context: "sighup",
  needsRestart: false,
};

function contextOf(engine: Engine, isPooled = false): CheckContext {
  return {
    server: { database: "My Shop", isPooled },
    facts: { engine, role: { sessionRole: "Ann" } },
    settings: new Map([[fsync.name, fsync]]),
  } as unknown as CheckContext;
}

const real: Engine = { name: "PostgreSQL", kind: "postgres" };
const service: Engine = { name: "Amazon RDS for PostgreSQL", kind: "service" };

test("an engine with a storage of its own is not judged by fsync", async () => {
  expect(await settings.look(session, contextOf(real))).toMatchObject([{ object: "fsync" }]);
  const aurora: Engine = { name: "Amazon Aurora", kind: "own-storage" };
  expect(await settings.look(session, contextOf(aurora))).toEqual([]);
});

test.each<[source: string, engine: Engine, expected: string]>([
  ["configuration file", real, "`ALTER SYSTEM SET fsync = on;` then `SELECT pg_reload_conf();`"],
  ["default", real, "`ALTER SYSTEM SET fsync = on;` then `SELECT pg_reload_conf();`"],
  ["default", service, "set `fsync = on` in the parameters of Amazon RDS for PostgreSQL"],
  ["database", real, '`ALTER DATABASE "My Shop" RESET fsync;` takes it back for new sessions'],
  ["database", service, '`ALTER DATABASE "My Shop" RESET fsync;` takes it back for new sessions'],
  ["user", real, '`ALTER ROLE "Ann" RESET fsync;` takes it back for new sessions'],
  ["global", real, "`ALTER ROLE ALL RESET fsync;` takes it back for new sessions"],
  ["command line", real, "it is given where the server is started (command line); change it there"],
])("from the %s on %o", (source, engine, expected) => {
  expect(changeSetting(contextOf(engine), { ...fsync, source }, "on")).toBe(expected);
});

test("a setting of the start needs a restart", () => {
  const setting = { ...fsync, name: "max_connections", context: "postmaster" };
  expect(changeSetting(contextOf(real), setting, "200")).toBe(
    "`ALTER SYSTEM SET max_connections = 200;` and restart the server",
  );
});

test("a transaction pooler is a note with the way around it", async () => {
  expect(await pooler.look(session, contextOf(real))).toEqual([]);
  expect(await pooler.look(session, contextOf(real, true))).toMatchObject([
    { rule: "doctor/pooler", severity: "info", hint: expect.stringContaining("--direct-url") },
  ]);
});
