/** Rows of several COPYs as one: whole, each once, whatever pieces they come in. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Merge } from "../../../src/db/wire/merge.ts";

const header = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");
const trailer = Buffer.from([0xff, 0xff]);

function message(body: Buffer): Buffer {
  const head = Buffer.from([0x64, 0, 0, 0, 0]);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** What a server sends: in binary form the header comes with the first row, the trailer alone. */
function streamOf(rows: readonly Buffer[], isBinary: boolean): Buffer {
  if (!isBinary) return Buffer.concat(rows.map(message));
  const [first, ...rest] = [...rows, trailer];
  return Buffer.concat([message(Buffer.concat([header, first])), ...rest.map(message)]);
}

function cut(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, n = 0; at < stream.length; n += 1) {
    const end = at + (sizes[n % sizes.length] ?? 1);
    pieces.push(stream.subarray(at, end));
    at = end;
  }
  return pieces;
}

function bodiesOf(bytes: Buffer): Buffer[] {
  const bodies: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + bytes.readUInt32BE(at + 1);
    if (bytes[at] !== 0x64 || end > bytes.length) throw new Error(`no message begins at ${at}`);
    bodies.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return bodies;
}

/**
 * Sends the streams' pieces in the order of `turns`, a source only while it is not paused, and gives
 * back what the target gets. `isFull` says when the target asks for a pause.
 */
function mergeStreams(
  streams: readonly (readonly Buffer[])[],
  isBinary: boolean,
  turns: readonly number[],
  isFull: readonly boolean[],
): Buffer {
  const taken: Buffer[] = [];
  let drains: (() => void)[] = [];
  const merge = new Merge(
    {
      take: (bytes) => {
        taken.push(Buffer.from(bytes));
        return !isFull[taken.length % isFull.length];
      },
      onDrain: (go) => void drains.push(go),
    },
    isBinary,
  );
  const readers = streams.map((pieces) => ({
    left: [...pieces],
    isPaused: false,
    sink: merge.source(),
  }));
  for (let n = 0; readers.some(({ left }) => left.length > 0); n += 1) {
    const ready = readers.filter(({ left, isPaused }) => left.length > 0 && !isPaused);
    const reader = ready[(turns[n % turns.length] ?? 0) % Math.max(ready.length, 1)];
    const piece = reader?.left.shift();
    if (reader === undefined || piece === undefined) {
      if (drains.length === 0) throw new Error("everybody waits, and for nothing");
      const waiting = drains;
      drains = [];
      for (const go of waiting) go();
      continue;
    }
    if (reader.sink.take(piece)) continue;
    reader.isPaused = true;
    reader.sink.onDrain(() => (reader.isPaused = false));
  }
  expect(merge.isBroken).toBe(false);
  merge.end();
  return Buffer.concat(taken);
}

/** In binary form a row begins with its number of fields, which is never negative. */
const row = (isBinary: boolean, longest: number) =>
  fc
    .oneof({ weight: 20, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(longest) })
    .chain((size) =>
      fc.nat(255).map((byte) => {
        const body = Buffer.alloc(size, byte);
        return isBinary ? Buffer.concat([Buffer.from([0, 3]), body]) : body;
      }),
    );

test.each([
  ["text", false],
  ["binary", true],
])("every row of the %s form comes once and whole", (_, isBinary) => {
  fc.assert(
    fc.property(
      fc.array(fc.array(row(isBinary, 3 * 2 ** 20), { maxLength: 12 }), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.array(
        fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 100_000, max: 900_000 })),
        { minLength: 1, maxLength: 5 },
      ),
      fc.array(fc.nat(7), { minLength: 1, maxLength: 8 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
      (sources, sizes, turns, isFull) => {
        // Pieces of a few bytes are enough for small rows, and would be millions for large ones.
        const bytes = sources.flat().reduce((sum, { length }) => sum + length, 0);
        const pieces = bytes > 100_000 ? [Math.max(...sizes, 70_000)] : sizes;
        const streams = sources.map((rows) => cut(streamOf(rows, isBinary), pieces));
        const bodies = bodiesOf(mergeStreams(streams, isBinary, turns, isFull));
        const hex = (all: readonly Buffer[]) => all.map((one) => one.toString("latin1"));
        const [ends, rows] = isBinary
          ? [[bodies[0], bodies.at(-1)], bodies.slice(1, -1)]
          : [[], bodies];
        expect(ends).toEqual(isBinary ? [header, trailer] : []);
        expect(hex(rows).toSorted()).toEqual(hex(sources.flat()).toSorted());
      },
    ),
    // A row of text that looks like the end of the binary form.
    { numRuns: 200, examples: isBinary ? [] : [[[[Buffer.from([255, 255])]], [1], [0], [false]]] },
  );
});
