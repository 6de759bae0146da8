/** Sessions on a real server: who gets in, what the session is, how it ends. */
import { connect as connectSocket } from "node:net";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { literal } from "../../src/db/identifier.ts";
import type { Session } from "../../src/db/session.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";
import { connectTo } from "../support/connection.ts";
import { serverUrl, urlOf } from "../support/database.ts";
import { listen } from "../support/fake-server.ts";

const hba = `
local all all                     trust
host  all postgres 127.0.0.1/32   trust
host  all outsider 127.0.0.1/32   reject
host  all clear    127.0.0.1/32   password
host  all hashed   127.0.0.1/32   md5
host  all app      127.0.0.1/32   scram-sha-256
host  all missing  127.0.0.1/32   trust
host  all nologin  127.0.0.1/32   trust
host  all limited  127.0.0.1/32   trust
`;

let cluster: Cluster;
let admin: Session;

beforeAll(async () => {
  cluster = await startCluster({ hba });
  admin = await connectTo(cluster.url, { writes: true });
  await admin.script(`
    CREATE ROLE outsider LOGIN; CREATE ROLE nologin; CREATE ROLE limited LOGIN CONNECTION LIMIT 0;
    CREATE ROLE app LOGIN PASSWORD 'right'; CREATE ROLE clear LOGIN PASSWORD 'right';
    SET password_encryption = md5; CREATE ROLE hashed LOGIN PASSWORD 'right'; RESET ALL;
  `);
}, 120_000);

afterAll(async () => {
  await admin[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const as = (role: string, password = "right") =>
  `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${cluster.port}/postgres`;

const failure = (code: string, text: string, hint?: string) =>
  expect.objectContaining({
    code,
    exit: 3,
    message: expect.stringContaining(text),
    ...(hint === undefined
      ? {}
      : { details: expect.objectContaining({ hint: expect.stringContaining(hint) }) }),
  });

describe("a session", () => {
  it("knows its server", async () => {
    await using session = await connectTo(cluster.url);
    expect(session.server).toEqual({
      versionNumber: expect.any(Number),
      version: cluster.binaries.version,
      database: "postgres",
      role: "postgres",
      host: "127.0.0.1",
      port: cluster.port,
      pid: (await session.one("SELECT pg_backend_pid() AS pid"))["pid"],
      isPooled: false,
      isStandby: false,
      isSuperuser: true,
      isEncrypted: false,
    });
  });

  it("knows that it is no superuser", async () => {
    await using session = await connectTo(as("app"));
    expect(session.server).toMatchObject({ role: "app", isSuperuser: false });
  });

  it("costs one statement beyond authentication", async () => {
    await using session = await connectTo(cluster.url, { applicationName: "count me" });
    const sql = "SELECT query FROM pg_stat_activity WHERE application_name = 'count me'";
    const [row] = await admin.query(sql);
    expect(row?.["query"]).toMatch(/^-- Which server, database and role/);
    expect(session.isDead).toBe(false);
  });

  it("takes its name from the program, or from the user", async () => {
    const name = "SELECT current_setting('application_name') AS name";
    await using plain = await connectTo(cluster.url, { applicationName: "pgwright migrate" });
    expect(await plain.one(name)).toEqual({ name: "pgwright migrate" });
    await using chosen = await connectTo(`${cluster.url}?application_name=my%20ci`);
    expect(await chosen.one(name)).toEqual({ name: "my ci" });
  });

  it("has the settings that options, PGTZ and PGDATESTYLE ask for, and no other", async () => {
    const sql =
      "SELECT current_setting('statement_timeout') || current_setting('TimeZone') || current_setting('DateStyle') AS all";
    const url = `${cluster.url}?options=-c%20statement_timeout%3D1234`;
    await using session = await connectTo(url, {}, { PGTZ: "Asia/Tokyo", PGDATESTYLE: "German" });
    expect(await session.one(sql)).toEqual({ all: "1234msAsia/TokyoGerman, DMY" });
  });

  it("ignores the variables that the driver would read", async () => {
    const variables = { PGHOST: "10.255.255.1", PGUSERNAME: "x", PGDATABASE: "x", PGPORT: "1" };
    const driver = {
      PGTARGETSESSIONATTRS: "standby",
      PGSSL: "require",
      PGMAX: "5",
      PGAPPNAME: "x",
    };
    Object.assign(process.env, variables, driver);
    try {
      await using session = await connectTo(cluster.url);
      const sql = "SELECT current_setting('application_name') AS name";
      expect(await session.one(sql)).toEqual({ name: "pgwright test" });
    } finally {
      for (const name of Object.keys({ ...variables, ...driver })) delete process.env[name];
    }
  });

  it("opens a database whose name has blanks and quotes, by URL and by setting", async () => {
    const name = `My "odd" d'b %/?#@:\\ é`;
    await admin.script(`CREATE DATABASE "${name.replaceAll('"', '""')}"`);
    const url = new URL(cluster.url);
    url.pathname = `/${encodeURIComponent(name)}`;
    await using byUrl = await connectTo(url.href);
    expect(byUrl.server.database).toBe(name);
    await using bySetting = await connectTo(cluster.url, { database: name });
    expect(bySetting.server.database).toBe(name);
  });

  it("goes through a Unix socket", async () => {
    const directory = encodeURIComponent(cluster.dataDirectory);
    await using session = await connectTo(`postgres://postgres@${directory}:${cluster.port}`);
    expect(session.server).toMatchObject({ host: cluster.dataDirectory, port: cluster.port });
    const byParameter = `postgres:///postgres?host=${directory}&port=${cluster.port}&user=postgres`;
    await using again = await connectTo(byParameter);
    expect(again.server.host).toBe(cluster.dataDirectory);
  });

  it("survives a hundred openings in a row", async () => {
    for (let round = 0; round < 100; round += 1) {
      await using session = await connectTo(cluster.url);
      expect(await session.one("SELECT $1::int + 1 AS n", [round])).toEqual({ n: round + 1 });
    }
  });
});

describe("a password", () => {
  it.each(["app", "clear", "hashed"])("opens role %s", async (role) => {
    await using session = await connectTo(as(role));
    expect(session.server.role).toBe(role);
  });

  // The last eight change, or must not, under SASLprep; the server has its own implementation.
  it.each([
    "p@ss:w/o?r#d&x=y z%20+",
    `'"\\$\`;--`,
    " blanks at both ends ",
    "пароль密码🔑",
    "x".repeat(400),
    "ª½ﬁ",
    "no\u00a0break\u3000space",
    "soft\u00adhyphen",
    "e\u0301 decomposed",
    "variation ❤\ufe0f and 🕵\ufe0f",
    "control\u0085character",
    "אבג",
    "אבג mixed ª",
  ])("may be %j", async (password) => {
    for (const role of ["app", "clear"]) {
      await admin.script(`ALTER ROLE ${role} PASSWORD ${literal(password)}`);
      try {
        await using session = await connectTo(as(role, password));
        expect(session.server.role).toBe(role);
      } finally {
        await admin.script(`ALTER ROLE ${role} PASSWORD 'right'`);
      }
    }
  });

  it("that is wrong is reported with where it came from", async () => {
    await expect(connectTo(as("app", "wrong"))).rejects.toThrow(
      failure(
        "authentication-failed",
        "the server refused the password of role `app` (from the connection string)",
      ),
    );
    const url = `postgres://app@127.0.0.1:${cluster.port}/postgres`;
    await expect(connectTo(url, {}, { PGPASSWORD: "wrong" })).rejects.toThrow("(from PGPASSWORD)");
  });

  it.each(["app", "clear", "hashed"])("that is missing is asked for: %s", async (role) => {
    await expect(
      connectTo(`postgres://${role}@127.0.0.1:${cluster.port}/postgres`),
    ).rejects.toThrow(
      failure("authentication-failed", `asks for the password of role \`${role}\``, "PGPASSWORD"),
    );
  });
});

describe("nobody gets in", () => {
  it.each<[string, string, string, string]>([
    ["without a role", "missing", 'role "missing" does not exist', "create the role `missing`"],
    ["without LOGIN", "nologin", "not permitted to log in", "with LOGIN"],
    ["against pg_hba.conf", "outsider", "pg_hba.conf rejects connection", "must let this role in"],
    ["without a line", "unknown", "no pg_hba.conf entry", "must let this role in"],
  ])("%s", async (_, role, text, hint) => {
    await expect(connectTo(as(role))).rejects.toThrow(failure("authentication-failed", text, hint));
  });

  it("without a database", async () => {
    await expect(connectTo(cluster.url, { database: "no such" })).rejects.toThrow(
      failure("database-missing", "the server has no database `no such`", "pgwright db create"),
    );
  });

  it("to write where transactions are read-only by default", async () => {
    await admin.script("CREATE DATABASE frozen");
    await admin.script("ALTER DATABASE frozen SET default_transaction_read_only = on");
    await expect(connectTo(cluster.url, { database: "frozen", writes: true })).rejects.toThrow(
      failure(
        "server-standby",
        "default_transaction_read_only is on, set for the database `frozen`, and this command writes",
        "ALTER DATABASE frozen RESET default_transaction_read_only",
      ),
    );
    const off = "?options=-c%20default_transaction_read_only%3Doff";
    {
      await using session = await connectTo(`${cluster.url}${off}`, {
        database: "frozen",
        writes: true,
      });
      // As the hint says it, which a read-only transaction would refuse.
      await session.script(
        "BEGIN READ WRITE; ALTER DATABASE frozen RESET default_transaction_read_only; COMMIT",
      );
    }
    await using session = await connectTo(cluster.url, { database: "frozen", writes: true });
    expect(session.server.database).toBe("frozen");
  });

  it("to write as a role that is read-only by default", async () => {
    await admin.script("ALTER ROLE clear SET default_transaction_read_only = on");
    await expect(connectTo(as("clear"), { writes: true })).rejects.toThrow(
      failure("server-standby", "set for the role `clear`", "ALTER ROLE clear RESET"),
    );
    await using reader = await connectTo(as("clear"));
    expect(reader.server.role).toBe("clear");
  });

  it("beyond the connection limit", async () => {
    await expect(connectTo(as("limited"))).rejects.toThrow(
      failure("connection-failed", 'too many connections for role "limited"', "CONNECTION LIMIT"),
    );
  });

  it("without CONNECT", async () => {
    await admin.script("CREATE DATABASE closed; ");
    await admin.script("REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
    await expect(connectTo(as("app"), { database: "closed" })).rejects.toThrow(
      failure("authentication-failed", 'permission denied for database "closed"', "GRANT CONNECT"),
    );
  });
});

describe("a session that breaks", () => {
  it("refuses every further statement after pg_terminate_backend", async () => {
    await using session = await connectTo(cluster.url, { writes: true });
    await session.script("BEGIN; CREATE TABLE half_done (id int)");
    await admin.query("SELECT pg_terminate_backend($1, 5000)", [session.server.pid]);
    await expect(session.query("CREATE TABLE autocommitted (id int)")).rejects.toThrow(
      expect.objectContaining({ code: "connection-lost", exit: 4 }),
    );
    expect(session.isDead).toBe(true);
    await expect(session.query("SELECT 1")).rejects.toThrow(
      expect.objectContaining({ code: "connection-lost" }),
    );
    const sql = "SELECT to_regclass('autocommitted') AS a, to_regclass('half_done') AS b";
    expect(await admin.one(sql)).toEqual({ a: null, b: null });
  });

  it("refuses after being terminated in the middle of a statement", async () => {
    await using session = await connectTo(cluster.url);
    const { pid } = session.server;
    const sleeping = session.query("SELECT pg_sleep(30)");
    setTimeout(() => void admin.query("SELECT pg_terminate_backend($1)", [pid]), 200);
    await expect(sleeping).rejects.toThrow(
      expect.objectContaining({
        code: "connection-lost",
        message: expect.stringContaining("terminating connection due to administrator command"),
      }),
    );
    await expect(session.query("SELECT 1")).rejects.toThrow("was lost");
  });
});

describe("an interrupt", () => {
  it("cancels the running statement and leaves the session to clean up", async () => {
    const controller = new AbortController();
    await using session = await connectTo(cluster.url, { signal: controller.signal });
    await session.script("BEGIN");
    setTimeout(() => controller.abort(), 200);
    await expect(session.query("SELECT pg_sleep(30)")).rejects.toThrow(
      expect.objectContaining({ code: "interrupted", exit: 130 }),
    );
    await expect(session.query("SELECT 1")).rejects.toThrow("interrupted");
    await session.settle("ROLLBACK");
    expect(session.isDead).toBe(false);
  });

  it("cancels a script as well", async () => {
    const controller = new AbortController();
    await using session = await connectTo(cluster.url, { signal: controller.signal });
    setTimeout(() => controller.abort(), 200);
    await expect(session.script("SELECT 1; SELECT pg_sleep(30)")).rejects.toThrow("interrupted");
  });

  it("works through a Unix socket", async () => {
    const controller = new AbortController();
    const url = `postgres:///postgres?host=${encodeURIComponent(cluster.dataDirectory)}&port=${cluster.port}&user=postgres`;
    await using session = await connectTo(url, { signal: controller.signal });
    setTimeout(() => controller.abort(), 200);
    await expect(session.query("SELECT pg_sleep(30)")).rejects.toThrow("interrupted");
  });

  it("goes to the host that was connected, not to the first of the list", async () => {
    const controller = new AbortController();
    await using other = await listen((socket) => socket.destroy());
    const hosts = `127.0.0.1:${other.port},127.0.0.1:${cluster.port}`;
    const url = `postgres://postgres@${hosts}/postgres?sslmode=disable`;
    await using session = await connectTo(url, { signal: controller.signal });
    setTimeout(() => controller.abort(), 200);
    await expect(session.query("SELECT pg_sleep(30)")).rejects.toThrow("interrupted");
    expect(other.connections()).toBe(1);
  });

  it("breaks the session off where the cancel request cannot be delivered", async () => {
    const controller = new AbortController();
    await using relay = await listen((socket) => {
      const server = connectSocket(cluster.port, "127.0.0.1");
      socket.pipe(server).pipe(socket);
      server.on("error", () => socket.destroy());
    });
    await using session = await connectTo(
      relay.url.replace("app:hunter2", "postgres").replace("shop", "postgres"),
      {
        signal: controller.signal,
      },
    );
    relay.stopListening();
    setTimeout(() => controller.abort(), 200);
    await expect(session.query("SELECT pg_sleep(3)")).rejects.toThrow(
      expect.objectContaining({ code: "interrupted" }),
    );
    expect(session.isDead).toBe(true);
  });

  it("before connecting opens nothing", async () => {
    await expect(connectTo(cluster.url, { signal: AbortSignal.abort() })).rejects.toThrow(
      expect.objectContaining({ code: "interrupted" }),
    );
  });
});

it("hands notices on, and only while somebody listens", async () => {
  await using session = await connectTo(cluster.url);
  const seen: string[] = [];
  const raise = (text: string) => session.script(`DO $$BEGIN RAISE WARNING '${text}'; END$$`);
  const stop = session.onNotice(({ severity, message }) => seen.push(`${severity} ${message}`));
  await raise("one");
  stop();
  await raise("two");
  expect(seen).toEqual(["WARNING one"]);
});

it("works on the server of the whole test run", async () => {
  const plain = postgres(serverUrl(), { max: 1 });
  const [row] = await plain`SELECT current_setting('server_version_num')::int AS version`;
  await plain.end();
  await using session = await connectTo(urlOf("postgres"), { writes: true });
  expect(session.server.versionNumber).toBe(row?.["version"]);
});
