import { describe, expect, it } from "vitest";
import { explainFailure, summarize } from "../../../src/db/connect-failure.ts";
import { resolveConnection } from "../../../src/db/libpq.ts";

const options = resolveConnection({
  url: "postgres://app@a:1,b:2/shop",
  environment: {},
  homeDirectory: "/nonexistent",
  userName: "me",
});
const [a = { host: "", port: 0 }, b = a] = options.hosts;

const explain = (code: string, message = "raw") =>
  explainFailure(Object.assign(new Error(message), { code }), a, options, "shop");

describe("explainFailure", () => {
  it.each([
    ["ECONNREFUSED", "nothing listens there", true],
    ["ENOENT", "there is no such socket", true],
    ["ENOTFOUND", "the name a does not resolve", true],
    ["EAI_AGAIN", "the name a does not resolve", true],
    ["ECONNRESET", "the connection was closed before the server answered", true],
    ["EPIPE", "the connection was closed before the server answered", true],
    ["ETIMEDOUT", "no answer (timed out)", true],
    ["EHOSTUNREACH", "the network does not reach it (EHOSTUNREACH)", true],
    ["EACCES", "the operating system denies the connection", false],
    ["ESOMETHING", "raw", false],
  ])("%s: %s", (code, what, isTransient) => {
    expect(explain(code)).toMatchObject({
      code: "connection-failed",
      what,
      isTransient,
      triesNext: true,
    });
  });

  it.each([
    ["CERT_HAS_EXPIRED", "the server's certificate has expired"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "the server's certificate is not trusted"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "the server's certificate is not trusted"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "the server's certificate is for another name"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "what answers there does not speak TLS"],
    ["ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "speaks TLS, but not for PostgreSQL"],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "the server demands a client certificate"],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "the server demands a client certificate"],
    ["ERR_SSL_UNSUPPORTED_PROTOCOL", "no TLS version in common"],
    ["ERR_SSL_NEW_KIND", "TLS failed: raw"],
  ])("%s: %s, and no other host is tried", (code, what) => {
    expect(explain(code)).toMatchObject({
      code: "tls-failed",
      what: expect.stringContaining(what),
      isTransient: false,
      triesNext: false,
    });
  });
});

describe("summarize", () => {
  const fail = (code: string, host = a) =>
    explainFailure(Object.assign(new Error("raw"), { code }), host, options, "shop");

  it("tells one reason on one host in one sentence", () => {
    const error = summarize(
      [fail("ECONNREFUSED"), fail("ECONNREFUSED")],
      options,
      "shop",
      undefined,
    );
    expect(error.message).toBe("cannot connect to `shop` on a:1 as app: nothing listens there");
    expect(error.details.notes).toBeUndefined();
  });

  it("of one host's addresses tells the reason that helps", () => {
    const both = [fail("ECONNREFUSED"), fail("EADDRNOTAVAIL")];
    for (const failures of [both, both.toReversed()]) {
      const error = summarize(failures, options, "shop", undefined);
      expect(error.message).toContain("on a:1 as app: nothing listens there");
      expect(error.details.notes).toHaveLength(2);
    }
  });

  it("names what was tried before the host that refused", () => {
    const error = summarize(
      [fail("ECONNREFUSED"), fail("CERT_HAS_EXPIRED", b)],
      options,
      "shop",
      12_400,
    );
    expect(error.code).toBe("tls-failed");
    expect(error.message).toBe(
      "cannot connect to `shop` on b:2 as app: the server's certificate has expired; waited 12 s",
    );
    expect(error.details.notes).toEqual([
      "a:1: nothing listens there",
      "b:2: the server's certificate has expired",
    ]);
  });
});
