/** Hashes and rows from a server, as they come: no more than a chunk of them is ever held. */
import { Writable } from "node:stream";
import { streamCopy } from "../../db/copy-pipe.ts";
import type { Session } from "../../db/session.ts";

/** Halves of a 64-bit hash, and the number of what it was found in. */
export type OnHash = (high: number, low: number, place: number) => void;

/** `PGCOPY\n\377\r\n\0`, flags, and the length of an extension, which is 0. */
const headLength = 19;
/** Number of fields; length and bytes of an int8; length and bytes of an int4. */
const rowLength = 2 + 4 + 8 + 4 + 4;

/** Runs a SELECT of two columns, int8 and int4, neither ever NULL, and hands on what comes. */
export async function readHashes(session: Session, select: string, onHash: OnHash): Promise<void> {
  await readBinary(session, select, (bytes) => {
    let at = 0;
    for (; at + rowLength <= bytes.length; at += rowLength) {
      onHash(bytes.readInt32BE(at + 6), bytes.readInt32BE(at + 10), bytes.readInt32BE(at + 18));
    }
    return at;
  });
}

/** Columns of a SELECT are 1664 at most. */
export const mostPairs = 800;

/**
 * Runs a SELECT of pairs of columns, for each place one: a hash, and whether there is anything. Where
 * there is, but no hash, it is handed on as that of `-1 - place`.
 */
export async function readHashPairs(
  session: Session,
  select: string,
  places: readonly number[],
  onHash: OnHash,
): Promise<void> {
  await readBinary(session, select, (bytes) => {
    let row = 0;
    for (;;) {
      let end = row + 2;
      for (let field = 0; field < 2 * places.length && end <= bytes.length; field += 1) {
        end += end + 4 > bytes.length ? 4 : 4 + Math.max(0, bytes.readInt32BE(end));
      }
      // A row of which the end is missing, or the trailer.
      if (end > bytes.length) return row;
      let at = row + 2;
      for (const place of places) {
        const isHash = bytes.readInt32BE(at) === 8;
        if (isHash) onHash(bytes.readInt32BE(at + 4), bytes.readInt32BE(at + 8), place);
        at += isHash ? 16 : 8;
        if (!isHash && bytes[at] === 1) onHash(0, 0, -1 - place);
        at += 1;
      }
      row = end;
    }
  });
}

/** Runs a SELECT; `take` says how many of the bytes it has read, and gets the others again. */
async function readBinary(
  session: Session,
  select: string,
  take: (bytes: Buffer) => number,
): Promise<void> {
  let isBegun = false;
  const sink = collect((bytes) => {
    if (isBegun) return take(bytes);
    isBegun = bytes.length >= headLength;
    return isBegun ? headLength + take(bytes.subarray(headLength)) : 0;
  });
  // The trailer, two bytes, is what stays at the end.
  const statement = `COPY (${select}) TO STDOUT (FORMAT binary)`;
  await streamCopy({ session, statement }, sink, () => {});
}

/** Hands on what has come and was not taken, in one buffer that is used again: no garbage by gigabytes. */
function collect(take: (bytes: Buffer) => number): Writable {
  let held = Buffer.alloc(262_144);
  let length = 0;
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const end = length + chunk.length;
      if (end > held.length) held = Buffer.concat([held.subarray(0, length)], 2 * end);
      chunk.copy(held, length);
      const taken = take(held.subarray(0, end));
      held.copyWithin(0, taken, end);
      length = end - taken;
      done();
    },
  });
}

const newline = 0x0a;

/**
 * Runs a SELECT and hands on its rows as COPY writes them in text: fields between tabs, escaped. The
 * bytes of a row belong to a chunk and are overwritten after.
 */
export async function readRows(
  session: Session,
  select: string,
  onRow: (bytes: Buffer, from: number, to: number) => void,
): Promise<void> {
  const sink = collect((bytes) => {
    let from = 0;
    for (let to = bytes.indexOf(newline); to >= 0; to = bytes.indexOf(newline, from)) {
      onRow(bytes, from, to);
      from = to + 1;
    }
    return from;
  });
  await streamCopy({ session, statement: `COPY (${select}) TO STDOUT` }, sink, () => {});
}
