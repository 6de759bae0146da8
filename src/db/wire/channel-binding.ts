/** Ties SCRAM to the TLS connection, so that nobody between can pass the proof on (RFC 5929). */
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { PgwrightError } from "../../errors.ts";
import type { ConnectionOptions } from "../libpq.ts";
import type { ScramChoice } from "./scram.ts";

/**
 * The best mechanism that both sides have.
 *
 * @throws PgwrightError `authentication-failed` when there is none, or none with the channel
 * binding that was required.
 */
export function chooseScram(
  offered: readonly string[],
  socket: Socket,
  wanted: ConnectionOptions["channelBinding"],
): ScramChoice {
  const binding = wanted !== "disable" && isEncrypted(socket) ? endPoint(socket) : undefined;
  if (binding !== undefined && offered.includes("SCRAM-SHA-256-PLUS")) {
    return { mechanism: "SCRAM-SHA-256-PLUS", header: "p=tls-server-end-point,,", binding };
  }
  if (wanted === "require") {
    throw new PgwrightError(
      "authentication-failed",
      isEncrypted(socket)
        ? "channel_binding=require, but the server offers no channel binding"
        : "channel_binding=require needs TLS, and this connection has none",
      { hint: "use channel_binding=prefer, or sslmode=verify-full to know the server" },
    );
  }
  if (!offered.includes("SCRAM-SHA-256")) {
    throw new PgwrightError(
      "authentication-failed",
      `the server offers only ${offered.join(", ")}, which pgwright does not support`,
    );
  }
  // "y" says that we could have: a server that offered it and sees "y" knows that someone
  // between took the offer out.
  const header = binding === undefined ? "n,," : "y,,";
  return { mechanism: "SCRAM-SHA-256", header, binding: Buffer.alloc(0) };
}

/** Asked so that a plain connection, the usual one, does not load node:tls. */
function isEncrypted(socket: Socket): socket is TLSSocket {
  return "getPeerX509Certificate" in socket;
}

/** The hash of the server's certificate; undefined where its kind of signature has no defined hash. */
function endPoint(socket: TLSSocket): Buffer | undefined {
  const certificate = socket.getPeerX509Certificate()?.raw;
  if (certificate === undefined) return undefined;
  const algorithm = signatureHash(certificate);
  return algorithm === undefined ? undefined : createHash(algorithm).update(certificate).digest();
}

// Object identifiers of signature algorithms, in DER, with the hash inside. RFC 5929 takes
// SHA-256 where the signature uses MD5 or SHA-1. Ed25519 has no hash of its own and is left out.
const hashes: Readonly<Record<string, string>> = {
  "2a864886f70d010104": "sha256",
  "2a864886f70d010105": "sha256",
  "2a864886f70d01010b": "sha256",
  "2a864886f70d01010c": "sha384",
  "2a864886f70d01010d": "sha512",
  "2a864886f70d01010e": "sha224",
  "2a8648ce3d0401": "sha256",
  "2a8648ce3d040301": "sha224",
  "2a8648ce3d040302": "sha256",
  "2a8648ce3d040303": "sha384",
  "2a8648ce3d040304": "sha512",
  // The hashes themselves, as RSASSA-PSS names them in its parameters.
  "608648016503040201": "sha256",
  "608648016503040202": "sha384",
  "608648016503040203": "sha512",
};

const rsaPss = "2a864886f70d01010a";

/**
 * Reads the hash out of `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, … }`.
 * Node has had no accessor for it before version 24.
 */
export function signatureHash(certificate: Buffer): string | undefined {
  const outer = readElement(certificate, 0);
  const signed = readElement(certificate, outer.start);
  const algorithm = readElement(certificate, signed.end);
  const identifier = readElement(certificate, algorithm.start);
  const name = certificate.toString("hex", identifier.start, identifier.end);
  if (name !== rsaPss) return hashes[name];
  // RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] SEQUENCE { identifier }, … }; absent: SHA-1.
  const parameters = readElement(certificate, identifier.end);
  if (certificate[parameters.start] !== 0xa0) return "sha256";
  const tagged = readElement(certificate, parameters.start);
  const hash = readElement(certificate, readElement(certificate, tagged.start).start);
  return hashes[certificate.toString("hex", hash.start, hash.end)];
}

/** Where the content of a DER element begins and ends. */
function readElement(bytes: Buffer, at: number): { start: number; end: number } {
  const short = bytes.readUInt8(at + 1);
  if (short < 0x80) return { start: at + 2, end: at + 2 + short };
  const size = short & 0x7f;
  const start = at + 2 + size;
  return { start, end: start + bytes.readUIntBE(at + 2, size) };
}
