/** Where a revision has the migrations, which a branch may have moved since. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { parseName } from "./name.ts";
import type { Git } from "./run-git.ts";

/** How a project says where its migrations are, by which an older revision of it is asked too. */
export interface DirectorySetting {
  /** Absolute path of pgwright.yaml, whether or not it is there. */
  readonly file: string;
  /** A flag or a variable names the directory, whatever the file says. */
  readonly isOverridden: boolean;
  /** The directory by a text of that file, undefined where it has mistakes; without a text, the usual one. */
  readonly read: (text: string | undefined) => Promise<string | undefined>;
}

/** Directories are written from the top of the repository, with `/`; its top is the empty text. */
export interface Placed {
  readonly top: string;
  /** The migrations in the work tree. */
  readonly now: string;
}

/**
 * Where each of these commits has the migrations; undefined where it has none.
 *
 * That is what its own pgwright.yaml says, then where they are now. Where neither has any (the whole
 * project moved, or a flag names the directory), it is the directory that has files of the same
 * names, which are not there any more.
 */
export async function directoriesAt(
  git: Git,
  commits: readonly string[],
  { top, now }: Placed,
  names: readonly string[],
  setting: DirectorySetting | undefined,
): Promise<(string | undefined)[]> {
  return Promise.all(
    commits.map(async (commit) => {
      const said = setting && (await saidAt(git, commit, top, setting));
      const likely = setting?.isOverridden ? [now, said] : [said, now];
      return (
        (await firstWith(git, commit, likely, isMigration)) ??
        (await movedFrom(git, commit, top, names)) ??
        (await firstWith(git, commit, likely, () => true))
      );
    }),
  );
}

/** Names of the files in a directory of a commit with the hashes of their contents; none where it has no such directory. */
export async function filesIn(
  git: Git,
  commit: string,
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  const below = directory === "" ? [] : [`${directory}/`];
  const listed = await git("ls-tree", "-z", "--full-tree", commit, "--", ...below);
  return new Map(entriesOf(listed).map(({ path, hash }) => [basename(path), hash]));
}

function entriesOf(listed: string): { readonly path: string; readonly hash: string }[] {
  return listed.split("\0").flatMap((line) => {
    const [, hash, path] = /^\d+ blob (\S+)\t(.*)$/s.exec(line) ?? [];
    return hash !== undefined && path !== undefined ? [{ path, hash }] : [];
  });
}

/** What pgwright.yaml says at a commit. */
async function saidAt(
  git: Git,
  commit: string,
  top: string,
  { file, read }: DirectorySetting,
): Promise<string | undefined> {
  const project = await realpath(dirname(file));
  const folder = fromTop(top, project);
  // A configuration that lies outside of the repository has no older text.
  if (folder === undefined) return undefined;
  const name = basename(file);
  const isThere = (await filesIn(git, commit, folder)).has(name);
  const text = isThere ? await git("show", `${commit}:${join(folder, name)}`) : undefined;
  const written = await read(text);
  return written === undefined ? undefined : fromTop(top, resolve(project, written));
}

function fromTop(top: string, path: string): string | undefined {
  const below = relative(top, path).replaceAll("\\", "/");
  return below === ".." || below.startsWith("../") ? undefined : below;
}

async function firstWith(
  git: Git,
  commit: string,
  directories: readonly (string | undefined)[],
  isWanted: (name: string) => boolean,
): Promise<string | undefined> {
  for (const directory of directories) {
    if (directory === undefined) continue;
    if ([...(await filesIn(git, commit, directory)).keys()].some(isWanted)) return directory;
  }
  return undefined;
}

/** The directory of a commit with most of these files, all of which have left it. */
async function movedFrom(
  git: Git,
  commit: string,
  top: string,
  names: readonly string[],
): Promise<string | undefined> {
  const wanted = new Set(names.filter(isMigration));
  if (wanted.size === 0) return undefined;
  const counts = new Map<string, number>();
  for (const { path } of entriesOf(await git("ls-tree", "-r", "-z", "--full-tree", commit))) {
    if (!wanted.has(basename(path))) continue;
    const directory = dirname(path) === "." ? "" : dirname(path);
    // One that still has its own is another project's.
    const count = existsSync(join(top, path)) ? -Infinity : 1;
    counts.set(directory, (counts.get(directory) ?? 0) + count);
  }
  const [best] = [...counts]
    .filter(([, count]) => count > 0)
    .toSorted(([, one], [, other]) => other - one);
  return best?.[0];
}

function isMigration(name: string): boolean {
  const { is } = parseName(name);
  return is === "migration" || is === "repeatable";
}
