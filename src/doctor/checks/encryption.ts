import type { ServerInfo } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import type { Check } from "../check.ts";
import type { ConnectionFacts } from "../facts.ts";
import { valueOf } from "../settings.ts";

export const encryption: Check = {
  title: "encryption",
  look: (_session, { server, facts, settings }) =>
    judgeEncryption(server, facts.connection, valueOf(settings, "ssl") === "on"),
};

/** @param serverHasTls the server's setting `ssl` */
export function judgeEncryption(
  server: Pick<ServerInfo, "host" | "isPooled">,
  connection: ConnectionFacts,
  serverHasTls: boolean,
): Finding[] {
  const findings: Finding[] = [];
  const isHere = isThisMachine(server.host);
  // A name that leads to this machine: the server sees us come from it. Behind a pooler it sees that.
  const comesFromHere = !server.isPooled && isLoopback(connection.clientAddress);
  if (!connection.isEncrypted && !isHere && !comesFromHere) {
    findings.push({
      rule: "doctor/unencrypted",
      severity: "warning",
      message: `the connection to ${server.host} is not encrypted: everybody on the way can read it and change it`,
      hint:
        serverHasTls && !server.isPooled
          ? "the server offers TLS: use `sslmode=verify-full` with `sslrootcert`"
          : server.isPooled
            ? "turn on TLS in the pooler (PgBouncer: client_tls_sslmode), then use `sslmode=verify-full`"
            : "give the server a certificate and `ssl = on`, then use `sslmode=verify-full`",
    });
  }
  if (server.isPooled && !connection.isBackendEncrypted && !isLoopback(connection.clientAddress)) {
    findings.push({
      rule: "doctor/unencrypted-pooler",
      severity: "warning",
      message: `the pooler at ${connection.clientAddress} speaks to the server without encryption`,
      hint: "turn on TLS from the pooler to the server (PgBouncer: server_tls_sslmode = verify-full)",
    });
  }
  const { tlsVersion } = connection;
  if (tlsVersion !== null && /^TLSv1(\.1)?$/.test(tlsVersion)) {
    findings.push({
      rule: "doctor/tls-old",
      severity: "warning",
      message: `the connection uses ${tlsVersion} with ${connection.tlsCipher}, which is known to be weak`,
      hint: "`ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.2';` then `SELECT pg_reload_conf();`",
    });
  }
  return findings;
}

/** A directory of Unix sockets, or a name of this machine itself. */
function isThisMachine(host: string): boolean {
  return /^[/@]/.test(host) || host === "localhost" || isLoopback(host);
}

/** No address at all is a Unix socket. */
function isLoopback(address: string | null): boolean {
  return address === null || address === "::1" || address.startsWith("127.");
}
