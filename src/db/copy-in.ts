/** COPY … FROM STDIN through postgres.js, with what its streams leave out. */
import type { Writable } from "node:stream";

/**
 * A query of the driver as it is inside. Its promise is settled once, with the stream; how the COPY
 * ended is told by a second call of `resolve` or `reject`, which nobody hears: a row that is
 * refused after the last byte was sent (a foreign key, a unique key) would be waited for forever.
 */
export interface CopyQuery {
  /** While it is false, a cancel request is not sent. */
  active: boolean;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  writable(): Promise<Writable>;
}

/**
 * Sends the pieces no faster than they are taken; ends when the server has said how it went: with
 * the number of rows of its answer (`COPY 57`), without those that triggers left out.
 */
export async function startCopy(
  query: CopyQuery,
  pieces: Iterable<Buffer>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { resolve, reject } = query;
  const failures: unknown[] = [];
  let isStreaming = false;
  let taken = 0;
  const ended = new Promise<void>((end) => {
    query.resolve = (value) => {
      if (isStreaming) {
        taken = (value as { readonly count: number }).count;
        return end();
      }
      isStreaming = true;
      resolve(value);
      query.active = true;
    };
    query.reject = (error) => {
      failures.push(error);
      reject(error);
      end();
    };
  });
  const stream = await query.writable();
  // What goes wrong is told by `reject`; without a listener the process would end.
  stream.on("error", () => {});
  const closed = new Promise<void>((end) => stream.once("close", end));
  for (const piece of pieces) {
    if (failures.length > 0 || signal?.aborted) break;
    if (!stream.write(piece)) {
      await Promise.race([new Promise((drained) => stream.once("drain", drained)), closed, ended]);
    }
  }
  if (signal?.aborted) stream.destroy(new Error("interrupted"));
  else if (failures.length === 0) stream.end();
  await ended;
  if (failures.length > 0) throw failures[0];
  // On closing, the stream writes one more message, CopyFail, which a server that is done ignores.
  // Behind the next COPY it would make that one fail.
  await closed;
  return taken;
}
