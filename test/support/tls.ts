/** Certificates for tests, made with the `openssl` command. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Certificate {
  /** PEM text, for the server's data directory. */
  readonly certificate: string;
  readonly key: string;
  /** Paths of the same, readable for us alone, as sslcert and sslkey want them. */
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface CertificateRequest {
  /** Host name of a server, role of a client. */
  readonly commonName: string;
  /** "DNS:localhost,IP:127.0.0.1"; none by default. */
  readonly alternativeNames?: string;
  readonly validity?: "now" | "past" | "future";
  /** How the authority signs it: a digest, "sha256" by default. */
  readonly digest?: "sha256" | "sha384" | "sha512";
}

export interface Authority extends AsyncDisposable {
  readonly folder: string;
  /** Path of its own certificate, for sslrootcert, and its text, for ssl_ca_file. */
  readonly certificateFile: string;
  readonly certificate: string;
  issue(request: CertificateRequest): Promise<Certificate>;
  /** Path of a revocation list on which these stand. */
  revoke(...certificates: readonly Certificate[]): Promise<string>;
}

export interface AuthorityOptions {
  /** Signs with RSASSA-PSS instead of ECDSA. */
  readonly usesRsaPss?: boolean;
}

const dates = {
  past: ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"],
  now: ["-startdate", "20200101000000Z", "-enddate", "20491231000000Z"],
  future: ["-startdate", "20480101000000Z", "-enddate", "20491231000000Z"],
};

/** A certificate authority of its own: `await using authority = await createAuthority()`. */
export async function createAuthority(options: AuthorityOptions = {}): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), "pgwright-ca-"));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: (string | readonly string[])[]) =>
    run("openssl", args.flat(), { cwd: folder });
  const key = options.usesRsaPss
    ? ["-newkey", "rsa:2048"]
    : ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  const signing = options.usesRsaPss ? ["-sigopt", "rsa_padding_mode:pss"] : [];
  await writeFile(path("index"), "");
  await writeFile(path("index.attr"), "unique_subject = no\n");
  await writeFile(
    path("ca.cnf"),
    `[ca]
default_ca = test
[test]
database = index
rand_serial = yes
new_certs_dir = .
certificate = ca.crt
private_key = ca.key
default_md = sha256
default_crl_days = 30
policy = any
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
`,
  );
  await openssl(
    ["req", "-x509", "-config", "ca.cnf", "-extensions", "root", "-nodes", "-days", "30"],
    ["-subj", `/CN=pgwright test ${folder.slice(-6)}`, "-keyout", "ca.key", "-out", "ca.crt"],
    key,
  );
  let issued = 0;
  return {
    folder,
    certificateFile: path("ca.crt"),
    certificate: await readFile(path("ca.crt"), "utf8"),
    async issue({ commonName, alternativeNames, validity = "now", digest = "sha256" }) {
      issued += 1;
      const name = `${issued}`;
      const names =
        alternativeNames === undefined ? [] : ["-addext", `subjectAltName=${alternativeNames}`];
      await openssl(
        ["req", "-new", "-config", "ca.cnf", "-nodes", "-subj", `/CN=${commonName}`],
        ["-keyout", `${name}.key`, "-out", `${name}.csr`, ...names, ...key],
      );
      await openssl(
        ["ca", "-batch", "-notext", "-config", "ca.cnf", "-md", digest, ...dates[validity]],
        ["-in", `${name}.csr`, "-out", `${name}.crt`, ...signing],
      );
      return {
        certificate: await readFile(path(`${name}.crt`), "utf8"),
        key: await readFile(path(`${name}.key`), "utf8"),
        certificateFile: path(`${name}.crt`),
        keyFile: path(`${name}.key`),
      };
    },
    async revoke(...certificates) {
      for (const { certificateFile } of certificates) {
        await openssl("ca", "-config", "ca.cnf", "-revoke", certificateFile, signing);
      }
      await openssl("ca", "-config", "ca.cnf", "-gencrl", "-out", "ca.crl", signing);
      return path("ca.crl");
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Settings and files of a server that speaks TLS with this certificate. */
export function withTls(
  { certificate, key }: Certificate,
  clientAuthority: Authority,
): { settings: Record<string, string>; files: Record<string, string> } {
  return {
    settings: {
      ssl: "on",
      ssl_cert_file: "server.crt",
      ssl_key_file: "server.key",
      ssl_ca_file: "clients.crt",
    },
    files: {
      "server.crt": certificate,
      "server.key": key,
      "clients.crt": clientAuthority.certificate,
    },
  };
}
