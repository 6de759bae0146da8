/** Node's and OpenSSL's TLS errors in plain words. */
import type { ErrorCode } from "../../errors.ts";
import type { ConnectionOptions } from "../libpq.ts";

interface TlsExplanation {
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint?: string;
}

export function explainTls(
  error: NodeJS.ErrnoException,
  options: ConnectionOptions,
): TlsExplanation {
  const failed = (what: string, hint?: string): TlsExplanation => ({
    code: "tls-failed",
    what,
    ...(hint === undefined ? {} : { hint }),
  });
  const { code = "" } = error;
  const root = options.tls.rootCertificate ?? "system";
  const trusted = root === "system" ? "the system's authorities" : root;
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return failed("the server's certificate has expired", "renew it on the server");
    case "CERT_NOT_YET_VALID":
      return failed("the server's certificate is not valid yet", "is this machine's clock right?");
    case "CERT_REVOKED":
      return failed("the server's certificate has been revoked");
    case "CRL_HAS_EXPIRED":
    case "UNABLE_TO_GET_CRL":
      return failed("the certificate revocation list has expired or belongs to another authority");
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return failed(
        `the server's certificate is not trusted: none in ${trusted} has signed it`,
        "sslrootcert=<file> names the certificate of the authority that did",
      );
    case "ERR_TLS_CERT_ALTNAME_INVALID": {
      const { reason } = error as { reason?: string };
      return failed(
        `the server's certificate is for another name${reason === undefined ? "" : `: ${reason}`}`,
        "connect by a name in the certificate (with hostaddr=<address> if DNS does not know it)",
      );
    }
    case "ERR_SSL_WRONG_VERSION_NUMBER":
      return failed("what answers there does not speak TLS");
    case "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION":
    case "ERR_SSL_UNSUPPORTED_PROTOCOL":
      return failed(
        "client and server have no TLS version in common",
        "ssl_min_protocol_version and ssl_max_protocol_version on both sides decide",
      );
    case "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL":
      return failed("what answers there speaks TLS, but not for PostgreSQL");
  }
  if (/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE|UNSUPPORTED_CERTIFICATE|DECRYPT)/.test(code)) {
    return failed(
      options.tls.certificate === undefined
        ? "the server demands a client certificate"
        : `the server does not accept the client certificate ${options.tls.certificate}`,
      "sslcert and sslkey name it; the server's ssl_ca_file decides which authority may sign it",
    );
  }
  const { reason } = error as { reason?: string };
  return failed(`TLS failed: ${reason ?? error.message}`);
}
