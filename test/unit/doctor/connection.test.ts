import { expect, test } from "vitest";
import { judgeEncryption } from "../../../src/doctor/checks/encryption.ts";
import type { ConnectionFacts } from "../../../src/doctor/facts.ts";

const plain: ConnectionFacts = {
  isEncrypted: false,
  isBackendEncrypted: false,
  tlsVersion: null,
  tlsCipher: null,
  clientAddress: "10.0.0.7",
};
const secure: ConnectionFacts = {
  isEncrypted: true,
  isBackendEncrypted: true,
  tlsVersion: "TLSv1.3",
  tlsCipher: "TLS_AES_256_GCM_SHA384",
  clientAddress: "10.0.0.7",
};

function judge(host: string, connection: ConnectionFacts, isPooled = false, hasTls = true) {
  return judgeEncryption({ host, isPooled }, connection, hasTls);
}

test.each(["/var/run/postgresql", "@abstract", "localhost", "127.0.0.1", "127.1.2.3", "::1"])(
  "%s is this machine: nobody listens on the way",
  (host) => expect(judge(host, { ...plain, clientAddress: null })).toEqual([]),
);

test("another machine without TLS", () => {
  const [finding, ...others] = judge("db.example.com", plain);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    rule: "doctor/unencrypted",
    severity: "warning",
    hint: "the server offers TLS: use `sslmode=verify-full` with `sslrootcert`",
  });
  expect(judge("db.example.com", plain, false, false)[0]?.hint).toContain("`ssl = on`");
  expect(judge("db.example.com", secure)).toEqual([]);
});

test("a name that leads to this machine", () => {
  expect(judge("db.test", { ...plain, clientAddress: "127.0.0.1" })).toEqual([]);
  expect(judge("db.test", { ...plain, clientAddress: "::1" })).toEqual([]);
});

test("behind a pooler, each half of the way counts", () => {
  // The server sees the pooler, on its own machine; we are on another.
  const half: ConnectionFacts = { ...plain, clientAddress: "127.0.0.1" };
  expect(judge("pool.example.com", half, true)).toMatchObject([
    { rule: "doctor/unencrypted", hint: expect.stringContaining("client_tls_sslmode") },
  ]);
  const other: ConnectionFacts = { ...secure, isBackendEncrypted: false, tlsVersion: null };
  expect(judge("pool.example.com", other, true)).toMatchObject([
    { rule: "doctor/unencrypted-pooler", hint: expect.stringContaining("server_tls_sslmode") },
  ]);
  expect(judge("pool.example.com", secure, true)).toEqual([]);
});

test.each(["TLSv1", "TLSv1.1"])("%s is too old", (tlsVersion) =>
  expect(judge("db.example.com", { ...secure, tlsVersion })).toMatchObject([
    { rule: "doctor/tls-old", severity: "warning" },
  ]),
);

test.each(["TLSv1.2", "TLSv1.3"])("%s is not", (tlsVersion) =>
  expect(judge("db.example.com", { ...secure, tlsVersion })).toEqual([]),
);
