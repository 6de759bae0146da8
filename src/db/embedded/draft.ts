import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pid as ownPid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./process.ts";

// Longer than anything built here takes (initdb about a second); after it we build our own.
const patienceMs = 30_000;

/**
 * Makes the folder `target` by filling a draft beside it and renaming that, so that nobody ever
 * sees it half done, whoever is killed in the middle. Does nothing where it exists.
 *
 * Safe when several processes do this at once: each one's draft carries its process id, the later
 * ones wait for the first, and should two finish anyway, rename() refuses to replace a folder that
 * has something in it and the loser takes what is there. Drafts of dead processes are removed.
 */
export async function buildOnce(
  target: string,
  fill: (draft: string) => Promise<void>,
): Promise<"built" | "found"> {
  const deadline = Date.now() + patienceMs;
  while (!(await isPresent(target))) {
    if ((await countLiveDrafts(target)) === 0 || Date.now() > deadline) {
      return build(target, fill);
    }
    await sleep(20);
  }
  return "found";
}

async function build(
  target: string,
  fill: (draft: string) => Promise<void>,
): Promise<"built" | "found"> {
  const draft = `${target}.draft-${ownPid}-${randomBytes(4).toString("hex")}`;
  await mkdir(draft);
  try {
    await chmod(draft, 0o755); // whatever the umask says: the server's account must get in
    await fill(draft);
    await rename(draft, target);
    return "built";
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (await isPresent(target)) return "found";
    throw error;
  }
}

/** Removes the drafts whose makers are dead and counts the others. */
async function countLiveDrafts(target: string): Promise<number> {
  const prefix = `${basename(target)}.draft-`;
  let live = 0;
  for (const name of await readdir(dirname(target))) {
    if (!name.startsWith(prefix)) continue;
    if (isAlive(Number.parseInt(name.slice(prefix.length), 10))) live++;
    else await rm(join(dirname(target), name), { recursive: true, force: true });
  }
  return live;
}

async function isPresent(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
