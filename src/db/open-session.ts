/** Puts the driver on a started backend and asks it the one question every session begins with. */
import type postgres from "postgres";
import { PgwrightError } from "../errors.ts";
import type { Backend } from "./wire/backend.ts";
import { cancelRequest, replayGreeting, standIn } from "./wire/handover.ts";
import serverInfo from "./server-info.sql";
import { Session, type Notice, type ServerInfo, type SessionState } from "./session.ts";

type InfoRow = Omit<ServerInfo, "host" | "port" | "isPooled" | "isEncrypted"> & {
  readonly isReadOnly: boolean;
};

export interface OpenedSession {
  readonly session: Session;
  /** New transactions cannot write: a standby, or default_transaction_read_only. */
  readonly isReadOnly: boolean;
}

const oldestSupported = 15;

/** @throws PostgresError; PgwrightError `server-unsupported`. */
export async function openSession(
  backend: Backend,
  driver: typeof postgres,
  { database, signal }: { database: string; signal?: AbortSignal | undefined },
): Promise<OpenedSession> {
  const { address, parameters } = backend;
  const version = parameters.get("server_version") ?? "";
  if (Number.parseInt(version, 10) < oldestSupported) {
    backend.socket.destroy();
    throw new PgwrightError(
      "server-unsupported",
      `it runs PostgreSQL ${version}, and pgwright needs ${oldestSupported} or newer`,
    );
  }
  const state: SessionState = { isDead: false, noticeListeners: new Set() };
  let main: Backend["socket"] | undefined = backend.socket;
  // Every option is named, because the driver reads PG* variables for those that are not.
  const sql = driver({
    host: [address.host.host],
    port: [address.host.port],
    database,
    // Unused, as the session has started already.
    user: "pgwright",
    pass: () => "",
    ssl: false,
    sslnegotiation: null,
    max: 1,
    max_lifetime: null,
    max_pipeline: 100,
    idle_timeout: 0,
    connect_timeout: 0,
    keep_alive: 0,
    backoff: false,
    prepare: false,
    fetch_types: false,
    debug: false,
    publications: "",
    // Null would make it read PGTARGETSESSIONATTRS; the replayed greeting always says "primary".
    target_session_attrs: "primary",
    connection: { application_name: "" },
    socket: () => {
      const socket = main;
      main = undefined;
      return socket === undefined || socket.destroyed
        ? standIn(backend.cancel)
        : replayGreeting(socket, backend.greeting);
    },
    onnotice: (notice: unknown) => {
      for (const listener of state.noticeListeners) listener(notice as Notice);
    },
    onclose: () => {
      state.isDead = true;
    },
    // The driver's types know neither `socket` nor null in half of these.
  } as object);
  try {
    const rows = await sql.unsafe<InfoRow[]>(serverInfo);
    const row = rows[0];
    if (row === undefined) throw new PgwrightError("internal", "server-info.sql returned no row");
    const { isReadOnly, ...info } = row;
    const server: ServerInfo = {
      ...info,
      host: address.host.host || address.target,
      port: address.host.port,
      isPooled: rows.state.pid !== info.pid,
      isEncrypted: backend.isEncrypted,
    };
    const wire = { socket: backend.socket, cancel: () => backend.cancel(cancelRequest(backend)) };
    return { session: new Session(sql, state, server, wire, signal), isReadOnly };
  } catch (error) {
    backend.socket.destroy();
    throw error;
  }
}
