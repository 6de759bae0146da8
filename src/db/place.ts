/** Conversions between the ways a place in a text is counted. */

export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in characters: one beyond the Basic Multilingual Plane counts once. */
  readonly column: number;
}

/** Line and column of a UTF-16 offset. Lines end at LF. */
export function positionToLocation(text: string, offset: number): Place {
  return placesIn(text)(offset);
}

/**
 * Like `positionToLocation`, for many offsets of one text: lines are counted once, and so are the
 * characters of a line when the offsets ascend. No offset is inside a pair of units.
 */
export function placesIn(text: string): (offset: number) => Place {
  const hasPairs = /[\ud800-\udbff]/.test(text);
  const counted = { line: 0, offset: 0, characters: 0 };
  const charactersUntil = (line: number, start: number, offset: number): number => {
    if (!hasPairs) return offset - start;
    const goesOn = counted.line === line && counted.offset <= offset;
    const from = goesOn ? counted.offset : start;
    const characters = (goesOn ? counted.characters : 0) + countCharacters(text, from, offset);
    Object.assign(counted, { line, offset, characters });
    return characters;
  };
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    const within = Math.max(0, Math.min(offset, text.length));
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= within) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: charactersUntil(low, starts[low] ?? 0, within) + 1 };
  };
}

/**
 * The UTF-16 offset of a position as the server sends it: from 1, in characters (code points),
 * of the text that was sent.
 */
export function serverPositionToOffset(text: string, position: number): number {
  let offset = 0;
  for (let left = position - 1; left > 0 && offset < text.length; left--) {
    offset += isPair(text, offset) ? 2 : 1;
  }
  return offset;
}

/** UTF-16 offsets of ascending UTF-8 byte offsets. */
export function byteOffsetsToOffsets(text: string, ascending: readonly number[]): number[] {
  if (Buffer.byteLength(text) === text.length) return [...ascending];
  let offset = 0;
  let bytes = 0;
  return ascending.map((target) => {
    while (bytes < target && offset < text.length) {
      const unit = text.charCodeAt(offset);
      if (isPair(text, offset)) {
        bytes += 4;
        offset += 2;
      } else {
        bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
        offset += 1;
      }
    }
    return offset;
  });
}

function countCharacters(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += isPair(text, at) ? 2 : 1) count += 1;
  return count;
}

function isPair(text: string, offset: number): boolean {
  const high = text.charCodeAt(offset);
  const low = text.charCodeAt(offset + 1);
  return high >= 0xd800 && high <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
}
