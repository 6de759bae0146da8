/**
 * The rows of several COPY statements as those of one: each source's messages come whole, those of
 * the others between them.
 */
import type { CopySink } from "./copy.ts";

/** Of a message: its type and its length. */
const head = 5;

/** `PGCOPY\n\377\r\n\0`, flags, length of what follows: the header of the binary form. */
const signature = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");

/** What ends the binary form: -1 in place of a number of fields. */
const trailer = Buffer.from([0x64, 0, 0, 0, 6, 0xff, 0xff]);

/**
 * Bytes of an unfinished message that a source keeps to itself. A longer one is passed on as it
 * comes, and the other sources wait for its end: rows may have a gigabyte.
 */
const mostHeld = 2 ** 20;

/** Puts the messages of sources behind each other; a binary form gets one header and one trailer. */
export class Merge {
  readonly #sink: CopySink;
  readonly #isBinary: boolean;
  /** In the middle of a long message. */
  #speaker: MergedSource | undefined;
  #waiting: { readonly source: MergedSource; readonly go: () => void }[] = [];

  constructor(sink: CopySink, isBinary: boolean) {
    this.#sink = sink;
    this.#isBinary = isBinary;
    if (isBinary) sink.take(Buffer.concat([headOf(signature.length), signature]));
  }

  /** For one statement. */
  source(): MergedSource {
    return new MergedSource(this, this.#isBinary);
  }

  /** Nothing can follow but the end of the target's session. */
  get isBroken(): boolean {
    return this.#speaker !== undefined;
  }

  /** After the last row of the last source. */
  end(): void {
    if (this.#isBinary) this.#sink.take(trailer);
  }

  isSilent(source: MergedSource): boolean {
    return this.#speaker !== undefined && this.#speaker !== source;
  }

  begin(source: MergedSource): void {
    this.#speaker = source;
  }

  finish(): void {
    this.#speaker = undefined;
    while (this.#speaker === undefined) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.source.resume();
      next.go();
    }
  }

  pass(bytes: Buffer): boolean {
    return bytes.length === 0 || this.#sink.take(bytes);
  }

  onDrain(source: MergedSource, go: () => void): void {
    if (this.isSilent(source)) this.#waiting.push({ source, go });
    else this.#sink.onDrain(go);
  }
}

/** Takes the messages of one statement in whatever pieces they come. */
export class MergedSource implements CopySink {
  readonly #merge: Merge;
  readonly #isBinary: boolean;
  /** The next message begins with the header of the binary form. */
  #hasHeader: boolean;
  /** Came while another source was in the middle of a message. */
  #queued: Buffer[] = [];
  /** The beginning of a message. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** Bytes until that message ends; 0: none has begun, or how long it is has not come yet. */
  #missing = 0;
  #isSpeaking = false;

  constructor(merge: Merge, isBinary: boolean) {
    this.#merge = merge;
    this.#isBinary = isBinary;
    this.#hasHeader = isBinary;
  }

  take(bytes: Buffer): boolean {
    if (!this.#merge.isSilent(this)) return this.#put(bytes);
    this.#queued.push(bytes);
    return false;
  }

  onDrain(go: () => void): void {
    this.#merge.onDrain(this, go);
  }

  /** What had to wait. */
  resume(): void {
    const queued = this.#queued;
    this.#queued = [];
    for (const bytes of queued) this.take(bytes);
  }

  #put(arrived: Buffer): boolean {
    if (this.#missing > arrived.length) {
      this.#missing -= arrived.length;
      return this.#hold(arrived);
    }
    if (this.#isSpeaking) {
      const end = this.#missing;
      this.#missing = 0;
      this.#isSpeaking = false;
      const isTaken = this.#merge.pass(arrived.subarray(0, end));
      this.#merge.finish();
      return end === arrived.length ? isTaken : this.take(arrived.subarray(end));
    }
    const chunk = this.#held.length === 0 ? arrived : Buffer.concat([...this.#held, arrived]);
    this.#held = [];
    this.#heldBytes = 0;
    this.#missing = 0;
    return this.#putMessages(chunk);
  }

  /** The chunk begins where a message does. */
  #putMessages(chunk: Buffer): boolean {
    let isTaken = true;
    let start = 0;
    let at = 0;
    while (chunk.length - at >= head) {
      const length = chunk.readUInt32BE(at + 1) + 1;
      if (at + length > chunk.length) {
        this.#missing = at + length - chunk.length;
        break;
      }
      if (this.#hasHeader) {
        const first = this.#withoutHeader(chunk.subarray(at, at + length));
        if (first.length > head && !first.equals(trailer)) isTaken = this.#merge.pass(first);
        start = at + length;
      } else if (this.#isTrailer(chunk, at, length)) {
        isTaken = this.#merge.pass(chunk.subarray(start, at)) && isTaken;
        start = at + length;
      }
      at += length;
    }
    isTaken = this.#merge.pass(chunk.subarray(start, at)) && isTaken;
    return at === chunk.length ? isTaken : this.#hold(chunk.subarray(at)) && isTaken;
  }

  #isTrailer(chunk: Buffer, at: number, length: number): boolean {
    return (
      this.#isBinary && length === trailer.length && chunk.subarray(at, at + length).equals(trailer)
    );
  }

  #hold(bytes: Buffer): boolean {
    if (this.#isSpeaking) return this.#merge.pass(bytes);
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes <= mostHeld) return true;
    const begun = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#isSpeaking = true;
    this.#merge.begin(this);
    return this.#merge.pass(this.#hasHeader ? this.#withoutHeader(begun) : begun);
  }

  /** The beginning of the first message, or all of it. */
  #withoutHeader(message: Buffer): Buffer {
    this.#hasHeader = false;
    const end = head + signature.length;
    // Without a header it would be no row either, which the target then says.
    if (message.length < end || !message.subarray(head, end).equals(signature)) return message;
    const length = message.readUInt32BE(1) - 4 - signature.length;
    return Buffer.concat([headOf(length), message.subarray(end)]);
  }
}

/** Of a CopyData message with so many bytes. */
function headOf(bytes: number): Buffer {
  const begin = Buffer.from([0x64, 0, 0, 0, 0]);
  begin.writeUInt32BE(bytes + 4, 1);
  return begin;
}
