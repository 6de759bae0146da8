/** What can stand where a file is expected: pipes, of which people read on purpose, sockets and devices. */
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import type { Readable } from "node:stream";

/** An entry of a directory, or what `stat` says. */
interface Kinds {
  isFIFO(): boolean;
  isSocket(): boolean;
  isCharacterDevice(): boolean;
  isBlockDevice(): boolean;
}

/** "is a named pipe, not a file"; undefined for files and directories. */
export function nameSpecial(entry: Kinds): string | undefined {
  const what = entry.isFIFO()
    ? "named pipe"
    : entry.isSocket()
      ? "socket"
      : entry.isCharacterDevice() || entry.isBlockDevice()
        ? "device"
        : undefined;
  return what && `is a ${what}, not a file`;
}

/** The same of a path, behind its links; undefined for what is not there, too. */
export function nameSpecialAt(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && nameSpecial(stats);
}

/**
 * The bytes of a file, or of what comes through a pipe or from a terminal until its end. Where nobody writes
 * to the pipe, the wait ends with the signal: opening and reading as files are read would stop the whole
 * process, handlers of signals too.
 *
 * @throws Error for sockets and devices, and as `signal.reason`.
 */
export async function readToEnd(path: string, signal: AbortSignal | undefined): Promise<Buffer> {
  signal?.throwIfAborted();
  if (path === "/dev/null") return Buffer.alloc(0);
  // Opening a pipe would otherwise wait for a writer; Windows has neither flag.
  const { O_RDONLY, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants as Partial<typeof constants>;
  const descriptor = openSync(path, (O_RDONLY ?? 0) | O_NONBLOCK | O_NOCTTY);
  const stats = fstatSync(descriptor);
  if (stats.isFIFO()) {
    // Loaded when needed: most runs read no pipe, and would start later.
    const { Socket } = await import("node:net");
    return collect(new Socket({ fd: descriptor, readable: true, writable: false }), signal);
  }
  const { ReadStream, isatty } = await import("node:tty");
  if (isatty(descriptor)) return collect(new ReadStream(descriptor), signal);
  try {
    const special = nameSpecial(stats);
    if (special !== undefined) throw new Error(`it ${special}`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

async function collect(stream: Readable, signal: AbortSignal | undefined): Promise<Buffer> {
  const stop = () => stream.destroy(signal?.reason as Error);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    return Buffer.concat(parts);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
