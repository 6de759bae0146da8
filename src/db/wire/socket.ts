/** Opens the byte stream to a server: TCP or unix socket, plain or inside TLS. */
import { connect as openSocketTo, isIP, type NetConnectOpts, type Socket } from "node:net";
import { PgwrightError } from "../../errors.ts";
import { isSocketDirectory, type ConnectionOptions, type HostOption } from "../libpq.ts";

/** One address of one host; a host name can resolve to several. */
export interface Address {
  readonly host: HostOption;
  /** An IP address, or the path of a socket. */
  readonly target: string;
  readonly isSocket: boolean;
}

/**
 * The addresses of a host, in the resolver's order.
 *
 * @throws the resolver's error (ENOTFOUND, EAI_AGAIN).
 */
export async function resolveAddresses(host: HostOption): Promise<Address[]> {
  if (host.hostaddr !== undefined) return [{ host, target: host.hostaddr, isSocket: false }];
  if (isSocketDirectory(host.host)) {
    // "@" is libpq's spelling of Linux's abstract namespace, whose names begin with a NUL byte.
    const directory = host.host.startsWith("@") ? `\0${host.host.slice(1)}` : host.host;
    return [{ host, target: `${directory}/.s.PGSQL.${host.port}`, isSocket: true }];
  }
  if (isIP(host.host) !== 0) return [{ host, target: host.host, isSocket: false }];
  const { lookup } = await import("node:dns/promises");
  const found = await lookup(host.host, { all: true, order: "verbatim" });
  return found.map(({ address }) => ({ host, target: address, isSocket: false }));
}

/** How the bytes travel. `prefers` takes TLS only if the server has it. */
export type Encryption = "plain" | "prefers" | "encrypted";

// SSLRequest: length 8, code 80877103.
const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

export interface Transport {
  readonly socket: Socket;
  readonly isEncrypted: boolean;
}

/**
 * Opens a connection and does the TLS handshake. Once `signal` is aborted the socket is destroyed
 * with its reason, here and for as long as the caller has not released it.
 *
 * @throws Node's network and TLS errors; PgwrightError `tls-failed`.
 */
export async function openTransport(
  address: Address,
  encryption: Encryption,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<Transport> {
  const socket = await openSocket(address, options, signal);
  try {
    if (address.isSocket || encryption === "plain") return { socket, isEncrypted: false };
    if (options.tls.negotiation === "postgres") {
      const answer = await ask(socket);
      if (answer === "N" && encryption === "prefers") return { socket, isEncrypted: false };
      if (answer !== "S") throw refusal(answer);
    }
    const { encrypt } = await import("./tls.ts");
    return { socket: await encrypt(socket, address.host, options.tls, signal), isEncrypted: true };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function openSocket(
  { target, isSocket, host }: Address,
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const where: NetConnectOpts = isSocket
    ? { path: target }
    : { host: target, port: host.port, noDelay: true };
  const socket = openSocketTo(where);
  destroyOnAbort(socket, signal);
  // Between two steps nobody listens, and an error without a listener would end the process.
  socket.on("error", () => {});
  await settled(socket, "connect");
  if (options.keepaliveIdle !== undefined) socket.setKeepAlive(true, options.keepaliveIdle * 1000);
  return socket;
}

/** Ties a socket to a signal until `release` is called or the socket has closed. */
export function destroyOnAbort(socket: Socket, signal: AbortSignal): void {
  const destroy = () => socket.destroy(signal.reason as Error);
  signal.addEventListener("abort", destroy, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", destroy));
}

/** Waits for an event, or throws what broke the socket. */
export function settled(socket: Socket, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) {
      reject(socket.errored ?? closedEarly());
      return;
    }
    const done = () => {
      forget();
      resolve();
    };
    const fail = (error: Error) => {
      forget();
      reject(error);
    };
    const close = () => fail(socket.errored ?? closedEarly());
    const forget = () => {
      socket.off(event, done).off("error", fail).off("close", close).off("end", close);
    };
    socket.on(event, done).on("error", fail).on("close", close).on("end", close);
  });
}

/** The next bytes the peer sent. */
export async function readChunk(socket: Socket): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read() as Buffer | null;
    if (chunk !== null) return chunk;
    await settled(socket, "readable");
  }
}

/** The peer closed where it should have answered: a server that is starting or shutting down, or a proxy. */
function closedEarly(): Error {
  return Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" });
}

async function ask(socket: Socket): Promise<string> {
  socket.write(sslRequest);
  const answer = await readChunk(socket);
  // CVE-2021-23222: bytes that arrive before the handshake could be injected by someone between.
  if (answer.length > 1 && answer[0] === 0x53) {
    throw new PgwrightError("tls-failed", "unencrypted data arrived after the server accepted TLS");
  }
  return String.fromCharCode(answer[0] ?? 0);
}

/** Something else listens there. */
export function notPostgres(): PgwrightError {
  return new PgwrightError("connection-failed", "what answers there is not PostgreSQL", {
    hint: "correct the port: a web server, a proxy or another service listens there",
  });
}

function refusal(answer: string): PgwrightError {
  switch (answer) {
    case "N":
      return new PgwrightError("tls-failed", "the server does not offer TLS", {
        hint: "turn on `ssl` on the server; sslmode=prefer would connect without encryption",
      });
    case "E":
      // What the server says before it is authenticated is not to be trusted or shown (CVE-2024-10977).
      return new PgwrightError("connection-failed", "the server failed while TLS was negotiated");
    default:
      return notPostgres();
  }
}
