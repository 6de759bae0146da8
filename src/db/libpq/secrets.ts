/** Reads what proves who is who: passwords, certificates and the checks on them. */
import { existsSync } from "node:fs";
import { platform } from "node:os";
import { join } from "node:path";
import type {
  AuthenticationMethod,
  ConnectionInput,
  HostOption,
  Password,
  SslMode,
  TlsSettings,
  TlsVersion,
} from "../libpq.ts";
import { invalidSetting, readChoice, readInteger, type Settings } from "./values.ts";
import { findPassword, readPasswordFile } from "./passfile.ts";

/** How to find the password of a host; the file is read at once, the line is chosen later. */
export function readPasswords(
  settings: Settings,
  input: ConnectionInput,
  user: string,
): {
  find: (host: HostOption, database: string) => Password | undefined;
  warnings: readonly string[];
} {
  const given = settings.get("password");
  if (given !== undefined && given.value !== "") {
    const password = { text: given.value, origin: given.origin };
    return { find: () => password, warnings: [] };
  }
  const path = settings.get("passfile")?.value || defaultPasswordFile(input);
  const file = readPasswordFile(path, platform());
  const origin = `the password file ${path}`;
  return {
    find({ host, hostaddr, port }, database) {
      const text = findPassword(file, host || hostaddr || "", port, database, user);
      return text === undefined || text === "" ? undefined : { text, origin };
    },
    warnings: file.warning === undefined ? [] : [file.warning],
  };
}

function defaultPasswordFile({ environment, homeDirectory }: ConnectionInput): string {
  const windows = environment["APPDATA"];
  return platform() === "win32" && windows
    ? join(windows, "postgresql", "pgpass.conf")
    : join(homeDirectory, ".pgpass");
}

const modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;

/** sslmode and everything that belongs to it, with the combinations libpq refuses. */
export function readTls(
  settings: Settings,
  hosts: readonly HostOption[],
  input: ConnectionInput,
): TlsSettings {
  const file = (name: string, standard: string) =>
    settings.get(name)?.value || defaultFile(input, standard);
  const rootCertificate = file("sslrootcert", "root.crt");
  const isSystem = rootCertificate === "system";
  const mode = readChoice<SslMode>(settings, "sslmode", isSystem ? "verify-full" : "prefer", modes);
  if (isSystem && mode !== "verify-full") {
    throw invalidSetting(
      "sslmode",
      settings.get("sslmode"),
      `is \`${mode}\`, which is too weak for sslrootcert=system`,
      "any site can get a certificate from a public authority: use sslmode=verify-full",
    );
  }
  const negotiation = readChoice(settings, "sslnegotiation", "postgres", ["postgres", "direct"]);
  if (negotiation === "direct" && ["disable", "allow", "prefer"].includes(mode)) {
    throw invalidSetting(
      "sslmode",
      settings.get("sslmode"),
      `is \`${mode}\`, which is too weak for sslnegotiation=direct`,
      "use require, verify-ca or verify-full",
    );
  }
  if (mode === "verify-full" && hosts.some(({ host }) => host === "")) {
    throw invalidSetting(
      "hostaddr",
      settings.get("hostaddr"),
      "stands without `host`, and verify-full needs a name to check the certificate against",
    );
  }
  const sendsCertificate = readCertificateMode(settings);
  return {
    mode,
    negotiation,
    rootCertificate,
    systemFile: input.environment["SSL_CERT_FILE"] || undefined,
    systemDirectory: input.environment["SSL_CERT_DIR"] || undefined,
    certificate: sendsCertificate ? file("sslcert", "postgresql.crt") : undefined,
    key: sendsCertificate ? file("sslkey", "postgresql.key") : undefined,
    keyPassword: () => settings.get("sslpassword")?.value || undefined,
    revocationFile: file("sslcrl", "root.crl"),
    revocationDirectory: settings.get("sslcrldir")?.value || undefined,
    sendsServerName: readInteger(settings, "sslsni") !== 0,
    minimumVersion: readVersion(settings, "ssl_min_protocol_version") ?? "TLSv1.2",
    maximumVersion: readVersion(settings, "ssl_max_protocol_version"),
  };
}

function defaultFile(
  { environment, homeDirectory }: ConnectionInput,
  name: string,
): string | undefined {
  const windows = environment["APPDATA"];
  const path =
    platform() === "win32" && windows
      ? join(windows, "postgresql", name)
      : join(homeDirectory, ".postgresql", name);
  return existsSync(path) ? path : undefined;
}

function readCertificateMode(settings: Settings): boolean {
  const mode = readChoice(settings, "sslcertmode", "allow", ["disable", "allow", "require"]);
  if (mode === "require") {
    throw invalidSetting(
      "sslcertmode",
      settings.get("sslcertmode"),
      "is `require`, and pgwright cannot see whether the server asked for a certificate",
      "demand it on the server: clientcert=verify-full in pg_hba.conf",
    );
  }
  return mode === "allow";
}

const versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

function readVersion(settings: Settings, name: string): TlsVersion | undefined {
  const setting = settings.get(name);
  if (setting === undefined || setting.value === "") return undefined;
  const found = versions.find((version) => version.toLowerCase() === setting.value.toLowerCase());
  if (found !== undefined) return found;
  throw invalidSetting(name, setting, `is \`${setting.value}\`, not one of ${versions.join(", ")}`);
}

const methods: readonly AuthenticationMethod[] = [
  "none",
  "password",
  "md5",
  "scram-sha-256",
  "gss",
  "sspi",
  "oauth",
];

/** `require_auth`: a list of methods to allow, or, each with "!", to forbid. */
export function readMethods(settings: Settings): ReadonlySet<AuthenticationMethod> | undefined {
  const setting = settings.get("require_auth");
  if (setting === undefined || setting.value === "") return undefined;
  const words = setting.value.split(",").map((word) => word.trim());
  const isForbidding = words[0]?.startsWith("!") ?? false;
  const named = words.map((word) => {
    if (word.startsWith("!") !== isForbidding) {
      throw invalidSetting("require_auth", setting, "mixes methods with and without `!`");
    }
    const method = methods.find((known) => known === word.replace("!", ""));
    if (method !== undefined) return method;
    throw invalidSetting(
      "require_auth",
      setting,
      `has \`${word}\`, which is not one of ${methods.join(", ")}`,
    );
  });
  return new Set(isForbidding ? methods.filter((method) => !named.includes(method)) : named);
}
