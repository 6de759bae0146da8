/** How the server copies a template's files. */
import type { Strategy } from "./clone.ts";

// Placeholder figures are measured below, see docs/decisions/0019.
const largestForWal = 150 * 1024 * 1024;

/**
 * WAL_LOG writes every page of the copy into the log and forces nothing to disk; FILE_COPY copies
 * files, with a checkpoint before and one after, each of which flushes the whole server.
 */
export function chooseStrategy(bytes: number | null): Strategy {
  return bytes !== null && bytes > largestForWal ? "FILE_COPY" : "WAL_LOG";
}
