/** The settings under which migrations run, as SQL around their statements. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import { sessionSettingNames } from "./session-setting.ts";

export interface FrameOptions {
  /** Role the statements run as. */
  readonly role: string | undefined;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

export interface Frame {
  /** Statements that begin every transaction. */
  readonly transaction: readonly string[];
  /** Statements that end a transaction of these statements, before COMMIT. */
  closing(statements: readonly Statement[]): readonly string[];
  /** Statements that begin work outside a transaction, in the session. */
  lone(isConcurrent: boolean): readonly string[];
  /** Statements that end it. */
  readonly loneEnd: readonly string[];
}

/** Lets the server cancel what it runs within a second after this process was killed. */
export const watchClientSql = "set client_connection_check_interval = '1s'";

/**
 * The frame of a direct session. Whatever a file before it left behind is reset: RESET ALL brings
 * back what the connection was opened with, RESET ROLE the role. `watchesClient` is false where the
 * server cannot notice that this process is gone.
 */
export function directFrame(options: FrameOptions, watchesClient: boolean): Frame {
  const { role } = options;
  const begin = ["reset role", "reset all", ...(watchesClient ? [watchClientSql] : [])];
  return {
    transaction: [...begin, ...localSettings(options)],
    closing: () => [],
    lone: (isConcurrent) => [
      ...begin,
      ...(role === undefined ? [] : [`set role ${ident(role)}`]),
      // An owner under FORCE ROW LEVEL SECURITY would otherwise see no rows, in silence.
      "set row_security = off",
      // The concurrent forms block nobody while they wait, and a timeout would leave an invalid
      // index or a pending detach behind.
      `set lock_timeout = ${isConcurrent ? 0 : options.lockTimeoutMs}`,
      `set statement_timeout = ${options.statementTimeoutMs}`,
    ],
    loneEnd: ["reset role", "reset all"],
  };
}

/**
 * The frame behind a transaction pooler, where nothing may outlive the transaction: the next
 * client gets the same server session. `key` is an advisory lock that each transaction takes
 * itself: the lock of the run is held on another connection, so a killed predecessor's last
 * transaction may still be at work.
 */
export function pooledFrame(options: FrameOptions, key: string): Frame {
  return {
    transaction: [
      ...localSettings(options),
      `do 'begin perform pg_advisory_xact_lock(${key}); end'`,
    ],
    closing: (statements) =>
      sessionSettingNames(statements).map(
        (name) => `reset ${name.split(".").map(ident).join(".")}`,
      ),
    lone: () => [],
    loneEnd: [],
  };
}

function localSettings(options: FrameOptions): string[] {
  return [
    ...(options.role === undefined ? [] : [`set local role ${ident(options.role)}`]),
    "set local row_security = off",
    `set local lock_timeout = ${options.lockTimeoutMs}`,
    `set local statement_timeout = ${options.statementTimeoutMs}`,
    "set local idle_in_transaction_session_timeout = '60s'",
  ];
}
