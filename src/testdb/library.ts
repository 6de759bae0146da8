/** Test databases for a program: found by the project's configuration, held by this process. */
import { homedir } from "node:os";
import { resolve } from "node:path";
import { locateEmbedded } from "../config/embedded.ts";
import { type Config, loadConfig } from "../config/load.ts";
import { chooseTestServer, completingVariables } from "../config/test-server.ts";
import { formatUrl } from "../database/connection-string.ts";
import { accountName } from "../db/account-name.ts";
import { connect } from "../db/connect.ts";
import { ensureEmbedded } from "../db/embedded/server.ts";
import { resolveConnection } from "../db/libpq.ts";
import { PgwrightError } from "../errors.ts";
import { whoMakes } from "./author.ts";
import { createOn } from "./create.ts";
import { dropMarked } from "./drop.ts";
import { renewLease } from "./lease.ts";
import { readTtl, renewalsPerLease } from "./limits.ts";
import { newRunId } from "./name.ts";
import { refuseWrongOptions, type TestDatabaseOptions } from "./options.ts";
import type { TemplateSource } from "./project.ts";
import { pruneOn } from "./prune.ts";
import { refuseProtectedServer, type TestServer } from "./server.ts";
import { SharedSession } from "./shared-session.ts";
import { chooseSource } from "./source.ts";

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** Connection string, password included. */
  readonly url: string;
  /** Drops it, ending the sessions in it. A second call does nothing. */
  drop(): Promise<void>;
}

/** What a process has to say. */
export interface Surroundings {
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const standardTtl = "10min";

// A template is built while others wait: longer than any test would.
const lockWaitMs = 600_000;

/** One run for each process: vitest gives every worker its own copy of this module. */
const run = newRunId();
let made = 0;

const places = new Map<string, Promise<Place>>();

/** @throws PgwrightError as `createTestDatabases`, and `usage` for options that do not exist or fit. */
export async function makeTestDatabase(
  options: TestDatabaseOptions,
  surroundings: Surroundings,
): Promise<TestDatabase> {
  refuseWrongOptions(options);
  const ttlMs = readTtl(options.ttl ?? standardTtl);
  const place = await findPlace(options, surroundings);
  const { server, source, sessions } = place;
  made += 1;
  const first = made;
  const { databases } = await sessions.use((session) =>
    createOn(session, {
      server,
      source,
      run,
      first,
      count: 1,
      ttlMs,
      by: whoMakes(),
      lockWaitMs,
      dryRun: false,
      refusesLackOfRoom: true,
      events: () => {},
    }),
  );
  const [created] = databases;
  if (created === undefined) throw new PgwrightError("internal", "no database was made");
  const database = hold(place, created, ttlMs);
  try {
    options.dropIn?.(database.drop);
  } catch (error) {
    // Test runners refuse a hook at the wrong place: nobody else would drop what nobody has.
    await database.drop();
    throw error;
  }
  return database;
}

/** Renews the lease until the database is dropped; the timer keeps no process alive. */
function hold(
  { sessions }: Place,
  { name, url }: { readonly name: string; readonly url: string },
  ttlMs: number,
): TestDatabase {
  const timer = setInterval(() => {
    // One that fails is followed by two more before the lease is over, and the next statement of
    // the test itself meets whatever is wrong with the server.
    sessions.use((session) => renewLease(session, name, ttlMs)).catch(() => {});
  }, ttlMs / renewalsPerLease);
  timer.unref();
  let dropping: Promise<void> | undefined;
  const drop = () =>
    (dropping ??= (async () => {
      clearInterval(timer);
      await sessions.use((session) => dropMarked(session, name));
    })());
  return { name, url, drop, [Symbol.asyncDispose]: drop };
}

interface Place {
  readonly server: TestServer;
  readonly source: TemplateSource;
  readonly sessions: SharedSession;
}

/** Configuration is read and the embedded server started once for each server and folder. */
async function findPlace(options: TestDatabaseOptions, around: Surroundings): Promise<Place> {
  const directory = resolve(around.workingDirectory, options.directory ?? ".");
  const { url, from, seedScale } = options;
  const key = JSON.stringify([
    directory,
    url,
    from,
    seedScale,
    around.environment["TEST_DATABASE_URL"],
  ]);
  let finding = places.get(key);
  if (finding === undefined) {
    finding = openPlace(directory, options, around);
    places.set(key, finding);
    // What failed may be repaired by the time of the next test.
    finding.catch(() => places.delete(key));
  }
  return finding;
}

async function openPlace(
  directory: string,
  { url, from, seedScale }: TestDatabaseOptions,
  { environment }: Surroundings,
): Promise<Place> {
  const config = await loadConfig({
    workingDirectory: directory,
    environment,
    flags: url === undefined ? {} : { url },
  });
  const server = await findServer(config);
  await refuseProtectedServer(server);
  const source = await chooseSource(config.settings, directory, { from, seedScale });
  // What killed runs have left goes meanwhile, on a session of its own that no test waits for; what
  // cannot be dropped now is left to the next run.
  new SharedSession(server)
    .use((session) => pruneOn(session, { dryRun: false, except: run, events: () => {} }))
    .catch(() => {});
  return { server, source, sessions: new SharedSession(server) };
}

async function findServer(config: Config): Promise<TestServer> {
  const choice = chooseTestServer(config);
  const person = { homeDirectory: homedir(), userName: accountName() };
  const direct =
    choice.kind === "embedded"
      ? { url: (await ensureEmbedded(locateEmbedded(config), () => {})).url, environment: {} }
      : { url: choice.directUrl ?? choice.url, environment: completingVariables(config) };
  const options = resolveConnection({ ...direct, ...person });
  return {
    open: ({ writes, database }) =>
      connect(options, { applicationName: "pgwright", writes, database }),
    urlOf: (database) => formatUrl({ ...options, database }),
    protectedBy: choice.isProtected ? choice.environmentName : undefined,
  };
}
