/** Starts a session on an open socket: startup message, authentication, the server's greeting. */
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { PgwrightError } from "../../errors.ts";
import { chooseScram } from "./channel-binding.ts";
import type { AuthenticationMethod, ConnectionOptions, HostOption } from "../libpq.ts";
import {
  counted,
  passwordMessage,
  readServerError,
  splitTerminated,
  startupMessage,
  takeMessage,
  terminated,
  type Message,
} from "./protocol.ts";
import { startScram, type Scram } from "./scram.ts";
import { notPostgres, readChunk } from "./socket.ts";

export interface StartupRequest {
  readonly socket: Socket;
  readonly host: HostOption;
  readonly database: string;
  readonly options: ConnectionOptions;
  readonly applicationName: string;
}

export interface Started {
  /** The messages from "authentication ok" to "ready for query", for the driver to read again. */
  readonly greeting: readonly Buffer[];
  /** `server_version` and others, as the server reports them unasked. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Sends who we are and answers what the server asks.
 *
 * Done here and not by the driver, which knows neither channel binding nor SASLprep, does not
 * insist on the server's proof, and waits for ever on a method that it does not know.
 *
 * @throws StartupError as the server sent it; PgwrightError `authentication-failed`.
 */
export async function startUp(request: StartupRequest): Promise<Started> {
  const { socket, options } = request;
  socket.write(
    startupMessage({
      user: options.user,
      database: request.database,
      client_encoding: "UTF8",
      application_name: options.applicationName ?? request.applicationName,
      ...(options.options === undefined ? {} : { options: options.options }),
      ...options.startupSettings,
    }),
  );
  const reader = readMessages(socket);
  const first = await authenticate(request, reader.next);
  const messages = [first.raw];
  const parameters = new Map<string, string>();
  for (;;) {
    const message = await reader.next();
    if (message.type === "E") throw readServerError(message.body, false);
    if (message.type === "S") {
      const [name = "", value = ""] = message.body.toString("utf8").split("\0");
      parameters.set(name, value);
    }
    messages.push(message.raw);
    if (message.type === "Z") {
      socket.unshift(reader.rest());
      return { greeting: messages, parameters };
    }
  }
}

/** Goes through authentication; returns the message that says it is done. */
async function authenticate(
  request: StartupRequest,
  next: () => Promise<Message>,
): Promise<Message> {
  const { socket, options } = request;
  let method: AuthenticationMethod = "none";
  let scram: Scram | undefined;
  let isBound = false;
  let isProven = false;
  for (;;) {
    const message = await next();
    if (message.type === "E") throw readServerError(message.body, true);
    if (message.type !== "R") continue;
    const kind = message.body.readUInt32BE(0);
    const data = message.body.subarray(4);
    switch (kind) {
      case 0:
        checkMethod(options, method);
        // Without this a false server could wave us through and never prove itself.
        if (scram !== undefined && !isProven) throw unproven();
        if (options.channelBinding === "require" && !isBound) throw unbound();
        return message;
      case 3:
        checkMethod(options, (method = "password"));
        socket.write(passwordMessage(terminated(passwordFor(request))));
        break;
      case 5:
        checkMethod(options, (method = "md5"));
        socket.write(passwordMessage(terminated(md5(passwordFor(request), options.user, data))));
        break;
      case 10: {
        const choice = chooseScram(splitTerminated(data), socket, options.channelBinding);
        checkMethod(options, (method = "scram-sha-256"));
        isBound = choice.mechanism === "SCRAM-SHA-256-PLUS";
        scram = startScram(choice, passwordFor(request));
        socket.write(passwordMessage(terminated(choice.mechanism), counted(scram.first)));
        break;
      }
      case 11:
        if (scram === undefined) throw unexpected();
        socket.write(passwordMessage(Buffer.from(await scram.respond(data.toString("utf8")))));
        break;
      case 12:
        isProven = scram?.verify(data.toString("utf8")) ?? false;
        if (!isProven) throw unproven();
        break;
      default:
        throw unknownMethod(kind);
    }
  }
}

/** Hands out whole messages; `rest` is what has arrived beyond them. */
function readMessages(socket: Socket): { next(): Promise<Message>; rest(): Buffer } {
  let bytes: Buffer = Buffer.alloc(0);
  return {
    async next() {
      for (;;) {
        if (!isPlausible(bytes)) {
          throw notPostgres();
        }
        const taken = takeMessage(bytes);
        if (taken !== undefined) {
          bytes = taken.rest;
          return taken.message;
        }
        bytes = Buffer.concat([bytes, await readChunk(socket)]);
      }
    },
    rest: () => bytes,
  };
}

// libpq's limit for an error message here is half of it, and for anything else far less.
const longestMessage = 65_536;

/**
 * Can this begin a message that belongs here: authentication, parameter, key, ready, error, notice,
 * protocol version? Another kind of server would have us wait for as many bytes as its text, read
 * as a length, announces.
 */
function isPlausible(bytes: Buffer): boolean {
  if (bytes.length === 0) return true;
  if (!"RSKZENv".includes(String.fromCharCode(bytes[0] ?? 0))) return false;
  if (bytes.length < 5) return true;
  const length = bytes.readUInt32BE(1);
  return length >= 4 && length <= longestMessage;
}

function passwordFor({ options, host, database }: StartupRequest): string {
  const password = options.password(host, database);
  if (password !== undefined) return password.text;
  throw new PgwrightError(
    "authentication-failed",
    `the server asks for the password of role \`${options.user}\`, and none is set`,
    { hint: "put it into the connection string, PGPASSWORD or ~/.pgpass" },
  );
}

function md5(password: string, user: string, salt: Buffer): string {
  const hash = (text: string, extra: Buffer) =>
    createHash("md5").update(text).update(extra).digest("hex");
  return `md5${hash(hash(password + user, Buffer.alloc(0)), salt)}`;
}

function checkMethod(options: ConnectionOptions, method: AuthenticationMethod): void {
  if (options.allowedMethods === undefined || options.allowedMethods.has(method)) return;
  throw new PgwrightError(
    "authentication-failed",
    method === "none"
      ? "require_auth forbids the server to skip authentication, and it did"
      : `require_auth forbids the method the server asks for, \`${method}\``,
  );
}

const methodNames: Readonly<Record<number, string>> = {
  2: "Kerberos 5",
  7: "GSSAPI",
  9: "SSPI",
};

function unknownMethod(kind: number): PgwrightError {
  return new PgwrightError(
    "authentication-failed",
    `the server asks for ${methodNames[kind] ?? `authentication method ${kind}`}, which pgwright does not support`,
    { hint: "a line with scram-sha-256 or cert in pg_hba.conf for this role would let it in" },
  );
}

function unproven(): PgwrightError {
  return new PgwrightError(
    "authentication-failed",
    "the server did not prove that it knows the password, so it may not be the real one",
  );
}

function unbound(): PgwrightError {
  return new PgwrightError(
    "authentication-failed",
    "channel_binding=require, but the server authenticated without channel binding",
  );
}

function unexpected(): PgwrightError {
  return new PgwrightError("authentication-failed", "the server sent a SASL step unasked");
}
