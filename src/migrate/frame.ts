/** The settings under which migrations run, as SQL around their statements. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { hasSqlState } from "../db/session.ts";
import { cleanSession, leaveNothing } from "./end-of-file.ts";
import { sessionSettingNames } from "./session-setting.ts";

export interface FrameOptions {
  /** Role the statements run as. */
  readonly role: string | undefined;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

export interface Frame {
  /** Statements that begin a file, before anything else. */
  readonly opening: readonly string[];
  /** Statements that begin every transaction. */
  readonly transaction: readonly string[];
  /** Statements that end a transaction of these statements, before COMMIT. */
  closing(statements: readonly Statement[]): readonly string[];
  /** Statements that end the last transaction of a file of these statements, before COMMIT. */
  leaving(statements: readonly Statement[]): readonly string[];
  /** Statements that begin work outside a transaction, in the session. */
  lone(isConcurrent: boolean): readonly string[];
  /** Statements that end it. */
  readonly loneEnd: readonly string[];
}

/** What the server at the other end can do. */
export interface FrameServer {
  /** It notices when its client is gone. */
  readonly watchesClient: boolean;
  readonly versionNumber: number;
}

/** Lets the server cancel what it runs within a second after this process was killed. */
const watchClientSql = "client_connection_check_interval = '1s'";

/**
 * Finds out what the server can do. Where it cannot notice that a client is gone, an orphaned index
 * build goes on to its end, holding the lock.
 */
export async function probeServer(session: Session): Promise<FrameServer> {
  const { versionNumber } = session.server;
  try {
    await session.script(`begin;\nset local ${watchClientSql};\nrollback`);
    return { versionNumber, watchesClient: true };
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    // 22023: the server's platform cannot watch sockets (Windows). The lock still protects the work.
    if (hasSqlState(error, "22023")) return { versionNumber, watchesClient: false };
    throw error;
  }
}

/** The server of a dry run, which is asked nothing that is not needed to print. */
export function dryServer({ server }: Session): FrameServer {
  return { versionNumber: server.versionNumber, watchesClient: true };
}

/**
 * The frame of a direct session. Whatever a file before it left behind is reset: RESET ALL brings
 * back what the connection was opened with, RESET ROLE the role.
 */
export function directFrame(options: FrameOptions, server: FrameServer): Frame {
  const { role } = options;
  const base = [
    "reset role",
    "reset all",
    ...(server.watchesClient ? [`set ${watchClientSql}`] : []),
    // Between two tries the session is idle for up to a minute, and holds the migration lock.
    "set idle_session_timeout = 0",
  ];
  return {
    opening: cleanSession,
    transaction: [...base, ...localSettings(options, server)],
    closing: () => [],
    leaving: () => [],
    lone: (isConcurrent) => [
      ...base,
      ...(role === undefined ? [] : [`set role ${ident(role)}`]),
      // An owner under FORCE ROW LEVEL SECURITY would otherwise see no rows, in silence.
      "set row_security = off",
      // The concurrent forms block nobody while they wait, and a timeout would leave an invalid
      // index or a pending detach behind.
      `set lock_timeout = ${isConcurrent ? 0 : options.lockTimeoutMs}`,
      `set statement_timeout = ${options.statementTimeoutMs}`,
      ...liftTransactionTimeout(server, "set"),
    ],
    loneEnd: base,
  };
}

/**
 * The frame behind a transaction pooler, where nothing may outlive the transaction: the next
 * client gets the same server session. `key` is an advisory lock that each transaction takes
 * itself: the lock of the run is held on another connection, so a killed predecessor's last
 * transaction may still be at work.
 */
export function pooledFrame(options: FrameOptions, server: FrameServer, key: string): Frame {
  return {
    opening: [],
    transaction: [
      // The pooler closes the server's connection when a client vanishes in its transaction.
      ...(server.watchesClient ? [`set local ${watchClientSql}`] : []),
      ...localSettings(options, server),
      `do 'begin perform pg_advisory_xact_lock(${key}); end'`,
    ],
    closing: (statements) =>
      sessionSettingNames(statements).map(
        (name) => `reset ${name.split(".").map(ident).join(".")}`,
      ),
    leaving: leaveNothing,
    lone: () => [],
    loneEnd: [],
  };
}

function localSettings(options: FrameOptions, server: FrameServer): string[] {
  return [
    ...(options.role === undefined ? [] : [`set local role ${ident(options.role)}`]),
    "set local row_security = off",
    `set local lock_timeout = ${options.lockTimeoutMs}`,
    `set local statement_timeout = ${options.statementTimeoutMs}`,
    "set local idle_in_transaction_session_timeout = '60s'",
    ...liftTransactionTimeout(server, "set local"),
  ];
}

/** A role's transaction_timeout, known since 17, would break off a long migration. */
function liftTransactionTimeout(
  { versionNumber }: FrameServer,
  set: "set" | "set local",
): string[] {
  return versionNumber >= 170000 ? [`${set} transaction_timeout = 0`] : [];
}
