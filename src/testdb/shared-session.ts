import { namingServerErrors } from "../migrate/server-error.ts";
import type { Session } from "../db/session.ts";
import { openMaintenance, type TestServer } from "./server.ts";

// Long enough for the next test to begin, and too short to be felt at the end of the last.
const lingerMs = 200;

/**
 * One session in the maintenance database for all of a process: opened when it is needed, one work
 * at a time, and closed soon after the last, because an open socket keeps a test run from ending.
 */
export class SharedSession {
  readonly #server: TestServer;
  #session: Session | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** Runs `work` after all that was asked for before; an error of the server becomes `sql-failed`. */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    this.#waiting += 1;
    const result = this.#queue.then(() =>
      namingServerErrors(async () => {
        if (this.#session?.isDead !== false) this.#session = await openMaintenance(this.#server);
        return work(this.#session);
      }),
    );
    const settled = result.then(
      () => this.#rest(),
      // Whoever asked for the work is told.
      () => this.#rest(),
    );
    this.#queue = settled;
    return result;
  }

  #rest(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    this.#timer = setTimeout(() => {
      const session = this.#session;
      this.#session = undefined;
      void session?.[Symbol.asyncDispose]();
    }, lingerMs);
    // The socket keeps the process for that long; the timer need not.
    this.#timer.unref();
  }
}
