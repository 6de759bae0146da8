/** Throwaway databases: the ground, which follows the migrations, and copies of it to try things in. */
import { describeRefusal } from "../database/refusal.ts";
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Open } from "../migrate/migrator.ts";
import { readClock } from "../testdb/inventory.ts";
import { markStatement, renewLease } from "../testdb/lease.ts";
import { databaseName, newRunId } from "../testdb/name.ts";
import { openMaintenance } from "../testdb/server.ts";
import type { TestServer } from "../testdb/server.ts";

/** Renewed with each copy; what a killed run leaves, `testdb prune` drops after that. */
const leaseMs = 30 * 60_000;

/** All of them are test databases by name and mark, and gone at the end. */
export class Copies implements AsyncDisposable {
  /** An empty database at first; whoever changes it must have left it before a copy is made. */
  readonly ground: string;
  readonly #server: TestServer;
  readonly #session: Session;
  readonly #run: string;
  readonly #by: string;
  readonly #made = new Set<string>();
  /** Drops what is done with, while the next copy is worked on: it waits for a checkpoint. */
  readonly #cleaner: Session;
  #cleaning: Promise<void> = Promise.resolve();
  #count = 0;

  private constructor(
    server: TestServer,
    sessions: { readonly session: Session; readonly cleaner: Session },
    { by, run, ground }: { readonly by: string; readonly run: string; readonly ground: string },
  ) {
    this.#server = server;
    this.#session = sessions.session;
    this.#cleaner = sessions.cleaner;
    this.#by = by;
    this.#run = run;
    this.ground = ground;
  }

  /**
   * @param session in the maintenance database, with nothing else to do until the end.
   * @throws PgwrightError `sql-failed` where no database can be created.
   */
  static async begin(server: TestServer, session: Session, by: string): Promise<Copies> {
    const run = newRunId();
    const ground = databaseName(run, 0, (await readClock(session)) + leaseMs);
    const cleaner = await openMaintenance(server);
    const copies = new Copies(server, { session, cleaner }, { by, run, ground });
    try {
      await copies.#create(ground, "");
    } catch (error) {
      await copies[Symbol.asyncDispose]();
      throw error;
    }
    return copies;
  }

  /** Does `work` in a copy of the ground as it is now. */
  async within<T>(work: (open: Open) => Promise<T>): Promise<T> {
    await renewLease(this.#session, this.ground, leaseMs);
    this.#count += 1;
    const until = (await readClock(this.#session)) + leaseMs;
    const name = databaseName(this.#run, this.#count, until);
    await this.#create(name, ` TEMPLATE ${ident(this.ground)}`);
    const result = await work(this.opener(name));
    this.#cleaning = this.#cleaning.then(() => this.#drop(name));
    // A failure is told by whoever waits for it at the end.
    this.#cleaning.catch(() => {});
    return result;
  }

  /** Opens sessions in one of them. */
  opener(database: string): Open {
    return ({ writes }) => this.#server.open({ writes, direct: true, database });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#cleaning;
      for (const database of this.#made) await this.#drop(database);
    } finally {
      await this.#cleaner[Symbol.asyncDispose]();
    }
  }

  async #drop(database: string): Promise<void> {
    if (this.#cleaner.isDead) return;
    await this.#cleaner.settle(`DROP DATABASE IF EXISTS ${ident(database)} WITH (FORCE)`);
    this.#made.delete(database);
  }

  async #create(name: string, template: string): Promise<void> {
    const session = this.#session;
    try {
      await session.query(`CREATE DATABASE ${ident(name)}${template}`);
    } catch (error) {
      throw describeRefusal(error, "no throwaway database could be created", {
        hint: `role \`${session.server.role}\` needs CREATEDB: ALTER ROLE ${ident(session.server.role)} CREATEDB`,
      });
    }
    this.#made.add(name);
    const now = await readClock(session);
    await session.query(
      markStatement(name, {
        kind: "database",
        run: this.#run,
        by: this.#by,
        createdAt: now,
        expiresAt: now + leaseMs,
        template: null,
      }),
    );
  }
}
