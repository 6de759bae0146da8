/**
 * COPY on bare sockets. A row that leaves one server as a CopyData message is a CopyData message
 * for the next one, so bytes are passed on as they come; only the lengths of messages are read.
 */
import type { Socket } from "node:net";
import type { PostgresError } from "../session.ts";
import { readServerError, takeMessage, type Message } from "./protocol.ts";

/** The socket of a started session that is in no query. */
export interface Wire {
  readonly socket: Socket;
  /** Asks the server to end the running statement. Never rejects. */
  cancel(): Promise<void>;
}

/** How one side of a COPY ended. */
export type CopyEnd =
  | { readonly rows: number }
  /** The session can be used again, its transaction cannot. Else its socket is destroyed. */
  | { readonly error: PostgresError | Error };

/** Takes what a server sends. */
export interface CopySink {
  /** Whole CopyData messages or parts of them, in order. False: no more before `onDrain` calls. */
  take(bytes: Buffer): boolean;
  onDrain(go: () => void): void;
}

const copyData = 0x64;

/**
 * Sends `COPY … TO STDOUT` and gives what comes to the sink, no faster than it takes it. Ends when
 * the server is ready for the next query, or gone. Never rejects.
 *
 * @param isFramed Hand on the messages as they are; else only the rows in them.
 */
export function readCopy(
  { socket }: Wire,
  statement: string,
  sink: CopySink,
  isFramed: boolean,
): Promise<CopyEnd> {
  return converse(socket, (finish) => {
    let carry: Buffer | undefined;
    // Of the body of the CopyData message that has begun.
    let remaining = 0;
    let rows = 0;
    let error: Error | undefined;
    const pass = (bytes: Buffer) => {
      if (bytes.length === 0 || sink.take(bytes)) return;
      socket.pause();
      sink.onDrain(() => socket.resume());
    };
    const control = (type: string, message: Message) => {
      if (type === "E") error ??= serverError(message.body);
      else if (type === "C") rows = rowsOf(message.body);
      else if (type === "Z") finish(error === undefined ? { rows } : { error });
    };
    socket.write(queryMessage(statement));
    return (arrived) => {
      const chunk = carry === undefined ? arrived : Buffer.concat([carry, arrived]);
      carry = undefined;
      // Rows are a few bytes each at times: a copy of each is cheaper than a view of it.
      const bodies = isFramed ? chunk : Buffer.allocUnsafe(chunk.length);
      let filled = 0;
      let at = 0;
      let start = 0;
      const flush = () => {
        if (isFramed) pass(chunk.subarray(start, at));
        else pass(bodies.subarray(start, filled));
      };
      for (;;) {
        if (remaining > 0) {
          const step = Math.min(remaining, chunk.length - at);
          if (!isFramed) filled += chunk.copy(bodies, filled, at, at + step);
          at += step;
          remaining -= step;
        }
        if (chunk.length - at < 5) break;
        const length = chunk.readUInt32BE(at + 1);
        if (chunk[at] === copyData) {
          at += 5;
          remaining = length - 4;
          continue;
        }
        const taken = takeMessage(chunk.subarray(at));
        if (taken === undefined) break;
        flush();
        at += length + 1;
        start = isFramed ? at : filled;
        control(taken.message.type, taken.message);
      }
      flush();
      if (at < chunk.length) carry = chunk.subarray(at);
    };
  });
}

export interface CopyTarget {
  /** The server is ready for rows, or has refused. */
  readonly isReady: Promise<boolean>;
  /** How it ended. Never rejects. */
  readonly ended: Promise<CopyEnd>;
  readonly sink: CopySink;
  /** No more rows. */
  done(): void;
  /** The rows are to be thrown away. Only between two whole messages. */
  fail(why: string): void;
}

/** Sends `COPY … FROM STDIN`; rows follow through the sink, as CopyData messages. */
export function writeCopy({ socket }: Wire, statement: string): CopyTarget {
  let ready: (isReady: boolean) => void = () => {};
  const isReady = new Promise<boolean>((resolve) => {
    ready = resolve;
  });
  let isDone = false;
  let error: Error | undefined;
  const ended = converse(socket, (finish) => {
    let bytes: Buffer = Buffer.alloc(0);
    let rows = 0;
    socket.write(queryMessage(statement));
    return (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const taken = takeMessage(bytes);
        if (taken === undefined) return;
        bytes = taken.rest;
        const { type, body } = taken.message;
        if (type === "G") ready(true);
        else if (type === "C") rows = rowsOf(body);
        else if (type === "E") {
          error ??= serverError(body);
          ready(false);
        } else if (type === "Z") finish(error === undefined ? { rows } : { error });
      }
    };
  });
  void ended.then(() => ready(false));
  const end = (message: Buffer) => {
    if (isDone) return;
    isDone = true;
    if (error === undefined) socket.write(message);
  };
  return {
    isReady,
    ended,
    sink: {
      take: (bytes) => error !== undefined || socket.destroyed || socket.write(bytes),
      onDrain: (go) => {
        socket.once("drain", go);
        // What the server does not want any more is thrown away by `take`.
        void ended.then(go);
      },
    },
    done: () => end(Buffer.from([0x63, 0, 0, 0, 4])),
    fail: (why) => end(withLength("f", Buffer.from(`${why}\0`))),
  };
}

/**
 * Takes a socket's events over until `finish` is called or it closes, then gives them back to who
 * had them. The driver would read what is not its own, and is told of `drain` at the wrong time.
 */
function converse(
  socket: Socket,
  begin: (finish: (end: CopyEnd) => void) => (chunk: Buffer) => void,
): Promise<CopyEnd> {
  return new Promise((resolve) => {
    const lent = ["data", "drain"].flatMap((event) =>
      socket.listeners(event).map((listener) => ({ event, listener: listener as () => void })),
    );
    for (const { event, listener } of lent) socket.off(event, listener);
    let latest: Buffer | undefined;
    const finish = (end: CopyEnd) => {
      socket.off("data", listen).off("close", close);
      for (const { event, listener } of lent) socket.on(event, listener);
      socket.resume();
      resolve(end);
    };
    const close = () =>
      finish({
        error: reasonOf(latest) ?? socket.errored ?? new Error("the connection was closed"),
      });
    const read = begin(finish);
    const listen = (chunk: Buffer) => {
      latest = chunk;
      read(chunk);
    };
    if (socket.destroyed) {
      close();
      return;
    }
    socket.on("data", listen).once("close", close);
    socket.resume();
  });
}

/** A FATAL error at the end of the last bytes says more than "closed". */
function reasonOf(latest: Buffer = Buffer.alloc(0)): Error | undefined {
  let rest = latest;
  for (let taken = takeMessage(rest); taken !== undefined; taken = takeMessage(rest)) {
    if (taken.message.type === "E") return serverError(taken.message.body);
    rest = taken.rest;
  }
  return undefined;
}

function serverError(body: Buffer): PostgresError {
  return readServerError(body, false);
}

/** `COPY 4711`, ended by a zero byte. */
function rowsOf(body: Buffer): number {
  return Number(/^COPY (\d+)/.exec(body.toString("latin1"))?.[1] ?? Number.NaN);
}

function queryMessage(statement: string): Buffer {
  return withLength("Q", Buffer.from(`${statement}\0`, "utf8"));
}

function withLength(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
