import { setTimeout as sleep } from "node:timers/promises";
import { PgwrightError } from "../../errors.ts";
import { type Damage, prepareStart } from "./cluster.ts";
import type { EmbeddedLocation, Home } from "./home.ts";
import { findFreePort, firstPortOf, isPortFree } from "./port.ts";
import { isHeldElsewhere, removeStaleLock } from "./leftover.ts";
import { findPostmaster, launchPostmaster, type Postmaster, waitUntilReady } from "./postmaster.ts";
import { heldMemory, readFrom, rotateLog, startFailure, stillStarting } from "./server-log.ts";
import { databaseNameOf, readState, writeState } from "./state.ts";

// After a crash the server replays its log before it accepts anyone: minutes, if much was written.
const startTimeoutMs = 300_000;

/** A live server, and whether we are the ones who started it. */
export interface Started {
  readonly postmaster: Postmaster;
  readonly started: boolean;
}

/**
 * Starts the server of an existing cluster, or waits for the one that another process is starting.
 *
 * Who is first is decided by PostgreSQL's own lock on the data directory: the other servers end at
 * once, and their launchers find the winner's.
 */
export async function startServer(
  location: EmbeddedLocation,
  home: Home,
  signal: AbortSignal | undefined,
): Promise<Started> {
  const deadline = Date.now() + startTimeoutMs;
  const prepared = await prepareStart(location, home);
  for (let launches = 0; ;) {
    const other = await findPostmaster(home.data);
    if (other?.status === "ready") return { postmaster: other, started: false };
    if (other !== undefined) {
      // Another pgwright is starting it, or somebody is stopping it.
      if (Date.now() > deadline) throw stillStarting(home, other.pid);
      await sleep(10, undefined, signal && { signal });
      continue;
    }
    const elsewhere = await findHolderElsewhere(home);
    if (elsewhere)
      throw new PgwrightError("embedded-failed", elsewhere.why, { hint: elsewhere.hint });
    await removeStaleLock(home.data);
    const port = await choosePort(location, home);
    const logged = await rotateLog(home);
    const launched = await launchPostmaster({
      account: prepared.account,
      libraryPath: prepared.binaries.libraryPath,
      postgres: prepared.binaries.postgres,
      dataDirectory: home.data,
      port,
      logFile: home.log,
      settings: withStatistics(location.settings),
    });
    launches++;
    const outcome = await waitUntilReady(launched, home.data, deadline - Date.now(), signal);
    if (outcome.is === "ready") {
      const { database = databaseNameOf(location.projectDirectory) } = await readState(home.state);
      await writeState(home.state, { database, port, version: prepared.binaries.version });
      return { postmaster: outcome.postmaster, started: true };
    }
    if (outcome.is === "still-starting") throw stillStarting(home, launched.pid);
    // It ended. When another process was first with the data directory, that one's server may be
    // so young that its lock file is still empty.
    await sleep(50, undefined, signal && { signal });
    if ((await findPostmaster(home.data)) !== undefined) continue;
    const log = await readFrom(home.log, logged);
    const mayPass = log.includes(heldMemory) || !(await isPortFree(port));
    if (!mayPass || launches >= 20) throw startFailure(home, log, outcome.why);
    await sleep(200, undefined, signal && { signal });
  }
}

/** A configured port or none; else the one of last time, so that bookmarks in other tools hold. */
async function choosePort(location: EmbeddedLocation, home: Home): Promise<number> {
  if (location.port !== undefined) {
    if (await isPortFree(location.port)) return location.port;
    throw new PgwrightError(
      "embedded-failed",
      `port ${location.port}, which \`embedded.port\` asks for, is taken by another program or not ours to take`,
      { hint: "choose another port, or leave out `embedded.port` and a free port is chosen" },
    );
  }
  const usual = (await readState(home.state)).port ?? firstPortOf(home.directory);
  return (await isPortFree(usual)) ? usual : findFreePort();
}

/** The project's settings, with pg_stat_statements kept among the preloaded libraries. */
function withStatistics(settings: EmbeddedLocation["settings"]): Record<string, string> {
  const name = "shared_preload_libraries";
  const wanted = settings?.[name];
  if (wanted === undefined || wanted.split(/[\s,]+/).includes("pg_stat_statements")) {
    return { ...settings };
  }
  return { ...settings, [name]: ["pg_stat_statements", wanted].filter(Boolean).join(",") };
}

/** A second server on the same data would destroy them. */
export async function findHolderElsewhere(home: Home): Promise<Damage | undefined> {
  if (!(await isHeldElsewhere(home.data))) return undefined;
  return {
    why: `a server that runs in another container has ${home.data} open`,
    hint: "stop it there: `pgwright server stop`",
  };
}
