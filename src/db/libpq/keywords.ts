/** Every connection keyword libpq 18 knows, with its environment variable and what we make of it. */

export interface Keyword {
  /** The variable that supplies the value when neither the connection string nor a service does. */
  readonly variable?: string;
  /**
   * `used`: means here what it means in libpq. `ignored`: cannot change what the session does
   * (libpq's own plumbing, or tuning that Node cannot set). `refused`: leaving it out would
   * silently drop a check or a behaviour that was asked for.
   */
  readonly kind: "used" | "ignored" | "refused";
  /** The value is a secret and never part of a message. */
  readonly isSecret?: true;
  /** Values of a refused keyword that ask for nothing. */
  readonly harmless?: readonly string[];
}

const used = (variable?: string): Keyword =>
  variable === undefined ? { kind: "used" } : { kind: "used", variable };
const secret = (variable?: string): Keyword => ({ ...used(variable), isSecret: true });
const ignored = (variable?: string): Keyword => ({ ...used(variable), kind: "ignored" });
const refused = (variable: string | undefined, ...harmless: string[]): Keyword => ({
  ...used(variable),
  kind: "refused",
  harmless,
});

export const keywords: ReadonlyMap<string, Keyword> = new Map(
  Object.entries({
    service: used("PGSERVICE"),
    // As a parameter new in libpq 19, as a variable old.
    servicefile: used("PGSERVICEFILE"),
    host: used("PGHOST"),
    hostaddr: used("PGHOSTADDR"),
    port: used("PGPORT"),
    dbname: used("PGDATABASE"),
    user: used("PGUSER"),
    password: secret("PGPASSWORD"),
    passfile: used("PGPASSFILE"),
    connect_timeout: used("PGCONNECT_TIMEOUT"),
    target_session_attrs: used("PGTARGETSESSIONATTRS"),
    load_balance_hosts: used("PGLOADBALANCEHOSTS"),
    options: used("PGOPTIONS"),
    application_name: used("PGAPPNAME"),
    client_encoding: used("PGCLIENTENCODING"),
    keepalives: used(),
    keepalives_idle: used(),
    sslmode: used("PGSSLMODE"),
    sslnegotiation: used("PGSSLNEGOTIATION"),
    sslcert: used("PGSSLCERT"),
    sslkey: used("PGSSLKEY"),
    sslpassword: secret(),
    sslcertmode: used("PGSSLCERTMODE"),
    sslrootcert: used("PGSSLROOTCERT"),
    sslcrl: used("PGSSLCRL"),
    sslcrldir: used("PGSSLCRLDIR"),
    sslsni: used("PGSSLSNI"),
    ssl_min_protocol_version: used("PGSSLMINPROTOCOLVERSION"),
    ssl_max_protocol_version: used("PGSSLMAXPROTOCOLVERSION"),
    channel_binding: used("PGCHANNELBINDING"),
    require_auth: used("PGREQUIREAUTH"),

    // The program's own name stands in for it.
    fallback_application_name: ignored(),
    // Node can set the idle time only; these change when a dead peer is noticed, nothing else.
    keepalives_interval: ignored(),
    keepalives_count: ignored(),
    tcp_user_timeout: ignored(),
    // Removed from PostgreSQL 14; libpq accepts and ignores it too.
    sslcompression: ignored("PGSSLCOMPRESSION"),
    // They matter only with GSSAPI, which `gssencmode` below rules out.
    krbsrvname: ignored("PGKRBSRVNAME"),
    gsslib: ignored("PGGSSLIB"),
    gssdelegation: ignored("PGGSSDELEGATION"),
    // They matter only where the server asks for OAuth, and that is refused then.
    oauth_issuer: ignored(),
    oauth_client_id: ignored(),
    oauth_client_secret: { ...ignored(), isSecret: true },
    oauth_scope: ignored(),
    // We speak protocol 3.0, which every server has.
    max_protocol_version: ignored("PGMAXPROTOCOLVERSION"),

    min_protocol_version: refused("PGMINPROTOCOLVERSION", "3.0"),
    gssencmode: refused("PGGSSENCMODE", "disable", "prefer"),
    requirepeer: refused("PGREQUIREPEER"),
    replication: refused(undefined, "false", "off", "no", "0"),
    scram_client_key: { ...refused(undefined), isSecret: true },
    scram_server_key: { ...refused(undefined), isSecret: true },
    sslkeylogfile: refused(undefined),
  } satisfies Record<string, Keyword>),
);

/** Variables that libpq turns into server settings of the session, each with the setting's name. */
export const settingVariables = {
  PGDATESTYLE: "datestyle",
  PGTZ: "timezone",
  PGGEQO: "geqo",
} as const;

const foreign: ReadonlyMap<string, string> = new Map(
  Object.entries({
    schema: "Prisma",
    connection_limit: "Prisma",
    pool_timeout: "Prisma",
    socket_timeout: "Prisma",
    pgbouncer: "Prisma",
    statement_cache_size: "Prisma",
    sslaccept: "Prisma",
    sslidentity: "Prisma",
    currentSchema: "JDBC",
    ApplicationName: "JDBC",
    loginTimeout: "JDBC",
    stringtype: "JDBC",
    pool: "Rails",
    encoding: "Rails",
    prepared_statements: "Rails",
    uselibpqcompat: "node-postgres",
    search_path: "",
    statement_timeout: "",
    lock_timeout: "",
  }),
);

/** What to do about a keyword that is not libpq's. */
export function hintForUnknown(name: string): string {
  if (["schema", "currentSchema", "search_path"].includes(name)) {
    return `${ownerOf(name)}; PostgreSQL takes it as options=-c%20search_path%3D<schema>, or remove it`;
  }
  const owner = foreign.get(name);
  if (owner === "") {
    return `a server setting goes into options: options=-c%20${name}%3D<value>`;
  }
  if (owner !== undefined) return `${ownerOf(name)}; remove it from this connection string`;
  const lower = name.toLowerCase();
  if (keywords.has(lower)) return `it is spelled \`${lower}\``;
  const plain = lower.replaceAll("_", "");
  const near = [...keywords.keys()].find((known) => known.replaceAll("_", "") === plain);
  if (near !== undefined) return `it is spelled \`${near}\``;
  return "connection parameters are those of libpq; server settings go into `options`";
}

function ownerOf(name: string): string {
  const owner = foreign.get(name);
  return owner ? `\`${name}\` belongs to ${owner}` : `\`${name}\` is a server setting`;
}
