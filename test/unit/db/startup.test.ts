/** What answers there is not the server one hoped for. */
import { describe, expect, it } from "vitest";
import { connectTo } from "../../support/connection.ts";
import { authentication, errorResponse, listen, message } from "../../support/fake-server.ts";

const failure = (code: string, text: string) =>
  expect.objectContaining({ code, exit: 3, message: expect.stringContaining(text) });

/** Answers the first bytes with these, and every later message with the next ones. */
function answering(...answers: readonly Buffer[]) {
  return listen((socket) => {
    let next = 0;
    socket.on("data", () => socket.write(answers[next++] ?? Buffer.alloc(0)));
  });
}

const ready = Buffer.concat([
  authentication(0),
  message("S", "server_version\0", "14.2 (Fake)\0"),
  message("K", Buffer.from([0, 0, 0, 1, 0, 0, 0, 2])),
  message("Z", "I"),
]);

describe("a server that is none", () => {
  it.each<[string, Buffer]>([
    ["HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["SSH", Buffer.from("SSH-2.0-OpenSSH_9.2\r\n")],
    ["MySQL", Buffer.from([0x4a, 0, 0, 0, 0x0a, 0x38])],
  ])("is recognised when it speaks %s", async (_, bytes) => {
    await using server = await answering(bytes);
    await expect(connectTo(server.url)).rejects.toThrow(
      expect.objectContaining({
        code: "connection-failed",
        message: expect.stringContaining("what answers there is not PostgreSQL"),
        details: expect.objectContaining({ hint: expect.stringContaining("correct the port") }),
      }),
    );
    await expect(connectTo(server.url.replace("disable", "prefer"))).rejects.toThrow(
      failure("connection-failed", "what answers there is not PostgreSQL"),
    );
  });

  it("is told from one that closes", async () => {
    await using server = await listen((socket) => socket.destroy());
    await expect(connectTo(server.url)).rejects.toThrow(
      failure("connection-failed", "the connection was closed before the server answered"),
    );
  });

  it("is given up after connect_timeout", async () => {
    await using server = await listen(() => {});
    await expect(connectTo(`${server.url}&connect_timeout=1`)).rejects.toThrow(
      failure("connection-failed", "no answer within 1 s"),
    );
  });

  it("is spoken of after two seconds of silence", async () => {
    await using server = await listen(() => {});
    const said: string[] = [];
    const onWait = (why: string) => said.push(why);
    await expect(connectTo(`${server.url}&connect_timeout=3`, { onWait })).rejects.toThrow(
      "no answer",
    );
    expect(said).toEqual(["no answer from the server yet"]);
  });

  it("is waited for no longer than the signal allows", async () => {
    await using server = await listen(() => {});
    const signal = AbortSignal.timeout(50);
    await expect(connectTo(server.url, { signal })).rejects.toThrow(
      expect.objectContaining({ code: "interrupted", exit: 130 }),
    );
    await expect(connectTo(server.url, { signal })).rejects.toThrow("interrupted");
    expect(server.connections()).toBe(1);
  });
});

describe("TLS that is tampered with", () => {
  const required = (url: string) => url.replace("disable", "require");

  it("is refused when bytes come before the handshake (CVE-2021-23222)", async () => {
    await using server = await answering(Buffer.from("Sinjected"));
    await expect(connectTo(required(server.url))).rejects.toThrow(
      failure("tls-failed", "unencrypted data arrived"),
    );
  });

  it("does not repeat what an unknown server says (CVE-2024-10977)", async () => {
    await using server = await answering(
      errorResponse("28000", "send your password to evil.example"),
    );
    await expect(connectTo(required(server.url))).rejects.toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("evil") }),
    );
  });
});

describe("authentication", () => {
  it("refuses a server that skips the proof of SCRAM", async () => {
    await using server = await answering(authentication(10, "SCRAM-SHA-256\0\0"), ready);
    await expect(connectTo(server.url)).rejects.toThrow(
      failure("authentication-failed", "did not prove that it knows the password"),
    );
  });

  it.each<[string, Buffer, string]>([
    ["foreign nonce", authentication(11, "r=abc,s=c2FsdA==,i=4096"), "challenge is malformed"],
    ["wrong proof", authentication(12, "v=AAAA"), "did not prove"],
    ["no proof", authentication(12, "e=other-error"), "did not prove"],
  ])("refuses a %s", async (_, step, text) => {
    await using server = await answering(authentication(10, "SCRAM-SHA-256\0\0"), step);
    await expect(connectTo(server.url)).rejects.toThrow(failure("authentication-failed", text));
  });

  it.each<[string, Buffer, string]>([
    ["GSSAPI", authentication(7), "the server asks for GSSAPI"],
    ["an unknown method", authentication(42), "authentication method 42"],
    ["OAuth alone", authentication(10, "OAUTHBEARER\0\0"), "offers only OAUTHBEARER"],
    ["a SASL step unasked", authentication(11, "r=a"), "SASL step unasked"],
  ])("says what it cannot do: %s", async (_, step, text) => {
    await using server = await answering(step);
    await expect(connectTo(server.url)).rejects.toThrow(failure("authentication-failed", text));
  });

  it.each([
    ["scram-sha-256", 3, "forbids the method the server asks for, `password`"],
    ["!md5", 5, "forbids the method the server asks for, `md5`"],
    ["!none", 0, "forbids the server to skip authentication"],
  ])("obeys require_auth=%s", async (allowed, kind, text) => {
    await using server = await answering(authentication(kind, "salt"));
    await expect(connectTo(`${server.url}&require_auth=${allowed}`)).rejects.toThrow(
      failure("authentication-failed", text),
    );
  });

  it("never sends a password in the clear when require_auth forbids it", async () => {
    let seen = "";
    await using server = await listen((socket) => {
      socket.on("data", (bytes) => (seen += bytes.toString("latin1")));
      socket.once("data", () => socket.write(authentication(3)));
    });
    await expect(connectTo(`${server.url}&require_auth=!password`)).rejects.toThrow("forbids");
    expect(seen).toContain("shop");
    expect(seen).not.toContain("hunter2");
  });
});

describe("a greeting", () => {
  it("of an old server is refused by version", async () => {
    await using server = await answering(ready);
    await expect(connectTo(server.url)).rejects.toThrow(
      failure(
        "server-unsupported",
        "it runs PostgreSQL 14.2 (Fake), and pgwright needs 15 or newer",
      ),
    );
  });

  it("that ends in an error after authentication keeps the server's words", async () => {
    const refusal = errorResponse("55000", 'database "shop" is not accepting connections');
    await using server = await answering(Buffer.concat([authentication(0), refusal]));
    await expect(connectTo(server.url)).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringContaining('database "shop" is not accepting connections'),
        details: expect.objectContaining({ sqlstate: "55000" }),
      }),
    );
  });

  it.each([
    ["57P03", "connection-failed", "starting up"],
    ["53300", "connection-failed", "starting up"],
    ["28000", "authentication-failed", "starting up"],
    [
      "28P01",
      "authentication-failed",
      "refused the password of role `app` (from the connection string)",
    ],
    ["3D000", "database-missing", "has no database `shop`"],
    ["42501", "authentication-failed", "starting up"],
  ] as const)("%s becomes %s", async (state, code, text) => {
    await using server = await answering(errorResponse(state, "starting up"));
    await expect(connectTo(server.url)).rejects.toThrow(failure(code, text));
  });
});

it("no error of connecting shows the password", async () => {
  await using server = await answering(errorResponse("28P01", "no"));
  for (const url of [
    server.url,
    server.url.replace("disable", "verify-full"),
    server.url.replace("127.0.0.1", "no.such.host.invalid"),
    "postgres://app:hunter2@127.0.0.1:1/shop",
  ]) {
    const error: Error = await connectTo(url).then(
      () => Promise.reject(new Error("connected")),
      (reason: Error) => reason,
    );
    const { inspect } = await import("node:util");
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("hunter2");
  }
});
