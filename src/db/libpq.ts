/** Connection settings with libpq's meaning: where they come from and what they say. */
import { PgwrightError } from "../errors.ts";
import { hintForUnknown, keywords, settingVariables } from "./libpq/keywords.ts";
import { parseConnectionString, type Pairs } from "./libpq/text.ts";
import { readMethods, readPasswords, readTls } from "./libpq/secrets.ts";
import { readChoice, readHosts, readInteger, type Setting, type Settings } from "./libpq/values.ts";
import { findService } from "./libpq/service-file.ts";

export { redact } from "./redact.ts";

/** One place where the server may listen. */
export interface HostOption {
  /** Name or address; a socket directory begins with "/" ("@" for the abstract namespace). */
  readonly host: string;
  /** Connect to this address; `host` then only counts for the certificate and for .pgpass. */
  readonly hostaddr?: string | undefined;
  readonly port: number;
}

export type SslMode = "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";

/** What TLS needs. Paths are as given; defaults in ~/.postgresql are here only if they exist. */
export interface TlsSettings {
  readonly mode: SslMode;
  /** "direct" begins TLS without asking first (servers from 17 on). */
  readonly negotiation: "postgres" | "direct";
  /** A file, or "system" for the certificate authorities of the operating system. */
  readonly rootCertificate: string | undefined;
  /** SSL_CERT_FILE and SSL_CERT_DIR: where "system" looks instead of the usual places. */
  readonly systemFile: string | undefined;
  readonly systemDirectory: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Opens an encrypted key file. A function, so that printing the settings never prints it. */
  keyPassword(): string | undefined;
  readonly revocationFile: string | undefined;
  readonly revocationDirectory: string | undefined;
  readonly sendsServerName: boolean;
  readonly minimumVersion: TlsVersion;
  readonly maximumVersion: TlsVersion | undefined;
}

export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

export type TargetSession =
  | "any"
  | "read-write"
  | "read-only"
  | "primary"
  | "standby"
  | "prefer-standby";

export type AuthenticationMethod =
  | "none"
  | "password"
  | "md5"
  | "scram-sha-256"
  | "gss"
  | "sspi"
  | "oauth";

export interface Password {
  readonly text: string;
  /** "PGPASSWORD", "the password file /home/app/.pgpass". */
  readonly origin: string;
}

export interface ConnectionOptions {
  /** In the order to try; never empty. */
  readonly hosts: readonly HostOption[];
  readonly user: string;
  readonly database: string;
  /** Connection string, else PGPASSWORD, else .pgpass, which may differ by host and database. */
  password(host: HostOption, database: string): Password | undefined;
  readonly tls: TlsSettings;
  readonly channelBinding: "disable" | "prefer" | "require";
  /** From `require_auth`: how the server may authenticate us; undefined: as it likes. */
  readonly allowedMethods: ReadonlySet<AuthenticationMethod> | undefined;
  /** Seconds per address; undefined waits as long as the network does. */
  readonly connectTimeout: number | undefined;
  readonly targetSession: TargetSession;
  /** Try hosts, and the addresses of each, in random order. */
  readonly balancesHosts: boolean;
  /** Command line options for the server process: `-c statement_timeout=5s`. */
  readonly options: string | undefined;
  /** Chosen by the user; stands before pgwright's own. */
  readonly applicationName: string | undefined;
  /** Settings that PGTZ, PGDATESTYLE and PGGEQO ask for. */
  readonly startupSettings: Readonly<Record<string, string>>;
  /** Seconds of silence before TCP probes the peer; 0 leaves it to the system; undefined: never. */
  readonly keepaliveIdle: number | undefined;
  /** What the user should know, such as a .pgpass that others can read. */
  readonly warnings: readonly string[];
}

export interface ConnectionInput {
  /** `postgres://…` or `key=value …`; absent when the variables say everything. */
  readonly url?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  /** Of the operating system: the default role. */
  readonly userName: string;
}

/**
 * What to connect to: connection string, else service file, else PG* variables, else libpq's
 * defaults, parameter by parameter.
 *
 * @throws PgwrightError `connection-invalid` naming the parameter and where it came from.
 */
export function resolveConnection(input: ConnectionInput): ConnectionOptions {
  const settings = gatherSettings(input);
  const user = settings.get("user")?.value || input.userName;
  const hosts = readHosts(settings);
  const passwords = readPasswords(settings, input, user);
  const tls = readTls(settings, hosts, input);
  checkEncoding(settings.get("client_encoding"));
  return {
    hosts,
    user,
    database: settings.get("dbname")?.value || user,
    password: passwords.find,
    tls,
    channelBinding: readChoice(settings, "channel_binding", "prefer", [
      "disable",
      "prefer",
      "require",
    ]),
    allowedMethods: readMethods(settings),
    connectTimeout: atLeastOne(readInteger(settings, "connect_timeout")),
    targetSession: readChoice(settings, "target_session_attrs", "any", [
      "any",
      "read-write",
      "read-only",
      "primary",
      "standby",
      "prefer-standby",
    ]),
    balancesHosts:
      readChoice(settings, "load_balance_hosts", "disable", ["disable", "random"]) === "random",
    options: settings.get("options")?.value || undefined,
    applicationName: settings.get("application_name")?.value || undefined,
    startupSettings: readStartupSettings(input.environment),
    keepaliveIdle:
      readInteger(settings, "keepalives") === 0
        ? undefined
        : Math.max(0, readInteger(settings, "keepalives_idle") ?? 0),
    warnings: passwords.warnings,
  };
}

/** Names database, host and role, never a password: "postgres on db.example:5432 as app". */
export function describeConnection(options: ConnectionOptions): string {
  const hosts = options.hosts.map(describeHost).join(", ");
  return `${options.database} on ${hosts} as ${options.user}`;
}

/** "db.example:5432", "[::1]:5432", "/tmp/.s.PGSQL.5432". */
export function describeHost({ host, hostaddr, port }: HostOption): string {
  if (isSocketDirectory(host) && hostaddr === undefined) return `${host}/.s.PGSQL.${port}`;
  const name = host || hostaddr || "";
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}

export function isSocketDirectory(host: string): boolean {
  return host.startsWith("/") || host.startsWith("@");
}

function gatherSettings(input: ConnectionInput): Settings {
  const { environment } = input;
  const text: Pairs = input.url === undefined ? new Map() : parseConnectionString(input.url);
  const settings: Settings = new Map();
  addAll(settings, text, "the connection string");
  const service = text.get("service") ?? environment["PGSERVICE"];
  if (service !== undefined && service !== "") {
    const found = findService({
      name: service,
      file: text.get("servicefile") ?? (environment["PGSERVICEFILE"] || undefined),
      environment,
      homeDirectory: input.homeDirectory,
    });
    addAll(settings, found.values, `service \`${service}\` in ${found.file}`);
  }
  for (const [name, { variable }] of keywords) {
    if (variable === undefined || settings.has(name)) continue;
    const value = environment[variable];
    if (value !== undefined) settings.set(name, { value, origin: variable });
  }
  // Older than PGSSLMODE and weaker; only the digit 1 counts.
  if (!settings.has("sslmode") && environment["PGREQUIRESSL"]?.startsWith("1")) {
    settings.set("sslmode", { value: "require", origin: "PGREQUIRESSL" });
  }
  for (const [name, setting] of settings) refuseUnsupported(name, setting);
  return settings;
}

function addAll(settings: Settings, pairs: ReadonlyMap<string, string>, origin: string): void {
  for (const [name, value] of pairs) {
    if (!keywords.has(name)) {
      throw new PgwrightError(
        "connection-invalid",
        `${origin} has the unknown parameter \`${name}\``,
        { hint: hintForUnknown(name) },
      );
    }
    if (!settings.has(name)) settings.set(name, { value, origin });
  }
}

function refuseUnsupported(name: string, { value, origin }: Setting): void {
  const keyword = keywords.get(name);
  if (keyword?.kind !== "refused" || value === "" || keyword.harmless?.includes(value)) return;
  throw new PgwrightError(
    "connection-invalid",
    `\`${name}\` (from ${origin}) asks for something pgwright does not support`,
    { hint: `remove it${keyword.harmless?.length ? `, or use \`${keyword.harmless[0]}\`` : ""}` },
  );
}

// The driver decodes UTF-8 whatever the server sends.
function checkEncoding(setting: Setting | undefined): void {
  const name = (setting?.value ?? "").toLowerCase().replace(/[^a-z0-9]/g, "");
  if (["", "auto", "utf8", "unicode"].includes(name)) return;
  throw new PgwrightError(
    "connection-invalid",
    `client_encoding \`${setting?.value}\` (from ${setting?.origin}) is not possible: pgwright speaks UTF8 only`,
    { hint: `remove it; the database itself may have any encoding` },
  );
}

function readStartupSettings(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [variable, setting] of Object.entries(settingVariables)) {
    const value = environment[variable];
    // libpq sends an empty one too, but leaves out the word "default".
    if (value !== undefined && value !== "" && value.toLowerCase() !== "default") {
      found[setting] = value;
    }
  }
  return found;
}

function atLeastOne(seconds: number | undefined): number | undefined {
  return seconds === undefined || seconds < 1 ? undefined : seconds;
}
