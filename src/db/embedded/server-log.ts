import { open, rename, stat } from "node:fs/promises";
import { PgwrightError } from "../../errors.ts";
import type { Home } from "./home.ts";
import { findReason, lastLines } from "./reason.ts";
import { writePrivately } from "./state.ts";

const largestLog = 10 * 1024 * 1024;

/** Puts a log of over 10 MB aside, replacing the one before; returns the size of what is left. */
export async function rotateLog(home: Home): Promise<number> {
  const size = await sizeOf(home.log);
  if (size !== undefined && size <= largestLog) return size;
  if (size !== undefined) await rename(home.log, `${home.log}.1`);
  await writePrivately(home.log, "");
  return 0;
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** What was written to a log since it had this size; of much, the end. */
export async function readFrom(path: string, offset: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const from = Math.max(offset, size - 64 * 1024);
    const buffer = Buffer.alloc(Math.max(0, size - from));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The error for a server that ended instead of starting, in its own words. */
export function startFailure(home: Home, log: string, why: string): PgwrightError {
  const reason = findReason(log) ?? why;
  return new PgwrightError("embedded-failed", `the embedded server did not start: ${reason}`, {
    notes: lastLines(log, 6),
    hint: log.includes(heldMemory)
      ? "a session of the killed server is still at work: wait for it, or end that process"
      : `its whole log: ${home.log}`,
  });
}

/** What a server says while sessions of one that was killed have not noticed its death. */
export const heldMemory = "pre-existing shared memory block";

export function stillStarting(home: Home, pid: number | undefined): PgwrightError {
  return new PgwrightError(
    "embedded-failed",
    `the embedded server (process ${pid}) runs but does not accept connections yet`,
    { hint: `it goes on starting; its log tells how far it is: ${home.log}` },
  );
}
