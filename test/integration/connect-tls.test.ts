/** Every sslmode against a real server, with right and wrong certificates. */
import { chmod, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect } from "../../src/db/connect.ts";
import { resolveConnection } from "../../src/db/libpq.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";
import { withFolder } from "../support/folder.ts";
import {
  createAuthority,
  withTls,
  type Authority,
  type Certificate,
  type CertificateRequest,
} from "../support/tls.ts";

const hba = `
local   all all                        trust
hostssl all certain   127.0.0.1/32     cert
hostssl all bound     127.0.0.1/32     scram-sha-256
hostssl all secure    127.0.0.1/32     trust
hostnossl all plain   127.0.0.1/32     trust
hostnossl all plain_password 127.0.0.1/32 scram-sha-256
hostssl all plain_password 127.0.0.1/32 reject
host    all postgres  127.0.0.1/32     trust
`;

// PostgreSQL 17 and newer answer a TLS greeting that comes without a request first.
const isDirect = Number(process.env["PGWRIGHT_TEST_VERSION"] || 17) >= 17;

let authority: Authority;
let stranger: Authority;
let cluster: Cluster;
let server: Certificate;
let client: Certificate;

/** A second server, which changes its certificate. */
let chameleon: Cluster;

async function showing(request: CertificateRequest, by: Authority = authority): Promise<Cluster> {
  const { files } = withTls(await by.issue(request), authority);
  for (const [name, content] of Object.entries(files)) {
    // Written into, not replaced: the files must go on belonging to the server.
    await writeFile(join(chameleon.dataDirectory, name), content);
  }
  const sql = "SELECT pg_conf_load_time()::text AS loaded";
  const ask = async (also = "") => {
    await using session = await open("user=postgres sslmode=disable", chameleon);
    return await session.one<{ loaded: string }>(sql + also);
  };
  const { loaded } = await ask(", pg_reload_conf()");
  while ((await ask()).loaded === loaded) await sleep(10);
  return chameleon;
}

beforeAll(async () => {
  [authority, stranger] = await Promise.all([createAuthority(), createAuthority()]);
  server = await authority.issue({ commonName: "localhost", alternativeNames: "DNS:localhost" });
  client = await authority.issue({ commonName: "certain" });
  [cluster, chameleon] = await Promise.all([
    startCluster({ hba, ...withTls(server, authority) }),
    startCluster({ hba, ...withTls(server, authority) }),
  ]);
  for (const each of [cluster, chameleon]) {
    await using session = await open("user=postgres sslmode=disable", each);
    await session.script(`
      CREATE ROLE certain LOGIN; CREATE ROLE secure LOGIN; CREATE ROLE plain LOGIN;
      CREATE ROLE bound LOGIN PASSWORD 'b0und'; CREATE ROLE plain_password LOGIN PASSWORD 'p';
    `);
  }
}, 120_000);

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await chameleon[Symbol.asyncDispose]();
  await authority[Symbol.asyncDispose]();
  await stranger[Symbol.asyncDispose]();
});

/** Opens a session on the server, by key=value pairs beyond host, port and database. */
function open(parameters: string, to: Cluster = cluster, home = "/nonexistent") {
  const url = `host=localhost hostaddr=127.0.0.1 port=${to.port} dbname=postgres ${parameters}`;
  const options = resolveConnection({ url, environment: {}, homeDirectory: home, userName: "me" });
  return connect(options, { applicationName: "test", writes: false });
}

async function isEncrypted(parameters: string, to?: Cluster, home?: string): Promise<boolean> {
  await using session = await open(parameters, to, home);
  const [row] = await session.query<{ ssl: boolean }>(
    "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
  );
  expect(row?.ssl).toBe(session.server.isEncrypted);
  return session.server.isEncrypted;
}

const failure = (code: string, message: string) =>
  expect.objectContaining({ code, exit: 3, message: expect.stringContaining(message) });

const quote = (path: string) => `'${path.replace(/[\\']/g, "\\$&")}'`;
const rooted = (mode: string, of: Authority = authority) =>
  `user=postgres sslmode=${mode} sslrootcert=${quote(of.certificateFile)}`;

describe("encryption", () => {
  it.each([
    ["disable", false],
    ["allow", false],
    ["prefer", true],
    ["require", true],
  ])("sslmode=%s", async (mode, expected) => {
    expect(await isEncrypted(`user=postgres sslmode=${mode}`)).toBe(expected);
  });

  it("allow falls back to TLS where pg_hba.conf wants it", async () => {
    expect(await isEncrypted("user=secure sslmode=allow")).toBe(true);
  });

  it("prefer falls back to plain text where pg_hba.conf wants it", async () => {
    expect(await isEncrypted("user=plain sslmode=prefer")).toBe(false);
    expect(await isEncrypted("user=plain_password password=p sslmode=prefer")).toBe(false);
  });

  it("require does not", async () => {
    await expect(open("user=plain sslmode=require")).rejects.toThrow(
      failure("authentication-failed", 'no pg_hba.conf entry for host "127.0.0.1", user "plain"'),
    );
  });

  it("of two refusals reports the one with a reason", async () => {
    await expect(open("user=bound password=wrong sslmode=prefer")).rejects.toThrow(
      failure("authentication-failed", "refused the password of role `bound`"),
    );
  });

  it("prefer is content with a server that has no TLS, require is not", async () => {
    await using bare = await startCluster();
    expect(await isEncrypted("user=postgres sslmode=prefer", bare)).toBe(false);
    await expect(open("user=postgres sslmode=require", bare)).rejects.toThrow(
      failure("tls-failed", "the server does not offer TLS"),
    );
    await expect(open(rooted("verify-full"), bare)).rejects.toThrow(
      failure("tls-failed", "the server does not offer TLS"),
    );
  });

  it("is left out on a Unix socket, whatever sslmode says", async () => {
    const url = `host=${cluster.dataDirectory} port=${cluster.port} user=postgres sslmode=require`;
    const options = resolveConnection({
      url,
      environment: {},
      homeDirectory: "/nonexistent",
      userName: "me",
    });
    await using session = await connect(options, { applicationName: "test", writes: false });
    expect(session.server).toMatchObject({ isEncrypted: false, host: cluster.dataDirectory });
  });

  it.skipIf(!isDirect)("can begin without asking since PostgreSQL 17", async () => {
    expect(await isEncrypted("user=postgres sslmode=require sslnegotiation=direct")).toBe(true);
  });

  it.skipIf(isDirect)("cannot begin without asking before PostgreSQL 17", async () => {
    expect(await isEncrypted("user=postgres sslmode=require")).toBe(true);
    await expect(open("user=postgres sslmode=require sslnegotiation=direct")).rejects.toThrow(
      failure("connection-failed", "closed before the server answered"),
    );
  });

  it("keeps to the TLS versions asked for", async () => {
    await using session = await open(
      "user=postgres sslmode=require ssl_max_protocol_version=TLSv1.2",
    );
    const sql = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    expect(await session.one(sql)).toEqual({ version: "TLSv1.2" });
    const tooOld =
      "user=postgres sslmode=require ssl_min_protocol_version=TLSv1 ssl_max_protocol_version=TLSv1.1";
    await expect(open(tooOld)).rejects.toThrow(failure("tls-failed", ""));
  });
});

describe("the server's certificate", () => {
  it.each(["require", "verify-ca", "verify-full"])("is accepted by %s", async (mode) => {
    expect(await isEncrypted(rooted(mode))).toBe(true);
  });

  it.each(["require", "verify-ca", "verify-full"])(
    "is refused by %s when another authority has signed it",
    async (mode) => {
      await expect(open(rooted(mode, stranger))).rejects.toThrow(
        failure("tls-failed", `not trusted: none in ${stranger.certificateFile} has signed it`),
      );
    },
  );

  it("is not looked at by require without a root certificate", async () => {
    expect(await isEncrypted("user=postgres sslmode=require")).toBe(true);
  });

  it("is checked once ~/.postgresql/root.crt exists", async () => {
    await using home = await withFolder({ ".postgresql/root.crt": stranger.certificate });
    await expect(open("user=postgres sslmode=require", cluster, home.path)).rejects.toThrow(
      failure("tls-failed", "not trusted"),
    );
    // As libpq: prefer then goes on without encryption.
    expect(await isEncrypted("user=postgres sslmode=prefer", cluster, home.path)).toBe(false);
  });

  it("for another name is good for verify-ca, not for verify-full", async () => {
    const other = await showing({ commonName: "elsewhere", alternativeNames: "DNS:elsewhere" });
    expect(await isEncrypted(rooted("verify-ca"), other)).toBe(true);
    await expect(open(rooted("verify-full"), other)).rejects.toThrow(
      failure("tls-failed", "the server's certificate is for another name"),
    );
    expect(await isEncrypted(`${rooted("verify-full")} host=elsewhere`, other)).toBe(true);
  });

  it("may name the host as common name, and an address in three ways", async () => {
    const plain = await showing({ commonName: "localhost" });
    expect(await isEncrypted(rooted("verify-full"), plain)).toBe(true);
    const byAddress = `${rooted("verify-full")} host=127.0.0.1`;
    await expect(open(byAddress)).rejects.toThrow(failure("tls-failed", "another name"));
    for (const request of [
      { commonName: "x", alternativeNames: "IP:127.0.0.1" },
      { commonName: "x", alternativeNames: "DNS:127.0.0.1" },
      { commonName: "127.0.0.1" },
    ]) {
      expect(await isEncrypted(byAddress, await showing(request))).toBe(true);
    }
  });

  it.each([
    ["past", "has expired"],
    ["future", "is not valid yet"],
  ] as const)("is refused with its time in the %s", async (validity, message) => {
    const request = { commonName: "localhost", validity };
    const other = await showing(request);
    await expect(open(rooted("verify-ca"), other)).rejects.toThrow(failure("tls-failed", message));
    expect(await isEncrypted("user=postgres sslmode=require", other)).toBe(true);
  });

  it("is refused once it is on the revocation list", async () => {
    const list = await authority.revoke(server);
    try {
      await expect(open(`${rooted("verify-full")} sslcrl=${quote(list)}`)).rejects.toThrow(
        failure("tls-failed", "has been revoked"),
      );
      await using folder = await withFolder();
      await copyFile(list, join(folder.path, "a.crl"));
      const byFolder = `${rooted("verify-full")} sslcrldir=${quote(folder.path)}`;
      await expect(open(byFolder)).rejects.toThrow(failure("tls-failed", "has been revoked"));
    } finally {
      expect(await isEncrypted(rooted("verify-full"))).toBe(true);
    }
  });

  it("is not vouched for by the system's authorities", async () => {
    await expect(open("user=postgres sslrootcert=system")).rejects.toThrow(
      failure("tls-failed", "not trusted: none in the system's authorities has signed it"),
    );
  });

  it("is vouched for by the authorities that SSL_CERT_FILE names", async () => {
    const options = resolveConnection({
      url: `host=localhost hostaddr=127.0.0.1 port=${cluster.port} user=postgres sslrootcert=system`,
      environment: { SSL_CERT_FILE: authority.certificateFile },
      homeDirectory: "/nonexistent",
      userName: "me",
    });
    await using session = await connect(options, { applicationName: "test", writes: false });
    expect(session.server.isEncrypted).toBe(true);
  });
});

describe("the client's certificate", () => {
  const identity = (of: Certificate) =>
    `sslcert=${quote(of.certificateFile)} sslkey=${quote(of.keyFile)}`;

  it("opens a role that only a certificate opens", async () => {
    await using session = await open(`user=certain sslmode=require ${identity(client)}`);
    expect(session.server.role).toBe("certain");
  });

  it("is found in ~/.postgresql", async () => {
    await using home = await withFolder({ ".postgresql/postgresql.crt": client.certificate });
    const key = join(home.path, ".postgresql", "postgresql.key");
    await writeFile(key, client.key, { mode: 0o600 });
    await using session = await open("user=certain sslmode=require", cluster, home.path);
    expect(session.server.role).toBe("certain");
  });

  it("is asked for where there is none", async () => {
    await expect(open("user=certain sslmode=require")).rejects.toThrow(
      expect.objectContaining({
        code: "authentication-failed",
        message: expect.stringContaining("connection requires a valid client certificate"),
        details: expect.objectContaining({ hint: expect.stringContaining("sslcert and sslkey") }),
      }),
    );
  });

  it("is refused for another role, and from another authority", async () => {
    await using guest = await createAuthority();
    const foreign = await guest.issue({ commonName: "certain" });
    await expect(open(`user=certain sslmode=require ${identity(foreign)}`)).rejects.toThrow(
      failure("tls-failed", `does not accept the client certificate ${foreign.certificateFile}`),
    );
    const other = await authority.issue({ commonName: "other" });
    await expect(open(`user=certain sslmode=require ${identity(other)}`)).rejects.toThrow(
      failure("authentication-failed", 'certificate authentication failed for user "certain"'),
    );
  });

  it.each<[string, (folder: string) => Promise<string>, string]>([
    [
      "its key is readable for others",
      async (folder) => {
        const key = join(folder, "key");
        await writeFile(key, client.key);
        await chmod(key, 0o644);
        return `sslcert=${quote(client.certificateFile)} sslkey=${quote(key)}`;
      },
      "can be read by others",
    ],
    [
      "its key is missing",
      async () => `sslcert=${quote(client.certificateFile)}`,
      "but no private key",
    ],
    [
      "a file is missing",
      async (folder) => `sslcert=${quote(join(folder, "none"))} sslkey=${quote(client.keyFile)}`,
      "does not exist",
    ],
    [
      "its key belongs to another certificate",
      async () => `sslcert=${quote(client.certificateFile)} sslkey=${quote(server.keyFile)}`,
      "does not belong to the certificate",
    ],
  ])("is refused here when %s", async (_, parameters, message) => {
    await using folder = await withFolder();
    const text = `user=certain sslmode=require ${await parameters(folder.path)}`;
    await expect(open(text)).rejects.toThrow(failure("tls-failed", message));
  });

  it("verify-full without any root certificate is refused before connecting", async () => {
    await expect(open("user=postgres sslmode=verify-full")).rejects.toThrow(
      failure("tls-failed", "sslmode=verify-full needs a root certificate"),
    );
    await expect(open("user=postgres sslmode=require sslrootcert=/nonexistent")).rejects.toThrow(
      failure("tls-failed", "the root certificate file /nonexistent does not exist"),
    );
  });
});

describe("channel binding", () => {
  const bound = "user=bound password=b0und channel_binding=require";

  it("works with what the server's certificate is signed with", async () => {
    expect(await isEncrypted(`${bound} sslmode=require`)).toBe(true);
    for (const digest of ["sha384", "sha512"] as const) {
      const other = await showing({ commonName: "localhost", digest });
      expect(await isEncrypted(`${bound} sslmode=require`, other)).toBe(true);
    }
    await using pss = await createAuthority({ usesRsaPss: true });
    for (const digest of ["sha256", "sha384"] as const) {
      const other = await showing({ commonName: "localhost", digest }, pss);
      expect(await isEncrypted(`${bound} sslmode=require`, other)).toBe(true);
    }
  });

  it("is missed without TLS and without a password", async () => {
    await expect(
      open("user=plain_password password=p sslmode=disable channel_binding=require"),
    ).rejects.toThrow(failure("authentication-failed", "channel_binding=require needs TLS"));
    await expect(open("user=secure sslmode=require channel_binding=require")).rejects.toThrow(
      failure("authentication-failed", "authenticated without channel binding"),
    );
  });

  it("is not used when it is not wanted", async () => {
    const text = "user=bound password=b0und channel_binding=disable sslmode=require";
    expect(await isEncrypted(text)).toBe(true);
  });
});

it("cancels over TLS as well", async () => {
  const controller = new AbortController();
  const options = resolveConnection({
    url: `host=localhost hostaddr=127.0.0.1 port=${cluster.port} ${rooted("verify-full")}`,
    environment: {},
    homeDirectory: "/nonexistent",
    userName: "me",
  });
  await using session = await connect(options, {
    applicationName: "test",
    writes: false,
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 200);
  const startedAt = performance.now();
  await expect(session.query("SELECT pg_sleep(30)")).rejects.toThrow(
    expect.objectContaining({ code: "interrupted" }),
  );
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(session.isDead).toBe(false);
});
