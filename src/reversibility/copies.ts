/** Throwaway databases: the ground, which follows the migrations, and copies of it to try things in. */
import { describeRefusal } from "../database/refusal.ts";
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Open } from "../migrate/migrator.ts";
import { readClock } from "../testdb/inventory.ts";
import { markStatement, renewLease } from "../testdb/lease.ts";
import { databaseName, newRunId } from "../testdb/name.ts";
import type { TestServer } from "../testdb/server.ts";

/** Renewed with each copy; what a killed run leaves, `testdb prune` drops after that. */
const leaseMs = 30 * 60_000;

/** All of them are test databases by name and mark, and gone at the end. */
export class Copies implements AsyncDisposable {
  /** An empty database at first; whoever changes it must have left it before a copy is made. */
  readonly ground: string;
  readonly #server: TestServer;
  readonly #session: Session;
  /** The run that their names tell, as `testdb list` shows it. */
  readonly run: string;
  readonly #by: string;
  readonly #made = new Set<string>();
  #count = 0;

  private constructor(
    server: TestServer,
    session: Session,
    { by, run, ground }: { readonly by: string; readonly run: string; readonly ground: string },
  ) {
    this.#server = server;
    this.#session = session;
    this.#by = by;
    this.run = run;
    this.ground = ground;
  }

  /**
   * @param session in the maintenance database, with nothing else to do until the end.
   * @throws PgwrightError `sql-failed` where no database can be created.
   */
  static async begin(server: TestServer, session: Session, by: string): Promise<Copies> {
    const run = newRunId();
    const ground = databaseName(run, 0, (await readClock(session)) + leaseMs);
    const copies = new Copies(server, session, { by, run, ground });
    await copies.#create(ground, "");
    return copies;
  }

  /** Does `work` in a copy of the ground as it is now. */
  async within<T>(work: (open: Open) => Promise<T>): Promise<T> {
    await renewLease(this.#session, this.ground, leaseMs);
    this.#count += 1;
    const until = (await readClock(this.#session)) + leaseMs;
    const name = databaseName(this.run, this.#count, until);
    await this.#create(name, ` TEMPLATE ${ident(this.ground)}`);
    const result = await work(this.opener(name));
    // At once: a drop waits for a checkpoint, which the files of other copies would be part of. One
    // after the other 0.14 s each, three of them together 1.5 s each (18, ext4 with fsync).
    await this.#drop(name);
    return result;
  }

  /** Opens sessions in one of them. */
  opener(database: string): Open {
    return ({ writes }) => this.#server.open({ writes, direct: true, database });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const database of this.#made) await this.#drop(database);
  }

  async #drop(database: string): Promise<void> {
    if (this.#session.isDead) return;
    await this.#session.settle(`DROP DATABASE IF EXISTS ${ident(database)} WITH (FORCE)`);
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
        run: this.run,
        by: this.#by,
        createdAt: now,
        expiresAt: now + leaseMs,
        template: null,
      }),
    );
  }
}
