/** How the server copies a template's files. */
import { hasSqlState, type Session } from "../db/session.ts";
import type { Strategy } from "./clone.ts";

/*
 * WAL_LOG writes every page of the copy into the log and forces nothing to disk; FILE_COPY copies
 * files, with a checkpoint before and one after, each of which flushes the whole server. Measured
 * on PostgreSQL 15 and 18 with fsync, ext4, two cores, seconds for one copy:
 *
 *   template   8 MB  68 MB  128 MB  208 MB  248 MB  488 MB
 *   WAL_LOG    0.08   0.5    1.0     1.4     3.3     5.5
 *   FILE_COPY  0.8    0.9    1.5     1.0     1.9     2.9
 */
const largestForWal = 150 * 1024 * 1024;

export function chooseStrategy(bytes: number | null): Strategy {
  return bytes !== null && bytes > largestForWal ? "FILE_COPY" : "WAL_LOG";
}

/**
 * From 18 on the server can have the file system share the blocks of a copied file until one of
 * both is changed. Where file systems cannot (ext4), it took as long as copying.
 */
export async function preferSharedBlocks(session: Session, strategy: Strategy): Promise<void> {
  if (strategy !== "FILE_COPY" || session.server.versionNumber < 180000) return;
  try {
    await session.query("set file_copy_method = clone");
  } catch (error) {
    // 22023: this server was built on a system that has no such thing.
    if (!hasSqlState(error, "22023")) throw error;
  }
}
