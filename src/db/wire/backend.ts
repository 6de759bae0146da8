/** A started session on one address, before the driver has it. */
import type { Socket } from "node:net";
import { describeHost, type ConnectionOptions } from "../libpq.ts";
import { hasSqlState } from "../session.ts";
import { openTransport, type Address, type Encryption } from "./socket.ts";
import { startUp, type Started } from "./startup.ts";

export interface Backend extends Started {
  readonly socket: Socket;
  readonly address: Address;
  readonly isEncrypted: boolean;
  /** Sends a cancel request the way this session was opened. Never rejects. */
  cancel(request: Buffer): Promise<void>;
}

export interface BackendRequest {
  readonly address: Address;
  readonly options: ConnectionOptions;
  readonly database: string;
  readonly applicationName: string;
  /** Aborting destroys the socket, also after the session stands. */
  readonly signal: AbortSignal;
}

/**
 * Opens a session with the encryption that sslmode allows; prefer and allow have two tries.
 *
 * @throws what `openTransport` and `startUp` throw; of two failures the one that says more.
 */
export async function openBackend(request: BackendRequest): Promise<Backend> {
  const [first, second] = planEncryption(request);
  try {
    return await openWith(first, request);
  } catch (error) {
    if (second === undefined || request.signal.aborted || !mayDiffer(error)) throw error;
    try {
      return await openWith(second, request);
    } catch (later) {
      // With TLS the server had a reason; without, it only says "no pg_hba.conf entry".
      throw first === "prefers" && hasSqlState(error, "28P01", "28000") ? error : later;
    }
  }
}

function planEncryption({ address, options }: BackendRequest): [Encryption, Encryption?] {
  // libpq ignores sslmode on unix sockets.
  if (address.isSocket) return ["plain"];
  switch (options.tls.mode) {
    case "disable":
      return ["plain"];
    case "allow":
      return ["plain", "encrypted"];
    case "prefer":
      return ["prefers", "plain"];
    default:
      return ["encrypted"];
  }
}

/**
 * Would the other encryption meet another answer? After a failed handshake, or when no line of
 * pg_hba.conf lets us in this way; not when the server is down, full or still starting.
 */
function mayDiffer(error: unknown): boolean {
  if (hasSqlState(error, "28P01", "28000")) {
    return (error as { isBeforeAuthentication?: boolean }).isBeforeAuthentication === true;
  }
  return isTlsFailure(error);
}

// ERR_SSL and ERR_TLS are errors of the protocol; the others are OpenSSL's results of verifying a
// chain, which Node uses as codes as they are.
const tlsCode =
  /^(tls-failed|ERR_(SSL|TLS)_.*|.*(CERT|CRL).*|UNABLE_TO_.*|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|UNSPECIFIED)$/;

/** True for a failed handshake, whoever gave it up. */
export function isTlsFailure(error: unknown): boolean {
  return error instanceof Error && "code" in error && tlsCode.test(String(error.code));
}

async function openWith(encryption: Encryption, request: BackendRequest): Promise<Backend> {
  const { address, options, database, applicationName, signal } = request;
  const { socket, isEncrypted } = await openTransport(address, encryption, options, signal);
  try {
    const started = await startUp({
      socket,
      host: address.host,
      database,
      options,
      applicationName,
    });
    return {
      ...started,
      socket,
      address,
      isEncrypted,
      cancel: (message) => sendCancel(message, socket, isEncrypted, request),
    };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

// Long for a round trip, short for someone who pressed Ctrl-C.
const cancelTimeoutMs = 5000;

/**
 * Where the request cannot be delivered, the session itself is broken off: an interrupt must not
 * wait for a statement that may run for hours.
 */
async function sendCancel(
  message: Buffer,
  main: Socket,
  isEncrypted: boolean,
  { address, options }: BackendRequest,
): Promise<void> {
  const signal = AbortSignal.timeout(cancelTimeoutMs);
  try {
    const encryption = isEncrypted ? "encrypted" : "plain";
    const { socket } = await openTransport(address, encryption, options, signal);
    // Not end(): a pooler takes a half-closed socket for a client that has left, and drops the
    // request; PgBouncer 1.18.0 itself ends by it. Whoever was asked closes when it has passed it on.
    socket.write(message);
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    signal.throwIfAborted();
  } catch (cause) {
    main.destroy(
      new Error(`the cancel request did not reach ${describeHost(address.host)}`, { cause }),
    );
  }
}
