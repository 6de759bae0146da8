/** Cuts a row, as COPY writes it, into the texts that are compared with originals. */

/** What a byte is: part of a word, of an address or a number, of a list or quotation, or a blank. */
const letter = 0;
const joint = 1;
const quoting = 2;
const blank = 3;

const classes = new Uint8Array(256).fill(letter);
for (let byte = 0; byte < 0x80; byte += 1) {
  const sign = String.fromCharCode(byte);
  if (byte <= 0x20 || byte === 0x7f) classes[byte] = blank;
  else if (/[a-z0-9]/i.test(sign)) classes[byte] = letter;
  else if (`,;!?()[]{}<>"'|=\\`.includes(sign)) classes[byte] = quoting;
  else classes[byte] = joint;
}

/** Ends of words between blanks that belong to the sentence. */
const isEnd = new Uint8Array(256);
for (const sign of `.,:;!?'"()[]{}<>`) isEnd[sign.charCodeAt(0)] = 1;
const isWeakEnd = new Uint8Array(256);
for (const sign of ".:-") isWeakEnd[sign.charCodeAt(0)] = 1;

const tab = 0x09;
const backslash = 0x5c;
const quote = 0x22;
const leastBytes = 5;

/** Called with bytes, in lower case, and the number of the field they are from. */
export type OnText = (bytes: Uint8Array, from: number, to: number, field: number) => void;

/** Reads one row after the other into a buffer of its own. */
export class RowReader {
  /** The last row, without escapes and in lower case; fields have a tab between them. */
  bytes: Buffer = Buffer.alloc(65_536);
  length = 0;
  /** Where each field of it begins; one more for the end. */
  readonly starts: number[] = [];
  readonly #onText: OnText;

  constructor(onText: OnText) {
    this.#onText = onText;
  }

  /** Takes a row and hands on what it is made of. */
  read(row: Buffer, from: number, to: number): void {
    this.#unescape(row, from, to);
    for (let field = 0; field + 1 < this.starts.length; field += 1) {
      this.#readField(this.starts[field] ?? 0, (this.starts[field + 1] ?? 1) - 1, field);
    }
  }

  /** A field's text. */
  text(field: number): string {
    return this.bytes.toString("utf8", this.starts[field], (this.starts[field + 1] ?? 1) - 1);
  }

  #unescape(row: Buffer, from: number, to: number): void {
    if (this.bytes.length < to - from + 1) this.bytes = Buffer.alloc(2 * (to - from + 1));
    const { bytes, starts } = this;
    starts.length = 1;
    starts[0] = 0;
    let length = 0;
    for (let at = from; at < to; at += 1) {
      let byte = row[at] ?? 0;
      if (byte === tab) starts.push(length + 1);
      else if (byte === backslash) {
        at += 1;
        byte = escapes[row[at] ?? 0] ?? 0;
      } else if (byte >= 0x41 && byte <= 0x5a) byte += 0x20;
      bytes[length] = byte;
      length += 1;
    }
    starts.push(length + 1);
    this.length = length;
  }

  #readField(start: number, end: number, field: number): void {
    if (end - start < leastBytes) return;
    const { bytes } = this;
    this.#onText(bytes, start, end, field);
    let word = start;
    let part = start;
    let run = start;
    let opened = -1;
    let before = -1;
    let beforeEnd = -1;
    for (let at = start; at <= end; at += 1) {
      const kind = at === end ? blank : (classes[bytes[at] ?? 0] ?? 0);
      if (kind === letter) continue;
      if (at - run >= leastBytes && at - run < end - start) this.#onText(bytes, run, at, field);
      run = at + 1;
      if (kind === joint) continue;
      // A part that is one run was handed on as that.
      const partFrom = skipEnds(bytes, part, at, isWeakEnd);
      const partTo = dropEnds(bytes, partFrom, at, isWeakEnd);
      if (hasJoint(bytes, partFrom, partTo) && partTo - partFrom < end - start) {
        this.#onText(bytes, partFrom, partTo, field);
      }
      part = at + 1;
      if (kind === quoting) {
        if (bytes[at] === quote && bytes[at - 1] !== backslash) {
          if (opened >= 0) this.#readQuoted(opened, at, field);
          opened = opened >= 0 ? -1 : at + 1;
        }
        continue;
      }
      const from = skipEnds(bytes, word, at, isEnd);
      const to = dropEnds(bytes, from, at, isEnd);
      if (to > from) {
        if (hasQuoting(bytes, from, to) && to - from < end - start) {
          this.#onText(bytes, from, to, field);
        }
        // Two words beside each other: first and last name.
        if (before >= 0 && from - beforeEnd === 1 && to - before < end - start) {
          this.#onText(bytes, before, to, field);
        }
        before = from;
        beforeEnd = to;
      }
      word = at + 1;
    }
  }

  /** A member of a list, a leaf or a key of a document: what its words would not tell. */
  #readQuoted(from: number, to: number, field: number): void {
    if (to - from < leastBytes) return;
    if (!this.bytes.subarray(from, to).includes(backslash)) {
      this.#onText(this.bytes, from, to, field);
      return;
    }
    const text = this.bytes.toString("utf8", from, to);
    const plain = Buffer.from(unquote(text).replaceAll(/[A-Z]/g, (one) => one.toLowerCase()));
    this.#onText(plain, 0, plain.length, field);
  }
}

/** COPY writes these signs as letters behind a backslash. */
const escapes = new Uint8Array(256).map((_, byte) => byte);
for (const [letter, byte] of Object.entries({ b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 })) {
  escapes[letter.charCodeAt(0)] = byte;
}

/** Where a text begins behind such signs. */
function skipEnds(bytes: Uint8Array, from: number, to: number, signs: Uint8Array): number {
  let start = from;
  while (start < to && signs[bytes[start] ?? 0] === 1) start += 1;
  return start;
}

/** Where it ends before them. */
function dropEnds(bytes: Uint8Array, from: number, to: number, signs: Uint8Array): number {
  let end = to;
  while (end > from && signs[bytes[end - 1] ?? 0] === 1) end -= 1;
  return end;
}

function hasJoint(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < leastBytes) return false;
  for (let at = from; at < to; at += 1) if (classes[bytes[at] ?? 0] === joint) return true;
  return false;
}

function hasQuoting(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < leastBytes) return false;
  for (let at = from; at < to; at += 1) if (classes[bytes[at] ?? 0] === quoting) return true;
  return false;
}

/** As JSON writes a text, else as an array or a row does: a backslash before what it stands for. */
function unquote(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text.replaceAll(/\\(.)/g, "$1");
  }
}
