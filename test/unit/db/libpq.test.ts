import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  describeConnection,
  resolveConnection,
  type ConnectionOptions,
} from "../../../src/db/libpq.ts";
import { keywords } from "../../../src/db/libpq/keywords.ts";
import { withFolder } from "../../support/folder.ts";

type Variables = Readonly<Record<string, string>>;

const resolve = (url: string | undefined, environment: Variables = {}, home = "/nonexistent") =>
  resolveConnection({ url, environment, homeDirectory: home, userName: "me" });

const refusal = (message: string, hint?: string) =>
  expect.objectContaining({
    code: "connection-invalid",
    exit: 2,
    message: expect.stringContaining(message),
    ...(hint === undefined
      ? {}
      : { details: expect.objectContaining({ hint: expect.stringContaining(hint) }) }),
  });

const passwordOf = (options: ConnectionOptions, index = 0, database = options.database) =>
  options.password(options.hosts[index] ?? { host: "", port: 0 }, database)?.text;

describe("where a value comes from", () => {
  it("takes the connection string before the service, the service before the variable", async () => {
    await using home = await withFolder({
      ".pg_service.conf": "[one]\nhost=service\nport=2\nuser=service\n",
    });
    const variables = { PGHOST: "v", PGPORT: "3", PGUSER: "v", PGDATABASE: "v" };
    const options = resolve("service=one host=text", variables, home.path);
    expect(options.hosts).toEqual([{ host: "text", port: 2 }]);
    expect(options.user).toBe("service");
    expect(options.database).toBe("v");
  });

  it("finds the service by PGSERVICE and the file by PGSERVICEFILE", async () => {
    await using folder = await withFolder({ "my.conf": "[s]\ndbname=db\nhost=h\nrequiressl=1" });
    const file = join(folder.path, "my.conf");
    expect(() => resolve(undefined, { PGSERVICE: "s", PGSERVICEFILE: file })).toThrow(
      refusal("`requiressl` is not a connection parameter"),
    );
    await using other = await withFolder({ "my.conf": "[s]\ndbname=db\nhost=h\n" });
    const again = { PGSERVICE: "s", PGSERVICEFILE: join(other.path, "my.conf") };
    expect(resolve(undefined, again).database).toBe("db");
    expect(resolve("postgres://?service=s", again).database).toBe("db");
  });

  it("falls back to the user of the operating system, and from the role to the database", () => {
    expect(resolve("postgres://h")).toMatchObject({ user: "me", database: "me" });
    expect(resolve("postgres://app@h")).toMatchObject({ user: "app", database: "app" });
    expect(resolve("postgres://app@h", { PGDATABASE: "" })).toMatchObject({ database: "app" });
  });

  it.each<[Variables, Partial<ConnectionOptions>]>([
    [{ PGOPTIONS: "-c a=b" }, { options: "-c a=b" }],
    [{ PGAPPNAME: "ci" }, { applicationName: "ci" }],
    [{ PGCONNECT_TIMEOUT: "7" }, { connectTimeout: 7 }],
    [{ PGCONNECT_TIMEOUT: "0" }, { connectTimeout: undefined }],
    [{ PGCONNECT_TIMEOUT: "-1" }, { connectTimeout: undefined }],
    [{ PGTARGETSESSIONATTRS: "any" }, { targetSession: "any" }],
    [{ PGTARGETSESSIONATTRS: "prefer-standby" }, { targetSession: "prefer-standby" }],
    [{ PGLOADBALANCEHOSTS: "random" }, { balancesHosts: true }],
    [{ PGCHANNELBINDING: "require" }, { channelBinding: "require" }],
    [{ PGREQUIREAUTH: "scram-sha-256,md5" }, { allowedMethods: new Set(["scram-sha-256", "md5"]) }],
    [
      { PGTZ: "UTC", PGDATESTYLE: "ISO" },
      { startupSettings: { timezone: "UTC", datestyle: "ISO" } },
    ],
    [{ PGTZ: "default", PGGEQO: "off" }, { startupSettings: { geqo: "off" } }],
    [{ PGCLIENTENCODING: "Utf-8" }, {}],
    [{ PGCLIENTENCODING: "auto" }, {}],
    [{ PGGSSENCMODE: "prefer", PGKRBSRVNAME: "x" }, {}],
  ])("%j", (variables, expected) => {
    expect(resolve("postgres://h", variables)).toMatchObject(expected);
  });

  it("reads the forbidding form of require_auth", () => {
    const { allowedMethods } = resolve("host=h require_auth=!password,!none");
    expect([...(allowedMethods ?? [])]).toEqual(["md5", "scram-sha-256", "gss", "sspi", "oauth"]);
  });

  it("reads keepalives", () => {
    expect(resolve("host=h").keepaliveIdle).toBe(0);
    expect(resolve("host=h keepalives_idle=30 keepalives_count=3").keepaliveIdle).toBe(30);
    expect(resolve("host=h keepalives=0 keepalives_idle=30").keepaliveIdle).toBeUndefined();
  });
});

describe("hosts", () => {
  it.each<[string, Variables, object[]]>([
    ["postgres://h", {}, [{ host: "h", port: 5432 }]],
    ["postgres://h", { PGPORT: "7" }, [{ host: "h", port: 7 }]],
    [
      "postgres://a,b:2",
      {},
      [
        { host: "a", port: 5432 },
        { host: "b", port: 2 },
      ],
    ],
    [
      "host=a,b port=9",
      {},
      [
        { host: "a", port: 9 },
        { host: "b", port: 9 },
      ],
    ],
    [
      "host=a,b port=1,",
      {},
      [
        { host: "a", port: 1 },
        { host: "b", port: 5432 },
      ],
    ],
    ["host=/tmp/x", {}, [{ host: "/tmp/x", port: 5432 }]],
    ["postgres://%2Ftmp%2Fx:1/d", {}, [{ host: "/tmp/x", port: 1 }]],
    ["postgres:///d?host=/tmp/x", { PGHOST: "h" }, [{ host: "/tmp/x", port: 5432 }]],
    ["host=h hostaddr=10.0.0.1", {}, [{ host: "h", hostaddr: "10.0.0.1", port: 5432 }]],
    ["hostaddr=10.0.0.1", {}, [{ host: "", hostaddr: "10.0.0.1", port: 5432 }]],
    ["port=1", { PGHOST: "h" }, [{ host: "h", port: 1 }]],
    ["port=1", {}, [{ host: "localhost", port: 1 }]],
  ])("%s %j", (text, variables, hosts) => {
    expect(resolve(text, variables).hosts).toEqual(hosts);
  });

  it.each([
    ["host=a,b port=1,2,3", "`port` (from the connection string) lists 3 ports for 2 hosts"],
    ["host=a,b hostaddr=10.0.0.1", "has 1 address, but `host` names 2 hosts"],
    ["host=a port=0", "is not a number from 1 to 65535"],
    ["host=a port=65536", "is not a number from 1 to 65535"],
    ["host=a port=54x", "is not a number from 1 to 65535"],
  ])("refuses %s", (text, message) => {
    expect(() => resolve(text)).toThrow(refusal(message));
  });

  it("names the variable a wrong value comes from, but no port that may be a password", () => {
    expect(() => resolve("host=a", { PGPORT: "x" })).toThrow(refusal("`port` (from PGPORT)"));
    const hidden = expect.objectContaining({ message: expect.not.stringContaining("hunter") });
    expect(() => resolve("postgres://u:hunter/2")).toThrow(hidden);
  });
});

describe("what is refused", () => {
  it.each<[string, Variables, string, string?]>([
    ["postgres://h?schema=public", {}, "unknown parameter `schema`", "options=-c%20search_path"],
    ["postgres://h?connection_limit=1", {}, "unknown parameter `connection_limit`", "Prisma"],
    ["postgres://h?sslMode=require", {}, "unknown parameter `sslMode`", "`sslmode`"],
    ["postgres://h?targetSessionAttrs=any", {}, "`targetSessionAttrs`", "`target_session_attrs`"],
    [
      "postgres://h?statement_timeout=5",
      {},
      "`statement_timeout`",
      "options=-c%20statement_timeout",
    ],
    ["postgres://h?foo=bar", {}, "the connection string has the unknown parameter `foo`"],
    ["postgres://h?sslmode=no-verify", {}, "`sslmode` (from the connection string) is `no-verify`"],
    ["host=h", { PGSSLMODE: "" }, "`sslmode` (from PGSSLMODE) is ``"],
    ["host=h", { PGTARGETSESSIONATTRS: "master" }, "(from PGTARGETSESSIONATTRS) is `master`"],
    ["host=h connect_timeout=5s", {}, "is `5s`, not a whole number"],
    ["host=h gssencmode=require", {}, "`gssencmode` (from the connection string)", "`disable`"],
    ["host=h", { PGREQUIREPEER: "postgres" }, "`requirepeer` (from PGREQUIREPEER)"],
    ["host=h replication=database", {}, "`replication`"],
    ["host=h", { PGCLIENTENCODING: "LATIN1" }, "client_encoding `LATIN1` (from PGCLIENTENCODING)"],
    ["host=h sslcertmode=require", {}, "`sslcertmode`"],
    ["host=h ssl_min_protocol_version=TLSv2", {}, "is `TLSv2`, not one of TLSv1, "],
    ["host=h require_auth=md5,!none", {}, "mixes methods with and without `!`"],
    ["host=h require_auth=basic", {}, "has `basic`"],
    ["host=h sslmode=require sslrootcert=system", {}, "too weak for sslrootcert=system"],
    ["host=h sslnegotiation=direct", {}, "too weak for sslnegotiation=direct"],
    ["hostaddr=10.0.0.1 sslmode=verify-full", {}, "stands without `host`"],
  ])("%s %j", (text, variables, message, hint) => {
    expect(() => resolve(text, variables)).toThrow(refusal(message, hint));
  });

  it("never shows a secret it refuses", () => {
    const hidden = expect.objectContaining({ message: expect.not.stringContaining("hunter2") });
    expect(() => resolve("host=h scram_client_key=hunter2")).toThrow(hidden);
  });
});

describe("TLS settings", () => {
  it("prefers TLS by default, and takes PGREQUIRESSL only where PGSSLMODE is silent", () => {
    expect(resolve("host=h").tls.mode).toBe("prefer");
    expect(resolve("host=h", { PGREQUIRESSL: "1" }).tls.mode).toBe("require");
    expect(resolve("host=h", { PGREQUIRESSL: "0" }).tls.mode).toBe("prefer");
    expect(resolve("host=h", { PGREQUIRESSL: "1", PGSSLMODE: "disable" }).tls.mode).toBe("disable");
  });

  it("takes the system's authorities for verify-full only", () => {
    expect(resolve("host=h sslrootcert=system").tls.mode).toBe("verify-full");
  });

  it("finds the default files in ~/.postgresql, and leaves out what is not there", async () => {
    await using home = await withFolder({ ".postgresql/root.crt": "", ".postgresql/root.crl": "" });
    const { tls } = resolve("host=h", {}, home.path);
    expect(tls.rootCertificate).toBe(join(home.path, ".postgresql", "root.crt"));
    expect(tls.revocationFile).toBe(join(home.path, ".postgresql", "root.crl"));
    expect(tls.certificate).toBeUndefined();
    expect(tls.key).toBeUndefined();
  });

  it("sends no certificate with sslcertmode=disable", () => {
    const { tls } = resolve("host=h sslcert=/c sslkey=/k sslcertmode=disable");
    expect(tls).toMatchObject({ certificate: undefined, key: undefined });
  });
});

describe("passwords", () => {
  it("come from the connection string, then PGPASSWORD, then .pgpass", async () => {
    await using home = await withFolder({ ".pgpass": "*:*:*:*:from-file\n" });
    await chmod(join(home.path, ".pgpass"), 0o600);
    const environment = { PGPASSWORD: "from-variable" };
    expect(passwordOf(resolve("postgres://u:from-url@h", environment, home.path))).toBe("from-url");
    expect(passwordOf(resolve("postgres://u@h", environment, home.path))).toBe("from-variable");
    expect(passwordOf(resolve("postgres://u@h", { PGPASSWORD: "" }, home.path))).toBe("from-file");
    expect(passwordOf(resolve("postgres://u@h"))).toBeUndefined();
  });

  it("may differ by host and database", async () => {
    await using folder = await withFolder({
      p: "a:5432:*:u:for-a\nb:6:other:u:for-other\nb:6:*:u:for-b\nlocalhost:5432:*:u:local\n",
    });
    const PGPASSFILE = join(folder.path, "p");
    await chmod(PGPASSFILE, 0o600);
    const options = resolve("postgres://u@a,b:6,%2Ftmp,c/d", { PGPASSFILE });
    expect([0, 1, 2, 3].map((index) => passwordOf(options, index))).toEqual([
      "for-a",
      "for-b",
      "local",
      undefined,
    ]);
    expect(passwordOf(options, 1, "other")).toBe("for-other");
    expect(options.password(options.hosts[0]!, "d")?.origin).toBe(
      `the password file ${PGPASSFILE}`,
    );
  });

  it("are not taken from a file that others can read, and a warning says so", async () => {
    await using home = await withFolder({ ".pgpass": "*:*:*:*:secret\n" });
    await chmod(join(home.path, ".pgpass"), 0o640);
    const options = resolve("postgres://u@h", {}, home.path);
    expect(passwordOf(options)).toBeUndefined();
    expect(options.warnings).toEqual([
      `the password file ${home.path}/.pgpass is not used because others can read it; run: chmod 0600 ${home.path}/.pgpass`,
    ]);
    expect(resolve("postgres://u:p@h", {}, home.path).warnings).toEqual([]);
  });

  it("do not show when the options are printed", () => {
    const options = resolve("postgres://u:hunter2@h?sslpassword=hunter2");
    expect(JSON.stringify(options)).not.toContain("hunter2");
    expect(describeConnection(options)).not.toContain("hunter2");
  });
});

describe("describeConnection", () => {
  it.each([
    ["postgres://app@db.example/shop", "shop on db.example:5432 as app"],
    ["postgres://app@[::1]:1/shop", "shop on [::1]:1 as app"],
    ["postgres://app@a,b:2/shop", "shop on a:5432, b:2 as app"],
    ["postgres://app@%2Ftmp/shop", "shop on /tmp/.s.PGSQL.5432 as app"],
    ["user=app hostaddr=10.0.0.1 dbname=shop", "shop on 10.0.0.1:5432 as app"],
  ])("%s", (text, expected) => {
    expect(describeConnection(resolve(text))).toBe(expected);
  });
});

it("knows every keyword of libpq 18", () => {
  // From PQconndefaults() of libpq 18.4, and `servicefile`, which is newer.
  const all =
    "service servicefile user password passfile channel_binding connect_timeout dbname host " +
    "hostaddr port client_encoding options application_name fallback_application_name keepalives " +
    "keepalives_idle keepalives_interval keepalives_count tcp_user_timeout sslmode sslnegotiation " +
    "sslcompression sslcert sslkey sslcertmode sslpassword sslrootcert sslcrl sslcrldir sslsni " +
    "requirepeer require_auth min_protocol_version max_protocol_version ssl_min_protocol_version " +
    "ssl_max_protocol_version gssencmode krbsrvname gsslib gssdelegation replication " +
    "target_session_attrs load_balance_hosts scram_client_key scram_server_key oauth_issuer " +
    "oauth_client_id oauth_client_secret oauth_scope sslkeylogfile";
  expect([...keywords.keys()].toSorted()).toEqual(all.split(" ").toSorted());
});
