import type postgres from "postgres";
import { breathing } from "./breathing.ts";
import { PgwrightError } from "../errors.ts";
import { type CopyQuery, startCopy } from "./copy-in.ts";
import type { Wire } from "./wire/copy.ts";

/** What is known of the server after connecting. */
export interface ServerInfo {
  /** 150018, as `server_version_num`. */
  readonly versionNumber: number;
  /** "18.4", as shown to people. */
  readonly version: string;
  readonly database: string;
  /** `current_user` right after connecting. */
  readonly role: string;
  /** Host name, address or socket directory this session really uses. */
  readonly host: string;
  readonly port: number;
  /** `pg_backend_pid()`. */
  readonly pid: number;
  /**
   * A transaction pooler stands between: the pid of the protocol's key message is not the pid of
   * the backend. PgBouncer makes up its own key (measured with 1.18).
   */
  readonly isPooled: boolean;
  /** `pg_is_in_recovery()`. */
  readonly isStandby: boolean;
  readonly isSuperuser: boolean;
  readonly isEncrypted: boolean;
}

/** An error as the server sent it. */
export interface PostgresError extends Error {
  /** SQLSTATE. */
  readonly code: string;
  readonly severity: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly where?: string;
  /** 1-based, in characters (not bytes) of the text that was sent. */
  readonly position?: string;
  readonly internal_position?: string;
  readonly internal_query?: string;
  readonly schema_name?: string;
  readonly table_name?: string;
  readonly column_name?: string;
  readonly constraint_name?: string;
  readonly routine?: string;
}

/** True for an error that the server raised, as opposed to one of the connection. */
export function isPostgresError(error: unknown): error is PostgresError {
  return error instanceof Error && error.name === "PostgresError";
}

/** True when `error` came from the server with one of these SQLSTATEs. */
export function hasSqlState(error: unknown, ...states: readonly string[]): boolean {
  return isPostgresError(error) && states.includes(error.code);
}

/** A value that can be bound to `$1`. Anything richer is sent as text with a cast in the SQL. */
export type Parameter = string | number | boolean | null;

/** A row of a result. Arrays must be selected as JSON (`to_json(…)`): the driver knows no array types here. */
export type Row = Record<string, unknown>;

/**
 * One connection to one backend, for work that spans statements.
 *
 * It never reconnects: postgres.js on its own would run the rest of a transaction in autocommit on
 * a new backend after the first one was terminated (seen on 15 and 18), so the client is opened
 * with `max: 1`, `max_lifetime: null` and `idle_timeout: 0`, and once the connection has closed
 * every further statement is refused here with `connection-lost`.
 *
 * One statement at a time: a second call while one is running is a bug and throws.
 */
export class Session implements AsyncDisposable {
  readonly server: ServerInfo;
  readonly #sql: postgres.Sql;
  readonly #state: SessionState;
  readonly #wire: Wire;
  readonly #signal: AbortSignal | undefined;
  readonly #breathe: () => Promise<void> | undefined;
  /** Cancels the statement that runs now. */
  #cancel: (() => void) | undefined;

  /** @internal The driver's types are not among those a user of the package has. */
  constructor(
    sql: postgres.Sql,
    state: SessionState,
    server: ServerInfo,
    wire: Wire,
    signal: AbortSignal | undefined,
  ) {
    this.#sql = sql;
    this.#state = state;
    this.#wire = wire;
    this.server = server;
    this.#signal = signal;
    this.#breathe = breathing(signal);
  }

  /**
   * For long work between statements, during which no signal would come through: to be waited for
   * where it is something, which it is ten times a second.
   *
   * @throws the reason of the signal that has ended the work.
   */
  breathe(): Promise<void> | undefined {
    return this.#breathe();
  }

  /**
   * A destroyed socket counts before it has closed: a statement that the driver gets between the
   * socket's `error` and its `close` is never answered (postgres.js 3.4.9).
   */
  get isDead(): boolean {
    return this.#state.isDead || this.#wire.socket.destroyed;
  }

  /**
   * Runs one statement with bound parameters and returns its rows.
   *
   * Prepared statements are never kept, so it works behind any pooler.
   *
   * @throws PostgresError as the server sent it; PgwrightError `connection-lost`, `interrupted`.
   */
  async query<T extends object = Row>(
    text: string,
    parameters: readonly Parameter[] = [],
  ): Promise<T[]> {
    return this.#run(this.#signal, () =>
      this.#sql.unsafe<T[]>(text, [...parameters], { prepare: false }),
    );
  }

  /** Runs one statement; how many rows it inserted, changed, deleted or found. */
  async execute(text: string): Promise<number> {
    const rows = await this.#run(this.#signal, () =>
      this.#sql.unsafe(text, [], { prepare: false }),
    );
    return rows.count;
  }

  /** Like `query`, for statements that return exactly one row. */
  async one<T extends object = Row>(
    text: string,
    parameters: readonly Parameter[] = [],
  ): Promise<T> {
    const rows = await this.query<T>(text, parameters);
    const row = rows[0];
    if (row === undefined || rows.length > 1) {
      throw new PgwrightError("internal", `expected one row, got ${rows.length}: ${text}`);
    }
    return row;
  }

  /**
   * Sends a text of one or more statements as a single message of the simple protocol. The server
   * parses the whole text first and stops at the first error; without BEGIN in it, the text is one
   * implicit transaction. Rows are handed to `onRow` as they arrive and are not kept.
   */
  async script(text: string, onRow: (row: Row) => void = () => {}): Promise<void> {
    await this.#run(this.#signal, () => {
      const query = this.#sql.unsafe(text).simple();
      // forEach() registers the listener and returns the query itself, typed as a bare promise.
      void query.forEach(onRow);
      return query as unknown as PromiseLike<void> & { cancel(): void };
    });
  }

  /**
   * Runs `COPY … FROM STDIN` and sends it these pieces of data, which are asked for no faster than
   * the server takes them.
   *
   * @throws PostgresError as the server sent it; PgwrightError `connection-lost`, `interrupted`.
   */
  async copyIn(statement: string, pieces: Iterable<Buffer>): Promise<number> {
    return await this.#run(this.#signal, () => {
      const query = this.#sql.unsafe(statement);
      const copy = startCopy(query as unknown as CopyQuery, pieces, this.#signal);
      return Object.assign(copy, { cancel: () => query.cancel() });
    });
  }

  /**
   * Lends the bare socket for one COPY, see copy-pipe.ts. The work must not reject, and leaves the
   * socket ready for the next query, or destroyed.
   *
   * @internal
   * @throws PgwrightError `connection-lost`, `interrupted`.
   */
  async lend<T>(work: (wire: Wire) => Promise<T>): Promise<T> {
    const wire = this.#wire;
    const result = await this.#run(this.#signal, () =>
      Object.assign(work(wire), { cancel: () => void wire.cancel() }),
    );
    if (this.#signal?.aborted) throw new PgwrightError("interrupted", "interrupted");
    return result;
  }

  /**
   * A statement that cleans up (ROLLBACK, unlock), or looks at what is left, and so runs even after
   * an interrupt; gives back its rows. It must be
   * one that may run twice: a cancel request that comes too late for its own statement hits this.
   */
  async settle<T extends object = Row>(text: string): Promise<T[]> {
    const run = () => this.#run(undefined, () => this.#sql.unsafe<T[]>(text).simple());
    try {
      return await run();
    } catch (error) {
      if (!hasSqlState(error, "57014")) throw error;
      return await run();
    }
  }

  /** Cancels the statement that runs now, if any; its promise rejects with SQLSTATE 57014. */
  cancelRunning(): void {
    this.#cancel?.();
  }

  /** Listens for NOTICE and WARNING messages until the returned function is called. */
  onNotice(listener: (notice: Notice) => void): () => void {
    this.#state.noticeListeners.add(listener);
    return () => this.#state.noticeListeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The driver waits for the answer of a statement that the lost connection has taken along.
    await this.#sql.end({ timeout: this.isDead ? 0 : 2 });
  }

  async #run<T>(
    signal: AbortSignal | undefined,
    start: () => PromiseLike<T> & { cancel(): void },
  ): Promise<T> {
    if (this.isDead) throw this.#lost(this.#wire.socket.errored);
    if (signal?.aborted) throw new PgwrightError("interrupted", "interrupted");
    if (this.#cancel) throw new PgwrightError("internal", "two statements on one session at once");
    const query = start();
    const cancel = () => query.cancel();
    this.#cancel = cancel;
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await query;
    } catch (error) {
      // A FATAL error (57P01 admin shutdown, 57P05 idle timeout) arrives just before the socket closes.
      const isLost = !isPostgresError(error) || isFatal(error);
      if (isLost) this.#state.isDead = true;
      // The connection is broken off when a cancel request cannot be delivered.
      if (signal?.aborted && (isLost || error.code === "57014")) {
        throw new PgwrightError("interrupted", "interrupted", { cause: error });
      }
      throw isLost ? this.#lost(error) : error;
    } finally {
      this.#cancel = undefined;
      signal?.removeEventListener("abort", cancel);
    }
  }

  #lost(cause: unknown): PgwrightError {
    const why = isPostgresError(cause) ? `: ${cause.message}` : "";
    return new PgwrightError(
      "connection-lost",
      `the connection to \`${this.server.database}\` on ${this.server.host} was lost${why}`,
      { cause, sqlstate: isPostgresError(cause) ? cause.code : undefined },
    );
  }
}

function isFatal(error: PostgresError): boolean {
  return error.severity === "FATAL" || error.severity === "PANIC";
}

export interface Notice {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
}

/** Shared between the driver's callbacks and the session. */
export interface SessionState {
  isDead: boolean;
  readonly noticeListeners: Set<(notice: Notice) => void>;
}
