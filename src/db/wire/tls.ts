/** The TLS side of a connection, as libpq does it. Loaded only when TLS is spoken. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import { isIP } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import * as tls from "node:tls";
import { PgwrightError } from "../../errors.ts";
import type { HostOption, TlsSettings } from "../libpq.ts";
import { destroyOnAbort, settled } from "./socket.ts";
import { systemAuthorities } from "./tls-system.ts";

// Registered for PostgreSQL; keeps another protocol's server on the same port from being taken for it.
const protocolName = "postgresql";

/**
 * Does the handshake on a connected socket.
 *
 * The chain is checked when a root certificate exists, whatever the mode (libpq: `require` with a
 * root file is `verify-ca`); the name only for verify-full.
 *
 * @throws Node's TLS errors; PgwrightError `tls-failed` for files that cannot be used.
 */
export async function encrypt(
  socket: Socket,
  host: HostOption,
  settings: TlsSettings,
  signal: AbortSignal,
): Promise<tls.TLSSocket> {
  const name = host.host;
  const context = secureContext(settings);
  const checksChain = settings.rootCertificate !== undefined;
  const secured = tls.connect({
    socket,
    secureContext: context,
    ALPNProtocols: [protocolName],
    rejectUnauthorized: checksChain,
    checkServerIdentity: (_, certificate) =>
      settings.mode === "verify-full" ? checkName(name, certificate) : undefined,
    ...(settings.sendsServerName && name !== "" && isIP(name) === 0 ? { servername: name } : {}),
  });
  destroyOnAbort(secured, signal);
  secured.on("error", () => {});
  await settled(secured, "secureConnect");
  if (settings.negotiation === "direct" && secured.alpnProtocol !== protocolName) {
    secured.destroy();
    throw new PgwrightError("tls-failed", "the server does not know direct TLS negotiation", {
      hint: "servers before 17 need sslnegotiation=postgres",
    });
  }
  return secured;
}

/** Reads every file that is named. @throws PgwrightError `tls-failed` naming the file. */
export function secureContext(settings: TlsSettings): tls.SecureContext {
  const { mode, rootCertificate, certificate, key } = settings;
  if (rootCertificate === undefined && mode.startsWith("verify-")) {
    throw new PgwrightError("tls-failed", `sslmode=${mode} needs a root certificate`, {
      hint: "sslrootcert=<file> names it; sslrootcert=system takes the operating system's authorities",
    });
  }
  const crl = [
    ...(settings.revocationFile === undefined
      ? []
      : [readFile(settings.revocationFile, "certificate revocation list")]),
    ...(settings.revocationDirectory === undefined
      ? []
      : readDirectory(settings.revocationDirectory)),
  ];
  const passphrase = settings.keyPassword();
  try {
    return tls.createSecureContext({
      minVersion: settings.minimumVersion,
      ...(settings.maximumVersion === undefined ? {} : { maxVersion: settings.maximumVersion }),
      ...(rootCertificate === undefined ? {} : { ca: authorities(rootCertificate, settings) }),
      ...(crl.length === 0 ? {} : { crl }),
      ...(certificate === undefined
        ? {}
        : { cert: readFile(certificate, "client certificate"), key: readKey(certificate, key) }),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch (cause) {
    if (cause instanceof PgwrightError) throw cause;
    throw new PgwrightError("tls-failed", explainContext(cause, settings), { cause });
  }
}

function authorities(root: string, settings: TlsSettings): string[] {
  return root === "system"
    ? [...systemAuthorities(settings.systemFile, settings.systemDirectory)]
    : [readFile(root, "root certificate")];
}

function readFile(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const why =
      (cause as NodeJS.ErrnoException).code === "ENOENT" ? "does not exist" : "cannot be read";
    throw new PgwrightError("tls-failed", `the ${what} file ${path} ${why}`, { cause });
  }
}

function readDirectory(path: string): string[] {
  try {
    return readdirSync(path).map((name) =>
      readFile(join(path, name), "certificate revocation list"),
    );
  } catch (cause) {
    if (cause instanceof PgwrightError) throw cause;
    throw new PgwrightError("tls-failed", `the directory ${path} of sslcrldir cannot be read`, {
      cause,
    });
  }
}

function readKey(certificate: string, key: string | undefined): string {
  if (key === undefined) {
    throw new PgwrightError(
      "tls-failed",
      `there is the client certificate ${certificate}, but no private key`,
      { hint: "sslkey names it; the default is ~/.postgresql/postgresql.key" },
    );
  }
  const text = readFile(key, "private key");
  const { mode, uid } = statSync(key);
  const me = userInfo().uid;
  // Windows has no such modes (uid is -1). A key that root owns may be readable by a group.
  const forbidden = uid === 0 && me !== 0 ? 0o037 : 0o077;
  if (me !== -1 && (mode & forbidden) !== 0) {
    throw new PgwrightError("tls-failed", `the private key file ${key} can be read by others`, {
      hint: `run: chmod 0600 ${key}`,
    });
  }
  return text;
}

function explainContext(cause: unknown, settings: TlsSettings): string {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  if (code.includes("KEY_VALUES_MISMATCH")) {
    return `the private key ${settings.key} does not belong to the certificate ${settings.certificate}`;
  }
  if (code === "ERR_MISSING_PASSPHRASE" || code.includes("BAD_DECRYPT")) {
    const given = settings.keyPassword() !== undefined;
    return `the private key ${settings.key} is encrypted and ${given ? "sslpassword does not open it" : "sslpassword is not set"}`;
  }
  const files = [settings.rootCertificate, settings.certificate, settings.key].filter(Boolean);
  return `TLS cannot be set up from ${files.join(", ")}: ${message}`;
}

/** libpq is laxer than the web: it also takes an address written as a DNS name or as the common name. */
function checkName(host: string, certificate: tls.PeerCertificate): Error | undefined {
  const problem = tls.checkServerIdentity(host, certificate);
  if (problem === undefined || isIP(host) === 0) return problem;
  const names = certificate.subjectaltname?.split(", ");
  const isNamed =
    names === undefined ? certificate.subject.CN === host : names.includes(`DNS:${host}`);
  return isNamed ? undefined : problem;
}
