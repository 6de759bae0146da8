/** Text files of a project: UTF-8, or a clear word about it. */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import type { ErrorCode } from "../errors.ts";
import { PgwrightError } from "../errors.ts";

/**
 * The whole text of a file. Decoded without a look, a byte that is no UTF-8 would become U+FFFD and
 * a name another one.
 *
 * @param shown The file as messages name it.
 * @param code Of the error for a file that is not UTF-8.
 * @throws NodeJS.ErrnoException as `readFileSync` does.
 */
export async function readTextFile(path: string, shown: string, code: ErrorCode): Promise<string> {
  // The first asynchronous read of a process starts its threads and takes 4 ms.
  const bytes = readFileSync(path);
  if (!isUtf8(bytes)) throw notUtf8(bytes, shown, code);
  return bytes.toString("utf8");
}

function notUtf8(bytes: Buffer, file: string, code: ErrorCode): PgwrightError {
  const isUtf16 = [0xfeff, 0xfffe].includes(bytes.length > 1 ? bytes.readUInt16BE(0) : 0);
  const offset = isUtf16 ? 0 : findInvalid(bytes);
  const before = bytes.subarray(0, offset).toString("utf8");
  const line = before.split("\n").length;
  const column = Array.from(before.slice(before.lastIndexOf("\n") + 1)).length + 1;
  const byte = `0x${(bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, "0")}`;
  return new PgwrightError(
    code,
    `${file} is ${isUtf16 ? "UTF-16" : `not UTF-8: byte ${offset}, ${byte}, begins no character`}`,
    {
      at: { file, line, column },
      hint: "save it as UTF-8 (`iconv -f LATIN1 -t UTF-8` where it is Latin-1); nothing was read from it",
    },
  );
}

/** Offset of the first byte that does not belong to a whole character. */
function findInvalid(bytes: Buffer): number {
  // What is valid comes out of the decoder as it went in.
  const decoded = Buffer.from(bytes.toString("utf8"));
  let offset = bytes.findIndex((byte, i) => byte !== decoded[i]);
  // A character that was begun may agree with the beginning of U+FFFD.
  while (!isUtf8(bytes.subarray(0, offset))) offset -= 1;
  return offset;
}
