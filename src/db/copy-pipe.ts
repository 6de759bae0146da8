/** COPY from one server to another, or to a stream, at the speed of the servers. */
import type { Writable } from "node:stream";
import { PgwrightError } from "../errors.ts";
import type { PostgresError, Session } from "./session.ts";
import { readCopy, writeCopy, type CopyEnd, type CopySink } from "./wire/copy.ts";

/** One side of a COPY failed. The other side's session is dead then, or its transaction aborted. */
export class CopyFailure extends Error {
  readonly side: "source" | "target";
  override readonly cause: PostgresError | Error;

  constructor(side: "source" | "target", cause: PostgresError | Error) {
    super(cause.message, { cause });
    this.name = "CopyFailure";
    this.side = side;
    this.cause = cause;
  }
}

/**
 * Runs `COPY … TO STDOUT` on one session and `COPY … FROM STDIN` on another, and passes the bytes
 * through unread: a chunk of the source's socket is a chunk of the target's. Whichever side is
 * slower sets the pace.
 *
 * @param onBytes Called with the size of every chunk.
 * @returns how many rows the target took, which is what the source sent.
 * @throws CopyFailure; PgwrightError `interrupted`.
 */
export async function pipeCopy(
  from: { readonly session: Session; readonly statement: string },
  to: { readonly session: Session; readonly statement: string },
  onBytes: (count: number) => void,
): Promise<number> {
  const ends = await from.session.lend((source) =>
    to.session.lend(async (target): Promise<{ source: CopyEnd | undefined; target: CopyEnd }> => {
      const writing = writeCopy(target, to.statement);
      if (!(await writing.isReady)) return { source: undefined, target: await writing.ended };
      const sink: CopySink = {
        take(bytes) {
          onBytes(bytes.length);
          return writing.sink.take(bytes);
        },
        onDrain: writing.sink.onDrain,
      };
      const reading = readCopy(source, from.statement, sink, true);
      const first = await Promise.race([
        reading.then(() => "source" as const),
        writing.ended.then(() => "target" as const),
      ]);
      if (first === "target") {
        // It may be in the middle of a message, and the source in the middle of its rows.
        target.socket.destroy();
        void source.cancel();
        source.socket.destroy();
        return { source: undefined, target: await writing.ended };
      }
      const read = await reading;
      if (!("error" in read)) writing.done();
      else if (source.socket.destroyed) target.socket.destroy();
      else writing.fail("the source failed");
      return { source: read, target: await writing.ended };
    }),
  );
  if (ends.source !== undefined && "error" in ends.source) {
    throw new CopyFailure("source", ends.source.error);
  }
  if ("error" in ends.target) throw new CopyFailure("target", ends.target.error);
  if (ends.source?.rows !== ends.target.rows) {
    throw new PgwrightError(
      "internal",
      `the source sent ${ends.source?.rows} rows and the target took ${ends.target.rows}`,
    );
  }
  return ends.target.rows;
}

/**
 * Runs `COPY … TO STDOUT` and writes the rows to a stream, which is not ended.
 *
 * @throws CopyFailure; PgwrightError `interrupted`; the stream's error.
 */
export async function streamCopy(
  from: { readonly session: Session; readonly statement: string },
  stream: Writable,
  onBytes: (count: number) => void,
): Promise<number> {
  let broken: Error | undefined;
  const end = await from.session.lend(async (source) => {
    const breakOff = () => {
      broken = stream.errored ?? new Error("the stream was closed");
      void source.cancel();
      source.socket.destroy();
    };
    stream.once("close", breakOff);
    if (stream.destroyed) breakOff();
    const end = await readCopy(
      source,
      from.statement,
      {
        take(bytes) {
          onBytes(bytes.length);
          return stream.destroyed || stream.write(bytes);
        },
        onDrain: (go) => void stream.once("drain", go),
      },
      false,
    );
    stream.off("close", breakOff);
    return end;
  });
  if ("error" in end) throw broken ?? new CopyFailure("source", end.error);
  return end.rows;
}
