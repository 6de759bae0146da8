/** Says in one sentence why a connection was not made, and whether another try makes sense. */
import { PgwrightError, type ErrorCode } from "../errors.ts";
import { isTlsFailure } from "./wire/backend.ts";
import { describeHost, type ConnectionOptions, type HostOption } from "./libpq.ts";
import { isPostgresError, type PostgresError } from "./session.ts";
import { explainTls } from "./wire/tls-failure.ts";

/** One try that failed. */
export interface Failure {
  readonly host: HostOption;
  readonly code: ErrorCode;
  /** Follows "cannot connect to …: ". */
  readonly what: string;
  readonly hint?: string | undefined;
  readonly sqlstate?: string | undefined;
  readonly cause: unknown;
  /** It may go away by itself while a server starts: what `--wait` waits for. */
  readonly isTransient: boolean;
  /** Another host of the list may do better. */
  readonly triesNext: boolean;
}

type Explanation = Omit<Failure, "host" | "cause">;

/** Turns whatever a try threw into a Failure. */
export function explainFailure(
  error: unknown,
  host: HostOption,
  options: ConnectionOptions,
  database: string,
): Failure {
  return { host, cause: error, ...explain(error, host, options, database) };
}

function explain(
  error: unknown,
  host: HostOption,
  options: ConnectionOptions,
  database: string,
): Explanation {
  if (isPostgresError(error)) return explainServer(error, host, options, database);
  if (error instanceof PgwrightError) {
    const { code, message, details } = error;
    const triesNext = code === "connection-failed";
    return { code, what: message, hint: details.hint, isTransient: false, triesNext };
  }
  if (isTlsFailure(error)) {
    return { ...explainTls(error as Error, options), isTransient: false, triesNext: false };
  }
  return explainNetwork(error as NodeJS.ErrnoException, host);
}

const waitHint = "start the server or correct host and port; `--wait 30` waits for one that starts";

function explainNetwork(error: NodeJS.ErrnoException, host: HostOption): Explanation {
  const later = { code: "connection-failed", isTransient: true, triesNext: true } as const;
  switch (error.code) {
    case "ECONNREFUSED":
      return { ...later, what: "nothing listens there", hint: waitHint };
    case "ENOENT":
      return { ...later, what: "there is no such socket", hint: waitHint };
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NODATA":
      return {
        ...later,
        what: `the name ${host.host} does not resolve`,
        hint: "correct the host name, or `--wait 30` for one that is about to exist",
      };
    case "ECONNRESET":
    case "EPIPE":
      return {
        ...later,
        what: "the connection was closed before the server answered",
        hint: "the server may be starting or stopping, or a proxy has none behind it; `--wait 30` retries",
      };
    case "ETIMEDOUT":
      return {
        ...later,
        what: error.message.startsWith("no answer") ? error.message : "no answer (timed out)",
        hint: "is a firewall between, or the address wrong?",
      };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENETDOWN":
    case "EADDRNOTAVAIL":
      return { ...later, what: `the network does not reach it (${error.code})` };
    case "EACCES":
    case "EPERM":
      return {
        ...later,
        isTransient: false,
        what: "the operating system denies the connection",
        hint: "for a socket, its directory's permissions decide",
      };
    default:
      return { ...later, isTransient: false, what: error.message };
  }
}

function explainServer(
  error: PostgresError,
  host: HostOption,
  options: ConnectionOptions,
  database: string,
): Explanation {
  const stop = { sqlstate: error.code, isTransient: false, triesNext: false } as const;
  const later = { ...stop, isTransient: true, triesNext: true } as const;
  const said = error.detail === undefined ? error.message : `${error.message} (${error.detail})`;
  switch (error.code) {
    case "57P03":
      return { ...later, code: "connection-failed", what: said, hint: "`--wait 30` waits for it" };
    case "57P01":
    case "57P02":
      return { ...later, code: "connection-failed", what: said };
    case "28P01": {
      const password = options.password(host, database);
      const from = password === undefined ? "" : ` (from ${password.origin})`;
      return {
        ...stop,
        code: "authentication-failed",
        what: `the server refused the password of role \`${options.user}\`${from}`,
        hint: "the role may also not exist, or have no password: the server does not tell",
      };
    }
    case "28000":
      return {
        ...stop,
        code: "authentication-failed",
        what: said,
        hint: accessHint(error, options),
      };
    case "3D000":
      return {
        ...stop,
        code: "database-missing",
        what: `the server has no database \`${database}\``,
        hint: "`pgwright db create` creates it",
      };
    case "53300":
      return {
        ...stop,
        code: "connection-failed",
        what: said,
        hint: "close idle connections or raise max_connections (or the role's CONNECTION LIMIT)",
      };
    case "42501":
      return {
        ...stop,
        code: "authentication-failed",
        what: said,
        hint: `an owner of the database must GRANT CONNECT ON DATABASE to \`${options.user}\``,
      };
    default:
      return { ...stop, code: "connection-failed", what: said, hint: error.hint };
  }
}

// The name of the C function that raised it does not depend on the server's language.
function accessHint(error: PostgresError, options: ConnectionOptions): string | undefined {
  if (error.routine === "InitializeSessionUserId") {
    return `an administrator must create the role \`${options.user}\` with LOGIN, or name another one`;
  }
  if (error.routine !== "ClientAuthentication") return error.hint;
  return options.tls.certificate === undefined
    ? "pg_hba.conf must let this role in from here; a line with clientcert or cert needs sslcert and sslkey"
    : "pg_hba.conf must let this role in from here";
}

/** The one error for all tries of a run. */
export function summarize(
  failures: readonly Failure[],
  options: ConnectionOptions,
  database: string,
  waitedMs: number | undefined,
): PgwrightError {
  const last = failures.at(-1);
  if (last === undefined) throw new PgwrightError("internal", "no host was tried");
  const waited = waitedMs === undefined ? "" : `; waited ${(waitedMs / 1000).toFixed(0)} s`;
  const lines = [...new Set(failures.map(({ host, what }) => `${describeHost(host)}: ${what}`))];
  const hosts = new Set(failures.map(({ host }) => describeHost(host)));
  const main = last.triesNext ? mostTelling(failures, last) : last;
  const isAlone = hosts.size === 1 || !last.triesNext;
  const where = isAlone ? ` on ${describeHost(main.host)}` : "";
  const why = isAlone ? main.what : `none of ${hosts.size} hosts can be used`;
  return new PgwrightError(
    main.code,
    `cannot connect to \`${database}\`${where} as ${options.user}: ${why}${waited}`,
    {
      hint: main.hint,
      sqlstate: main.sqlstate,
      cause: main.cause,
      notes: lines.length === 1 ? undefined : lines,
    },
  );
}

/**
 * A host that answered and did not fit says more than one that did not answer, and "nothing listens
 * there" more than the missing IPv6 route to the same host, for which there is no hint.
 */
function mostTelling(failures: readonly Failure[], last: Failure): Failure {
  return (
    failures.find(({ code }) => code !== "connection-failed") ??
    failures.find(({ hint }) => hint !== undefined) ??
    last
  );
}
