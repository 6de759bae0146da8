/** Moves rows: some workers, each with a session on either side, take units until none is left. */
import { CopyFailure } from "../../db/copy-pipe.ts";
import { hasSqlState, type Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import { applySettings } from "../plan.ts";
import { sessionSettings } from "../settings.ts";
import { describeFailure } from "./failure.ts";
import { type Open, openForCopy } from "./open.ts";
import type { Attempt, Pace } from "./pace.ts";
import type { Source } from "./source.ts";
import type { Unit } from "./unit.ts";

/** Where rows go: a database, or files. One for each worker. */
export interface Carrier extends AsyncDisposable {
  /** Reads a unit on the sessions and stores it, whole or not at all; how many rows. */
  carry(unit: Unit, readers: Readers, attempt: Attempt): Promise<number>;
}

/** One, or more for a unit of several parts. */
export type Readers = readonly [Session, ...Session[]];

export interface TransferRequest {
  readonly source: Source;
  readonly openSource: Open;
  readonly units: readonly Unit[];
  readonly jobs: number;
  readonly signal?: AbortSignal | undefined;
  readonly pace: Pace;
  openCarrier(signal: AbortSignal): Promise<Carrier>;
}

/**
 * Carries every unit: those of several parts one after the other, each read by all sessions at once,
 * then the others, the first ones first. One failure ends all workers.
 *
 * @throws PgwrightError `copy-failed`, `interrupted`, `connection-lost`.
 */
export async function transfer(request: TransferRequest): Promise<void> {
  const together = request.units.filter(({ parts }) => parts.length > 1);
  if (together.length > 0) {
    await inParallel(1, request.signal, async (signal) => {
      await using worker = new Worker(request, signal);
      for (const unit of together) await worker.copy(unit);
    });
  }
  const queue = request.units.filter(({ parts }) => parts.length === 1);
  await inParallel(Math.min(request.jobs, queue.length), request.signal, async (signal) => {
    await using worker = new Worker(request, signal);
    for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
      await worker.copy(unit);
    }
  });
}

/** Runs the work so many times at once; the first failure ends the others and is the one thrown. */
export async function inParallel(
  count: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, ...(outer === undefined ? [] : [outer])]);
  const failures: unknown[] = [];
  await Promise.all(
    Array.from({ length: count }, async () => {
      try {
        await work(signal);
      } catch (error) {
        failures.push(error);
        controller.abort();
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}

// A conflict with recovery ends a query on a standby; the next try may find no such conflict.
const mostTries = 3;
const conflicts = ["40001", "57014", "40P01"];

class Worker implements AsyncDisposable {
  readonly #request: TransferRequest;
  readonly #signal: AbortSignal;
  #readers: Session[] = [];
  #carrier: Carrier | undefined;

  constructor(request: TransferRequest, signal: AbortSignal) {
    this.#request = request;
    this.#signal = signal;
  }

  async copy(unit: Unit): Promise<void> {
    const { pace } = this.#request;
    for (let tries = 1; ; tries += 1) {
      const attempt = pace.begin(unit);
      try {
        const { readers, carrier } = await this.#open(unit.parts.length);
        attempt.done(await carrier.carry(unit, readers, attempt));
        return;
      } catch (error) {
        attempt.undo();
        await this.#close();
        const isConflict =
          error instanceof CopyFailure &&
          error.side === "source" &&
          hasSqlState(error.cause, ...conflicts);
        if (isConflict && tries < mostTries && !this.#signal.aborted) {
          pace.note(
            `${unit.table.id}: the source ended what was being read (${error.message}); once more`,
          );
          continue;
        }
        throw describeFailure(unit.table, error);
      }
    }
  }

  async #open(parts: number): Promise<{ readers: Readers; carrier: Carrier }> {
    const { source, openSource, openCarrier, jobs } = this.#request;
    const open = () =>
      openReader(source, openSource, this.#signal).catch((error: unknown) => {
        throw asFailureOf("source", error);
      });
    const [first = await open(), ...others] = this.#readers;
    this.#readers = [first, ...others];
    while (this.#readers.length < Math.min(jobs, parts)) this.#readers.push(await open());
    this.#carrier ??= await openCarrier(this.#signal).catch((error: unknown) => {
      throw asFailureOf("target", error);
    });
    return {
      readers: [first, ...this.#readers.slice(1, Math.max(1, parts))],
      carrier: this.#carrier,
    };
  }

  async #close(): Promise<void> {
    const all = [...this.#readers, this.#carrier];
    this.#readers = [];
    this.#carrier = undefined;
    for (const one of all) await one?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

/**
 * A session that cannot be had when the copy has begun. Its own code would say by exit 3 that nothing was
 * written; the target is made by now, and may have rows.
 */
function asFailureOf(side: CopyFailure["side"], error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const isToldAsItIs =
    error instanceof PgwrightError &&
    (error.code === "interrupted" || error.code === "copy-failed");
  return isToldAsItIs ? error : new CopyFailure(side, error);
}

/** A session that sees what the source's snapshot sees, with the masks' keys set. */
export async function openReader(
  { snapshotId, plan }: Source,
  open: Open,
  signal: AbortSignal | undefined,
): Promise<Session> {
  const session = await openForCopy(open, { writes: false, signal });
  try {
    await session.script("begin isolation level repeatable read read only");
    // A name that the server gave: digits and dashes.
    await session.script(`set transaction snapshot '${snapshotId}'`);
    await applySettings(session, [...sessionSettings, ...plan.settings]);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    if (!hasSqlState(error, "22023", "55000")) throw error;
    throw new PgwrightError("copy-failed", "the snapshot of the source is gone", {
      cause: error,
      hint: "the session that held it has ended: on a standby a conflict with recovery ends it; `hot_standby_feedback = on` there, or a longer `max_standby_streaming_delay`, prevents that",
    });
  }
}
