/** The certificate authorities that the operating system trusts. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as tls from "node:tls";

// Debian and Alpine; Fedora and RHEL; SUSE; macOS and the BSDs.
const bundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * What `sslrootcert=system` means. A file or directory that SSL_CERT_FILE or SSL_CERT_DIR names
 * stands instead, as it does for OpenSSL; where no bundle is found (Windows) it is Node's copy of
 * Mozilla's list.
 */
export function systemAuthorities(
  file: string | undefined,
  directory: string | undefined,
): readonly string[] {
  if (file !== undefined || directory !== undefined) {
    return [
      ...(file === undefined ? [] : [readFileSync(file, "utf8")]),
      ...(directory === undefined
        ? []
        : readdirSync(directory).map((name) => readFileSync(join(directory, name), "utf8"))),
    ];
  }
  const bundle = bundles.find((path) => existsSync(path));
  return bundle === undefined ? tls.rootCertificates : [readFileSync(bundle, "utf8")];
}
