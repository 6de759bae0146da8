import { createHash } from "node:crypto";
import {
  access,
  chmod,
  constants,
  lstat,
  mkdir,
  realpath,
  stat,
  writeFile,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { PgwrightError } from "../../errors.ts";
import { type Account, findBarrier, isRoot } from "./account.ts";

export interface EmbeddedLocation {
  /** The folder of pgwright.yaml. */
  readonly projectDirectory: string;
  /** This user's own cache folder for pgwright, `~/.cache/pgwright`. */
  readonly cacheDirectory: string;
  /** Server settings of the project, over postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Insist on this port; otherwise a free one is chosen and kept. */
  readonly port?: number | undefined;
}

/** Where the files of one project's server are. */
export interface Home {
  /** Made before the cluster: `.pgwright`, or the substitute outside the project. */
  readonly directory: string;
  /** Appears complete or not at all: password, state, log and `data`. */
  readonly server: string;
  readonly data: string;
  readonly password: string;
  readonly state: string;
  readonly log: string;
}

const sharedFolder = "/var/lib/pgwright";

function homeAt(directory: string): Home {
  const server = join(directory, "server");
  return {
    directory,
    server,
    data: join(server, "data"),
    password: join(server, "password"),
    state: join(server, "state.json"),
    log: join(server, "server.log"),
  };
}

interface Places {
  readonly inside: Home;
  /** For a project that the server's account cannot enter, or that we cannot write to. */
  readonly outside: Home;
}

async function placesOf(location: EmbeddedLocation): Promise<Places> {
  const project = await realpath(location.projectDirectory);
  // The path's hash keeps projects of the same name apart; the name is for whoever looks there.
  const hash = createHash("sha256").update(project).digest("hex").slice(0, 10);
  const substitute = isRoot() ? sharedFolder : location.cacheDirectory;
  return {
    inside: homeAt(join(project, ".pgwright")),
    outside: homeAt(join(substitute, `${basename(project).replaceAll(/[^\w.-]/g, "_")}-${hash}`)),
  };
}

/** The home of this project's cluster, or undefined when none was made yet. */
export async function findHome(location: EmbeddedLocation): Promise<Home | undefined> {
  const { inside, outside } = await placesOf(location);
  for (const home of [inside, outside]) {
    if (await isDirectory(home.server)) return home;
  }
  return undefined;
}

/**
 * Chooses and makes the folder for a new cluster: `.pgwright` in the project, unless `account`
 * could not get there (root's home is closed to others) or we may not write there.
 */
export async function createHome(
  location: EmbeddedLocation,
  account: Account | undefined,
): Promise<Home> {
  const { inside, outside } = await placesOf(location);
  const isThere = await isDirectory(inside.directory);
  const nearest = isThere ? inside.directory : location.projectDirectory;
  const isEnterable = account === undefined || (await findBarrier(nearest, account)) === undefined;
  if (isEnterable && (await isWritable(nearest))) {
    await makeFolder(inside.directory);
    await ignoreInGit(inside.directory);
    return inside;
  }
  if (isRoot()) await prepareSharedFolder();
  await makeFolder(outside.directory);
  return homeAt(await realpath(outside.directory));
}

async function isWritable(directory: string): Promise<boolean> {
  try {
    await access(directory, constants.W_OK);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EACCES" || code === "EROFS" || code === "EPERM") return false;
    throw error;
  }
}

async function makeFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  // Whatever root's umask was, the server's account must get through; what is private in here has
  // a mode of its own. A user's folder is left as it is.
  if (isRoot() && (await stat(directory)).uid === 0) await chmod(directory, 0o755);
}

async function ignoreInGit(directory: string): Promise<void> {
  try {
    await writeFile(join(directory, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/**
 * The folder where root keeps what the server's account must reach while it cannot enter the
 * project.
 *
 * It has a fixed name, so it must not be one that another user could have made first: its parent
 * is root's, and what is found there must be a real directory of root's that nobody else writes to.
 */
export async function prepareSharedFolder(): Promise<string> {
  await mkdir(sharedFolder, { recursive: true });
  const found = await lstat(sharedFolder);
  if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) {
    throw new PgwrightError(
      "embedded-failed",
      `${sharedFolder} is not a directory that only root can write to`,
      { hint: `look at it: \`ls -ld ${sharedFolder}\`; or run pgwright as an ordinary user` },
    );
  }
  await chmod(sharedFolder, 0o755); // whatever the umask was
  return sharedFolder;
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
