/** Several hosts, roles of servers, and servers that come late. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFreePort } from "../../src/db/embedded/port.ts";
import { signalProcess } from "../../src/db/embedded/process.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";
import { connectTo } from "../support/connection.ts";
import { errorResponse, listen } from "../support/fake-server.ts";

let primary: Cluster;
let standby: Cluster;
let nobody: number;

beforeAll(async () => {
  [primary, standby] = await Promise.all([
    startCluster(),
    startCluster({ files: { "standby.signal": "" } }),
  ]);
  nobody = await findFreePort();
}, 120_000);

afterAll(async () => {
  await primary[Symbol.asyncDispose]();
  await standby[Symbol.asyncDispose]();
});

/** A URL for these ports of 127.0.0.1, in this order. */
const url = (ports: readonly number[], parameters = "") =>
  `postgres://postgres@${ports.map((port) => `127.0.0.1:${port}`).join(",")}/postgres?${parameters}`;

const failure = (code: string, text: string, details: object = {}) =>
  expect.objectContaining({
    code,
    exit: 3,
    message: expect.stringContaining(text),
    details: expect.objectContaining(details),
  });

async function portOf(...parameters: Parameters<typeof connectTo>): Promise<number> {
  await using session = await connectTo(...parameters);
  const { port } = await session.one<{ port: number }>("SELECT inet_server_port() AS port");
  expect(session.server.port).toBe(port);
  return port;
}

describe("a list of hosts", () => {
  it("is gone through in order", async () => {
    expect(await portOf(url([primary.port, standby.port]))).toBe(primary.port);
    expect(await portOf(url([nobody, primary.port, standby.port]))).toBe(primary.port);
    expect(await portOf(url([nobody, nobody, standby.port]))).toBe(standby.port);
  });

  it("may contain names that do not resolve, servers that close and servers that start", async () => {
    await using closing = await listen((socket) => socket.destroy());
    await using starting = await listen((socket) => {
      socket.once("data", () => socket.write(errorResponse("57P03", "starting up")));
    });
    const hosts = `nowhere.invalid,127.0.0.1:${closing.port},127.0.0.1:${starting.port},127.0.0.1:${primary.port}`;
    const text = `postgres://postgres@${hosts}/postgres?sslmode=disable`;
    expect(await portOf(text)).toBe(primary.port);
    expect([closing.connections(), starting.connections()]).toEqual([1, 1]);
  });

  it("is given up with every reason", async () => {
    const other = await findFreePort();
    await expect(connectTo(url([nobody, other]))).rejects.toThrow(
      failure("connection-failed", "none of 2 hosts can be used", {
        notes: [
          `127.0.0.1:${nobody}: nothing listens there`,
          `127.0.0.1:${other}: nothing listens there`,
        ],
        hint: expect.stringContaining("--wait 30"),
      }),
    );
  });

  it("is not gone through after a refusal", async () => {
    await expect(
      connectTo(url([primary.port, standby.port]), { database: "none" }),
    ).rejects.toThrow(
      failure("database-missing", `on 127.0.0.1:${primary.port} as postgres: the server has no`),
    );
  });

  it("is shuffled by load_balance_hosts=random", async () => {
    const seen = new Set<number>();
    // The chance to meet the same one of two 40 times is 1 in 10^12.
    for (let round = 0; round < 40 && seen.size < 2; round += 1) {
      seen.add(await portOf(url([primary.port, standby.port], "load_balance_hosts=random")));
    }
    expect(seen.size).toBe(2);
  });

  it("goes on from a host that does not answer in connect_timeout", async () => {
    await using silent = await listen(() => {});
    expect(await portOf(url([silent.port, primary.port], "connect_timeout=1"))).toBe(primary.port);
  });
});

describe("one host", () => {
  it.each([
    ["127.0.0.1", "nothing listens there"],
    ["nowhere.invalid", "the name nowhere.invalid does not resolve"],
    ["%2Fnonexistent", "there is no such socket"],
  ])("%s fails with: %s", async (host, text) => {
    await expect(connectTo(`postgres://postgres@${host}:${nobody}/postgres`)).rejects.toThrow(
      failure("connection-failed", text, { hint: expect.stringContaining("--wait 30") }),
    );
  });

  it("is told with all its addresses as one", async () => {
    await expect(connectTo(`postgres://postgres@localhost:${nobody}/app`)).rejects.toThrow(
      failure(
        "connection-failed",
        `cannot connect to \`app\` on localhost:${nobody} as postgres: nothing listens there`,
      ),
    );
  });
});

describe("target_session_attrs", () => {
  it.each<[string, "primary" | "standby"]>([
    ["any", "standby"],
    ["primary", "primary"],
    ["read-write", "primary"],
    ["standby", "standby"],
    ["read-only", "standby"],
    ["prefer-standby", "standby"],
  ])("%s finds the %s", async (target, expected) => {
    const ports = [nobody, standby.port, primary.port];
    const found = await portOf(url(ports, `target_session_attrs=${target}`));
    expect(found).toBe(expected === "primary" ? primary.port : standby.port);
  });

  it("prefers a standby, but not to the point of having none", async () => {
    const ports = [nobody, primary.port];
    expect(await portOf(url(ports, "target_session_attrs=prefer-standby"))).toBe(primary.port);
  });

  it("takes a primary that is read-only by default for no read-write one", async () => {
    const readOnly = "options=-c%20default_transaction_read_only%3Don";
    const text = url([primary.port], `${readOnly}&target_session_attrs=`);
    expect(await portOf(`${text}read-only`)).toBe(primary.port);
    await expect(connectTo(`${text}read-write`)).rejects.toThrow(
      failure(
        "connection-failed",
        "it is a read-only primary, and target_session_attrs asks for read-write",
      ),
    );
  });

  it("says what was found instead", async () => {
    const asks = "target_session_attrs=primary";
    await expect(connectTo(url([standby.port], asks))).rejects.toThrow(
      failure("server-standby", "it is a standby, and target_session_attrs asks for primary"),
    );
    await expect(connectTo(url([standby.port, nobody], asks))).rejects.toThrow(
      failure("server-standby", "none of 2 hosts can be used", {
        notes: [
          `127.0.0.1:${standby.port}: it is a standby, and target_session_attrs asks for primary`,
          `127.0.0.1:${nobody}: nothing listens there`,
        ],
      }),
    );
    await expect(connectTo(url([primary.port], "target_session_attrs=standby"))).rejects.toThrow(
      failure("connection-failed", "it is a primary, and target_session_attrs asks for standby"),
    );
  });
});

describe("a standby", () => {
  it("can be read", async () => {
    await using session = await connectTo(url([standby.port]), { writes: false });
    expect(session.server.isStandby).toBe(true);
  });

  it("is refused by name where something would be written", async () => {
    await expect(connectTo(url([standby.port]), { writes: true })).rejects.toThrow(
      failure(
        "server-standby",
        `127.0.0.1:${standby.port} as postgres: it is a read-only standby`,
        {
          hint: "connect to its primary",
        },
      ),
    );
    await expect(connectTo(url([standby.port, primary.port]), { writes: true })).rejects.toThrow(
      failure("server-standby", "read-only standby", {
        hint: expect.stringContaining("target_session_attrs=primary"),
      }),
    );
  });

  it("leaves no session behind when it is refused", async () => {
    const asks = url([standby.port], "target_session_attrs=primary&application_name=left");
    await expect(connectTo(asks)).rejects.toThrow("asks for primary");
    await using session = await connectTo(url([standby.port]));
    const sql = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'left'";
    await expect.poll(async () => (await session.one(sql))["n"]).toBe(0);
  });
});

describe("waiting", () => {
  it("ends when a server has come", async () => {
    await using late = await startCluster();
    await late.stop();
    const reasons: string[] = [];
    const opening = connectTo(late.url, { waitSeconds: 60, onWait: (why) => reasons.push(why) });
    await sleep(300);
    await late.start();
    await using session = await opening;
    expect(session.server.port).toBe(late.port);
    expect(reasons[0]).toBe("nothing listens there");
  });

  it("outlasts a server that is shutting down, and one that is starting", async () => {
    await using busy = await startCluster();
    const guest = await connectTo(busy.url);
    // A smart shutdown refuses newcomers (57P03) until the last session has gone.
    signalProcess(busy.pid, "SIGTERM");
    await expect
      .poll(() => connectTo(busy.url).then(String, ({ details }) => details.sqlstate))
      .toBe("57P03");
    const reasons: string[] = [];
    const opening = connectTo(busy.url, { waitSeconds: 60, onWait: (why) => reasons.push(why) });
    await expect.poll(() => reasons[0]).toContain("shutting down");
    await guest[Symbol.asyncDispose]();
    await busy.stop();
    await busy.start();
    await using session = await opening;
    expect(session.isDead).toBe(false);
  });

  it("ends in time, and says how long it was", async () => {
    const startedAt = performance.now();
    await expect(connectTo(url([nobody]), { waitSeconds: 1 })).rejects.toThrow(
      failure("connection-failed", "nothing listens there; waited 1 s"),
    );
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000);
  });

  it("bounds a server that never answers", async () => {
    await using silent = await listen(() => {});
    await expect(connectTo(silent.url, { waitSeconds: 1 })).rejects.toThrow(
      failure("connection-failed", "no answer within 1 s; waited 1 s"),
    );
  });

  it("is not for a wrong password, a missing database or a standby", async () => {
    const startedAt = performance.now();
    const settings = { waitSeconds: 30 };
    await using refusing = await listen((socket) => {
      socket.once("data", () => socket.write(errorResponse("28P01", "no")));
    });
    await expect(connectTo(refusing.url, settings)).rejects.toThrow("refused the password");
    await expect(connectTo(primary.url, { ...settings, database: "none" })).rejects.toThrow(
      "no database",
    );
    await expect(connectTo(standby.url, { ...settings, writes: true })).rejects.toThrow("standby");
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it("ends with the interrupt", async () => {
    const signal = AbortSignal.timeout(300);
    const startedAt = performance.now();
    await expect(connectTo(url([nobody]), { waitSeconds: 60, signal })).rejects.toThrow(
      expect.objectContaining({ code: "interrupted", exit: 130 }),
    );
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
