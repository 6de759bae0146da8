/** A pool of connections for an application: TLS that is verified, and transactions on behalf of a user. */
import { readFileSync } from "node:fs";
import { Pool, type PoolClient } from "pg";

/** Where the database is; all of it is needed, so that a variable that was forgotten is noticed at the start. */
export interface PoolSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** PEM file with the certificate of the authority that signed the server's. */
  readonly caFile: string;
}

/** Reads `DB_HOST`, `DB_PORT`, `DB_NAME`, `DB_USER`, `DB_PASSWORD` and `DB_CA_FILE`. */
export function readSettings(environment: NodeJS.ProcessEnv): PoolSettings {
  const need = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === "") throw new Error(`${name} is not set`);
    return value;
  };
  return {
    host: need("DB_HOST"),
    port: Number(need("DB_PORT")),
    database: need("DB_NAME"),
    user: need("DB_USER"),
    password: need("DB_PASSWORD"),
    caFile: need("DB_CA_FILE"),
  };
}

/**
 * Nothing is sent before the server has shown a certificate of that authority for that host name. With
 * `rejectUnauthorized: false`, which is often seen, anybody in between could be the server.
 */
export function createPool(settings: PoolSettings): Pool {
  const { caFile, ...place } = settings;
  const pool = new Pool({
    ...place,
    ssl: { ca: readFileSync(caFile, "utf8"), rejectUnauthorized: true, minVersion: "TLSv1.2" },
    max: 20,
    connectionTimeoutMillis: 2_000,
    idleTimeoutMillis: 30_000,
    // Behind a load balancer a connection that is never renewed stays where it once went.
    maxLifetimeSeconds: 3_600,
  });
  // The server has closed an idle connection: the pool opens another one when it needs it. Without a
  // listener the event would end the process.
  pool.on("error", (error) => console.warn(`an idle connection was lost: ${error.message}`));
  return pool;
}

/**
 * Runs `work` in one transaction on behalf of a user. The identity ends with the transaction, so the next
 * one on this connection, whoever's it is, begins with none.
 */
export async function asUser<T>(
  pool: Pool,
  userId: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query("begin");
    await client.query("select set_config('app.current_user_id', $1, true)", [userId]);
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    failure = await client.query("rollback").then(
      () => undefined,
      (lost: Error) => lost,
    );
    throw error;
  } finally {
    // A connection that cannot even roll back is closed, not given to somebody else.
    client.release(failure);
  }
}
