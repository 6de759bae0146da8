/** Hashes from a server, as they come: no more than a chunk of them is ever held. */
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

/** A hash as one value. */
export function joinHash(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
