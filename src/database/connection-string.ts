import type { ConnectionOptions } from "../db/libpq.ts";

/**
 * A connection as libpq's parameters: what a URL or the PG* variables of another program must say
 * so that it connects as we do. Defaults are left out.
 *
 * The password is there when it is the same for all hosts; where a password file has several,
 * the other program reads that file itself.
 */
export function connectionParameters(options: ConnectionOptions): Map<string, string> {
  const { hosts, tls } = options;
  const passwords = new Set(hosts.map((host) => options.password(host, options.database)?.text));
  const [password] = passwords;
  const found: [string, string | number | undefined][] = [
    ["host", hosts.map(({ host }) => host).join(",")],
    [
      "hostaddr",
      hosts.some((one) => one.hostaddr) ? hosts.map((one) => one.hostaddr ?? "").join(",") : "",
    ],
    ["port", hosts.map(({ port }) => port).join(",")],
    ["user", options.user],
    ["dbname", options.database],
    ["password", passwords.size === 1 ? password : undefined],
    ["sslmode", tls.mode === "prefer" ? undefined : tls.mode],
    ["sslnegotiation", tls.negotiation === "postgres" ? undefined : tls.negotiation],
    ["sslrootcert", tls.rootCertificate],
    ["sslcert", tls.certificate],
    ["sslkey", tls.key],
    ["sslpassword", tls.keyPassword()],
    ["sslcrl", tls.revocationFile],
    ["sslcrldir", tls.revocationDirectory],
    ["sslsni", tls.sendsServerName ? undefined : 0],
    ["ssl_min_protocol_version", tls.minimumVersion === "TLSv1.2" ? undefined : tls.minimumVersion],
    ["ssl_max_protocol_version", tls.maximumVersion],
    ["channel_binding", options.channelBinding === "prefer" ? undefined : options.channelBinding],
    ["require_auth", options.allowedMethods && [...options.allowedMethods].join(",")],
    ["connect_timeout", options.connectTimeout],
    ["target_session_attrs", options.targetSession === "any" ? undefined : options.targetSession],
    ["load_balance_hosts", options.balancesHosts ? "random" : undefined],
    ["options", options.options],
    ["application_name", options.applicationName],
    ["keepalives", options.keepaliveIdle === undefined ? 0 : undefined],
    ["keepalives_idle", options.keepaliveIdle || undefined],
  ];
  return new Map(
    found.flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, String(value)]],
    ),
  );
}

/** A connection as one URL, password included: `postgresql://app:secret@db:5432/shop?sslmode=require`. */
export function formatUrl(options: ConnectionOptions): string {
  const parameters = connectionParameters(options);
  const take = (name: string) => {
    const value = parameters.get(name) ?? "";
    parameters.delete(name);
    return value;
  };
  const ports = take("port").split(",");
  const hosts = take("host")
    .split(",")
    .map((host, index) => `${encodeHost(host)}:${ports[index]}`);
  const [user, password, database] = [take("user"), take("password"), take("dbname")];
  const login = `${encode(user)}${password === "" ? "" : `:${encode(password)}`}`;
  const query = [...parameters].map(([name, value]) => `${name}=${encode(value)}`).join("&");
  return `postgresql://${login}@${hosts.join(",")}/${encode(database)}${query === "" ? "" : `?${query}`}`;
}

// libpq decodes %xx and nothing else: a plus sign stays one.
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll("'", "%27");
}

function encodeHost(host: string): string {
  return host.includes(":") ? `[${host}]` : encode(host);
}
