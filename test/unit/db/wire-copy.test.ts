/** COPY on bare sockets: whatever way the bytes are cut, all rows arrive, and nothing else does. */
import { Duplex } from "node:stream";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readCopy, writeCopy } from "../../../src/db/wire/copy.ts";

/** A socket whose other end is the test. */
class FakeSocket extends Duplex {
  readonly sent: Buffer[] = [];
  override _read(): void {}
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.sent.push(chunk);
    done();
  }
  get written(): Buffer {
    return Buffer.concat(this.sent);
  }
}

function message(type: string, body: Buffer | string = ""): Buffer {
  const content = Buffer.from(body as string);
  const head = Buffer.alloc(5);
  head.write(type, "latin1");
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

const wireOf = (socket: FakeSocket) => ({ socket: socket as never, cancel: async () => {} });

/** The bytes in pieces of these sizes, again and again. */
async function deliver(socket: FakeSocket, bytes: Buffer, sizes: readonly number[]): Promise<void> {
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    socket.push(bytes.subarray(at, at + size));
    at += size;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const rows = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });
const between = fc.constantFrom(
  Buffer.alloc(0),
  message("N", "SNOTICE\0C00000\0Mdddd\0\0"),
  message("S", "TimeZone\0UTC\0"),
);

test.each([true, false])("rows come through any cut (framed: %s)", async (isFramed) => {
  await fc.assert(
    fc.asyncProperty(rows, sizes, between, async (bodies, cuts, other) => {
      const socket = new FakeSocket();
      const frames = bodies.map((body) => message("d", Buffer.from(body)));
      const taken: Buffer[] = [];
      const end = readCopy(
        wireOf(socket),
        "COPY t TO STDOUT",
        {
          // Every other time the sink is full.
          take: (bytes) => taken.push(Buffer.from(bytes)) % 2 === 0,
          onDrain: (go) => void setImmediate(go),
        },
        isFramed,
      );
      const stream = [
        message("H", "\0\0\0"),
        ...frames.flatMap((frame) => [other, frame]),
        message("c"),
        message("C", `COPY ${bodies.length}\0`),
        message("Z", "I"),
      ];
      await deliver(socket, Buffer.concat(stream), cuts);
      expect(await end).toEqual({ rows: bodies.length });
      const expected = isFramed ? frames : bodies.map((body) => Buffer.from(body));
      expect(Buffer.concat(taken)).toEqual(Buffer.concat(expected));
      expect(socket.written.toString()).toContain("COPY t TO STDOUT");
    }),
    { numRuns: 60 },
  );
});

test("an error in the middle ends the read, and the listeners are given back", async () => {
  const socket = new FakeSocket();
  const driver = () => {};
  socket.on("data", driver);
  const end = readCopy(wireOf(socket), "COPY", { take: () => true, onDrain: () => {} }, true);
  expect(socket.listeners("data")).not.toContain(driver);
  await deliver(
    socket,
    Buffer.concat([
      message("H", "\0\0\0"),
      message("d", "1\n"),
      message("E", "SERROR\0C40001\0Mconflict\0\0"),
      message("Z", "E"),
    ]),
    [7],
  );
  expect(await end).toMatchObject({ error: { code: "40001", message: "conflict" } });
  expect(socket.listeners("data")).toEqual([driver]);
});

test("a server that goes away says why, if it had the time", async () => {
  const socket = new FakeSocket();
  const end = readCopy(wireOf(socket), "COPY", { take: () => true, onDrain: () => {} }, true);
  await deliver(socket, message("E", "SFATAL\0C57P01\0Mshutting down\0\0"), [1000]);
  socket.destroy();
  expect(await end).toMatchObject({ error: { code: "57P01" } });
  const other = new FakeSocket();
  const writing = writeCopy(wireOf(other), "COPY");
  other.destroy();
  expect(await writing.isReady).toBe(false);
  expect(await writing.ended).toMatchObject({ error: { message: "the connection was closed" } });
});

test("a target that refuses in the middle is sent no more", async () => {
  const socket = new FakeSocket();
  const writing = writeCopy(wireOf(socket), "COPY t FROM STDIN");
  await deliver(socket, message("G", "\0\0\0"), [3]);
  expect(await writing.isReady).toBe(true);
  writing.sink.take(message("d", "1\n"));
  await deliver(socket, message("E", "SERROR\0C22P02\0Mno integer\0\0"), [5]);
  const before = socket.written.length;
  expect(writing.sink.take(message("d", "2\n"))).toBe(true);
  writing.done();
  expect(socket.written.length).toBe(before);
  await deliver(socket, message("Z", "I"), [5]);
  expect(await writing.ended).toMatchObject({ error: { code: "22P02" } });
});
