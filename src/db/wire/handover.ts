/** Gives a session that is already started to the driver, and lets it cancel what runs on it. */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { parameterStatus, readLastWords } from "./protocol.ts";

// The driver checks target_session_attrs (which it may take from the environment) against these
// two, and asks for them where a pooler leaves them out. That choice has been made here.
const asPrimary = [
  parameterStatus("in_hot_standby", "off"),
  parameterStatus("default_transaction_read_only", "off"),
];

/**
 * Makes the driver believe that it started the session itself: its startup message is swallowed
 * and the greeting the server sent to us is put in front of what comes next. The socket itself is
 * handed over, not a wrapper, so that bulk data takes no detour.
 */
export function replayGreeting(socket: Socket, greeting: readonly Buffer[]): Socket {
  // Paused, so that nothing overtakes the greeting once the driver listens.
  socket.pause();
  passOnLastWords(socket);
  const write = socket.write.bind(socket);
  socket.write = () => {
    socket.write = write;
    // Not at once: the driver forgets its buffer only after write() has returned, and with it a
    // query that the greeting set off meanwhile.
    queueMicrotask(() => {
      if (socket.destroyed) return;
      const ready = greeting.slice(-1);
      socket.unshift(Buffer.concat([...greeting.slice(0, -1), ...asPrimary, ...ready]));
      socket.resume();
    });
    return true;
  };
  return socket;
}

/**
 * The reason a server gives as it closes (57P01, 57P05) has no "ready for query" after it, and the
 * driver drops it with the query that was running. Here it becomes the error of the socket.
 */
function passOnLastWords(socket: Socket): void {
  let latest: Buffer | undefined;
  socket.on("data", (chunk: Buffer) => {
    latest = chunk;
  });
  socket.once("end", () => {
    const reason = latest && readLastWords(latest);
    if (reason !== undefined) socket.destroy(reason);
  });
}

// CancelRequest: length 16, code 80877102, process id, secret.
const cancelHead = Buffer.from([0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e]);

/** What ends the statement that runs on a session, to be sent on another connection. */
export function cancelRequest({ greeting }: { readonly greeting: readonly Buffer[] }): Buffer {
  // BackendKeyData: "K", a length, process id and secret.
  const key = greeting.find((message) => message[0] === 0x4b)?.subarray(5) ?? Buffer.alloc(8);
  const request = Buffer.concat([cancelHead, key]);
  request.writeUInt32BE(request.length, 0);
  return request;
}

/**
 * Stands in for every further connection the driver asks for. There are two kinds, told apart by
 * what is written: a cancel request is passed to `deliver`; a startup message, by which the driver
 * would silently go on with a new backend, breaks it.
 *
 * A cancel that fails must not raise `error` here: nobody handles the driver's rejection then, and
 * the process would end in the middle of its clean-up.
 */
export function standIn(deliver: (request: Buffer) => Promise<void>): Socket {
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      done();
      if (!chunk.subarray(0, 8).equals(cancelHead)) {
        stream.destroy(new Error("the connection was closed"));
        return;
      }
      void deliver(chunk).finally(() => stream.destroy());
    },
  });
  return stream as Socket;
}
