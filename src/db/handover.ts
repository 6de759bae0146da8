/** Gives a session that is already started to the driver, and lets it cancel what runs on it. */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/**
 * Makes the driver believe that it started the session itself: its startup message is swallowed
 * and the greeting the server sent to us is put in front of what comes next. The socket itself is
 * handed over, not a wrapper, so that bulk data takes no detour.
 */
export function replayGreeting(socket: Socket, greeting: Buffer): Socket {
  const write = socket.write;
  socket.write = (() => {
    socket.write = write;
    // Not at once: the driver forgets its buffer only after write() has returned, and with it a
    // query that the greeting set off meanwhile.
    setImmediate(() => {
      socket.unshift(greeting);
      socket.resume();
    });
    return true;
  }) as Socket["write"];
  return socket;
}

// CancelRequest: length 16, code 80877102, process id, secret.
const cancelRequest = Buffer.from([0, 0, 0, 16, 0x04, 0xd2, 0x16, 0x2e]);

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
      if (!chunk.subarray(0, 8).equals(cancelRequest)) {
        stream.destroy(new Error("the connection was closed"));
        return;
      }
      void deliver(chunk).finally(() => stream.destroy());
    },
  });
  return stream as Socket;
}
