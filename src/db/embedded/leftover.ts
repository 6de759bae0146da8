/** What a server that is gone, or out of sight, left in its data directory. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { link, open, readFile, rename, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isLive, type Postmaster, readPostmaster } from "./postmaster.ts";
import { isAlive } from "./process.ts";

// A killed process is gone within milliseconds; its command line vanishes first, its sockets and
// its id a little later. What is still there after this stays.
const deathMs = 2000;

/**
 * True when a server has this data directory open whose process is not to be seen from here: one
 * in another container that shares the folder has process ids of its own, and looks dead by them.
 * Its socket answers all the same.
 */
export async function isHeldElsewhere(dataDirectory: string): Promise<boolean> {
  const before = await readPostmaster(dataDirectory);
  if (before === undefined || (await isLive(before, dataDirectory))) return false;
  for (const deadline = Date.now() + deathMs; Date.now() < deadline; await sleep(50)) {
    if (!(await answersOnSocket(dataDirectory, before.port))) return false;
    // A server writes the file before it listens: what answered may be one started meanwhile.
    if (!isSame(before, await readPostmaster(dataDirectory))) return false;
  }
  return true;
}

async function answersOnSocket(dataDirectory: string, port: number): Promise<boolean> {
  const path = join(dataDirectory, `.s.PGSQL.${port}`);
  const shortest = [path, relative("", path)].sort((a, b) => a.length - b.length)[0] ?? path;
  if (Buffer.byteLength(shortest) > 103) return false; // macOS allows 103 bytes, Linux 107
  const socket = connect({ path: shortest });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false; // ECONNREFUSED: a dead server's socket. ENOENT: it had none.
  } finally {
    socket.destroy();
  }
}

/**
 * Removes what a dead server left so that a new one can start. PostgreSQL does that itself unless
 * the process id in the file lives on as another program, or as a zombie that a container without
 * an init process never buries; only then anything is done here.
 */
export async function removeStaleLock(dataDirectory: string): Promise<void> {
  const judged = await readPostmaster(dataDirectory);
  const isInTheWay = async (found: Postmaster | undefined) =>
    found !== undefined &&
    isSame(found, judged) &&
    found.pid > 0 &&
    isAlive(found.pid) &&
    !(await isLive(found, dataDirectory));
  for (const deadline = Date.now() + deathMs; Date.now() < deadline; await sleep(20)) {
    if (!(await isInTheWay(await readPostmaster(dataDirectory)))) return;
  }
  const lock = join(dataDirectory, "postmaster.pid");
  await exclusively(`${lock}.removal`, async () => {
    const found = await readPostmaster(dataDirectory);
    if (found === undefined || !(await isInTheWay(found))) return;
    // Moved away before it is deleted, and put back if it is not the one that was judged: between
    // looking and moving a server may have come.
    const aside = `${lock}.stale-${randomBytes(4).toString("hex")}`;
    await rename(lock, aside);
    const [pid, , startedAt] = (await readFile(aside, "utf8")).split("\n");
    if (Number(pid) === found.pid && Number(startedAt) === found.startedAt) {
      await rm(join(dataDirectory, `.s.PGSQL.${found.port}.lock`), { force: true });
    } else {
      await link(aside, lock);
    }
    await rm(aside);
  });
}

function isSame(one: Postmaster, other: Postmaster | undefined): boolean {
  return one.pid === other?.pid && one.startedAt === other.startedAt;
}

/**
 * Does `work`, which takes milliseconds, while nobody else does it; when somebody is at it, waits
 * for them and does nothing. A guard older than ten seconds belongs to a process that was killed.
 */
async function exclusively(guard: string, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await (await open(guard, "wx", 0o600)).close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const madeAt = await stat(guard).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined, // gone meanwhile: its maker is done
    );
    if (madeAt === undefined) return;
    if (Date.now() - madeAt > 10_000) await rm(guard, { force: true });
    await sleep(20);
  }
  try {
    await work();
  } finally {
    await rm(guard, { force: true });
  }
}
