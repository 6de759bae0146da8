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
  let carry: Buffer = Buffer.alloc(0);
  let skip = headLength;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      let bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      const skipped = Math.min(skip, bytes.length);
      skip -= skipped;
      bytes = bytes.subarray(skipped);
      let at = 0;
      for (; at + rowLength <= bytes.length; at += rowLength) {
        onHash(bytes.readInt32BE(at + 6), bytes.readInt32BE(at + 10), bytes.readInt32BE(at + 18));
      }
      // The trailer, two bytes, is what stays at the end.
      carry = bytes.subarray(at);
      done();
    },
  });
  const statement = `COPY (${select}) TO STDOUT (FORMAT binary)`;
  await streamCopy({ session, statement }, sink, () => {});
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
  let carry: Buffer = Buffer.alloc(0);
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      let from = 0;
      for (let to = bytes.indexOf(newline); to >= 0; to = bytes.indexOf(newline, from)) {
        onRow(bytes, from, to);
        from = to + 1;
      }
      carry = bytes.subarray(from);
      done();
    },
  });
  await streamCopy({ session, statement: `COPY (${select}) TO STDOUT` }, sink, () => {});
}
