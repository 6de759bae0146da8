/** COPY from several sessions of one server into a single COPY of another. */
import { PgwrightError } from "../errors.ts";
import { CopyFailure } from "./copy-pipe.ts";
import type { Session } from "./session.ts";
import { type CopyEnd, readCopy, type Wire, writeCopy } from "./wire/copy.ts";
import { Merge } from "./wire/merge.ts";

export interface MergedRead {
  /** Each reads one statement at a time. */
  readonly sessions: readonly Session[];
  /** `COPY … TO STDOUT`, all of the same columns. */
  readonly statements: readonly string[];
  readonly isBinary: boolean;
}

/**
 * Runs the statements on the sessions, as many at once as there are sessions, and writes what comes
 * as the rows of one `COPY … FROM STDIN`. The order of the rows is nobody's.
 *
 * @param onBytes Called with the size of every chunk.
 * @returns how many rows the target took, which is what the sources sent.
 * @throws CopyFailure; PgwrightError `interrupted`.
 */
export async function mergeCopies(
  from: MergedRead,
  to: { readonly session: Session; readonly statement: string },
  onBytes: (count: number) => void,
): Promise<number> {
  const outcome = await to.session.lend(async (target): Promise<Outcome> => {
    const writing = writeCopy(target, to.statement);
    if (!(await writing.isReady)) return { target: await writing.ended, rows: 0 };
    const merge = new Merge(writing.sink, from.isBinary);
    const readers = new Readers(from, merge, onBytes);
    void writing.ended.then(() => readers.breakOff());
    const rows = await readers.read();
    const { failure } = readers;
    if (failure === undefined) {
      merge.end();
      writing.done();
    } else if (merge.isBroken) target.socket.destroy();
    else writing.fail("the source failed");
    return { target: await writing.ended, source: failure, rows };
  });
  const { source, target, rows } = outcome;
  if (source !== undefined) throw source;
  if ("error" in target) throw new CopyFailure("target", target.error);
  if (rows !== target.rows) {
    throw new PgwrightError(
      "internal",
      `the sources sent ${rows} rows and the target took ${target.rows}`,
    );
  }
  return rows;
}

interface Outcome {
  readonly target: CopyEnd;
  readonly source?: unknown;
  readonly rows: number;
}

/** Sessions that read until no statement is left, or one of them fails. */
class Readers {
  readonly #from: MergedRead;
  readonly #merge: Merge;
  readonly #onBytes: (count: number) => void;
  readonly #wires = new Set<Wire>();
  #isOver = false;
  /** What the first one said that failed by itself. */
  failure: unknown;

  constructor(from: MergedRead, merge: Merge, onBytes: (count: number) => void) {
    this.#from = from;
    this.#merge = merge;
    this.#onBytes = onBytes;
  }

  /** How many rows came. Never rejects. */
  async read(): Promise<number> {
    const queue = [...this.#from.statements];
    let rows = 0;
    const readAll = async (source: Wire): Promise<CopyEnd> => {
      this.#wires.add(source);
      for (;;) {
        const statement = this.#isOver ? undefined : queue.shift();
        if (statement === undefined) break;
        const end = await this.#readOne(source, statement);
        if ("error" in end) return end;
        rows += end.rows;
      }
      this.#wires.delete(source);
      return { rows };
    };
    const fail = (error: unknown) => {
      if (!this.#isOver) this.failure = error;
      this.breakOff();
    };
    await Promise.all(
      this.#from.sessions.map(async (session) => {
        try {
          const end = await session.lend(readAll);
          if ("error" in end) fail(new CopyFailure("source", end.error));
        } catch (error) {
          fail(error);
        }
      }),
    );
    this.#isOver = true;
    return rows;
  }

  /** The sessions are lost: they are in the middle of their rows. */
  breakOff(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const wire of this.#wires) {
      void wire.cancel();
      wire.socket.destroy();
    }
  }

  #readOne(source: Wire, statement: string): Promise<CopyEnd> {
    const sink = this.#merge.source();
    return readCopy(
      source,
      statement,
      {
        take: (bytes) => {
          this.#onBytes(bytes.length);
          return sink.take(bytes);
        },
        onDrain: (go) => sink.onDrain(go),
      },
      true,
    );
  }
}
