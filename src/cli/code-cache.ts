/**
 * Runs the command line's script with the bytecode that earlier runs have compiled. Compiling is
 * half of a cold start, and only `vm.Script` takes bytecode on every version of Node there is.
 *
 * The bytecode lies in `pgwright/code` of this user's cache folder, in one file for each script,
 * engine and first word of a command, as V8 reads all of a file: 0.9 MB for `status`, several times
 * that for all commands together. Bytecode is code: it is taken only from a file and a folder that
 * nobody else can write. V8 compares its own version and flags and the length of the script, nothing else, and crashes on
 * bytecode that is damaged: so the file is named after the script's content, and holds a checksum.
 *
 * A cache may be missing, damaged, foreign or impossible to write: then the run is slower, and no
 * more than that. Therefore its errors are not told.
 */
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { pathToFileURL } from "node:url";
import { cachedDataVersionTag, getHeapCodeStatistics } from "node:v8";
import { Script } from "node:vm";
import { crc32 } from "node:zlib";

export interface LoadedScript<Exports> {
  readonly exports: Exports;
  /**
   * To be called at the end: keeps what was compiled, if no run of this command has done so yet, or this
   * one has compiled much more.
   */
  keep(command: string): void;
}

/** The first line of the file; V8's data follows. */
interface Header {
  readonly checksum: number;
  /** Whose functions are in it: a run of another command adds its own. */
  readonly commands: readonly string[];
  /** Bytes of bytecode that V8 had in the end, Node's own included. */
  readonly compiled: number;
}

interface Kept extends Header {
  readonly data: Buffer;
}

// Commands in use, versions of pgwright and of Node that take turns, and what a crash has left.
const mostFiles = 16;

// What can be the first word of a command, and so a part of a file's name.
const commandWord = /^[a-z][a-z-]*$/;

// The first run may have had little to do, and then each later one compiles the rest. To find that out
// takes one or two milliseconds: one of so many runs does.
const runsPerLook = 8;
const muchMore = 1.1;

// While it works longer than this, V8 throws away the bytecode of what it did first.
const longestWorkMs = 5_000;

/**
 * Evaluates a script of the build: a function of what a module has and a script has not. `argv` is
 * not parsed yet: the bytecode is that of the first of its words that has any.
 */
export function loadScript<Exports>(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
): LoadedScript<Exports> {
  const source = fs.readFileSync(path);
  const tag = cachedDataVersionTag();
  // Node's own switch for the cache it has since 22.
  const isWanted = !environment["NODE_DISABLE_COMPILE_CACHE"];
  const files = isWanted ? locate(source, tag, environment) : undefined;
  const words = [...argv.filter((word) => commandWord.test(word)), "help"];
  const word = files && words.find((each) => fs.existsSync(`${files}-${each}`));
  const kept = word === undefined ? undefined : attempt(() => read(`${files}-${word}`));
  const script = new Script(source.toString("latin1"), { filename: path, cachedData: kept?.data });
  const commands = script.cachedDataRejected === false ? (kept?.commands ?? []) : [];
  const module = { exports: {} };
  const evaluate = script.runInThisContext() as (...names: readonly unknown[]) => void;
  const importOutside = (name: string): Promise<unknown> => import(name);
  evaluate(createRequire(path), module, pathToFileURL(path).href, importOutside);
  return {
    exports: module.exports as Exports,
    keep(command) {
      const [own = command] = command.split(" ");
      if (files === undefined) return;
      const isKnown = commands.includes(command);
      if (isKnown && Math.random() * runsPerLook >= 1) return;
      // A value of an option was taken for the command, whose own file is as good as it gets.
      if (own !== word && fs.existsSync(`${files}-${own}`)) return;
      if (process.cpuUsage().user / 1000 > longestWorkMs) return;
      // V8 would not take it: the next run begins with the flags that this one began with.
      if (cachedDataVersionTag() !== tag) return;
      const { bytecode_and_metadata_size: compiled } = getHeapCodeStatistics();
      if (isKnown && compiled < muchMore * (kept?.compiled ?? 0)) return;
      const known = new Set(own === word ? commands : []).add(command);
      const about = { commands: [...known], compiled };
      attempt(() => write(`${files}-${own}`, about, script.createCachedData()));
    },
  };
}

/** How the files of this script for this engine begin; there are users without a home. */
function locate(
  source: Buffer,
  tag: number,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const name = `${hex(crc32(source))}-${hex(tag)}`;
  const chosen = environment["XDG_CACHE_HOME"] ?? "";
  const base = isAbsolute(chosen) ? chosen : attempt(() => join(homedir(), ".cache"));
  return base === undefined ? undefined : join(base, "pgwright", "code", name);
}

function read(file: string): Kept | undefined {
  if (!isOnlyOurs(fs.lstatSync(dirname(file)))) return undefined;
  const descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW);
  try {
    // Of what was opened: a name can mean another file by now.
    if (!isOnlyOurs(fs.fstatSync(descriptor))) return undefined;
    const content = fs.readFileSync(descriptor);
    const end = content.indexOf("\n");
    const header = JSON.parse(content.toString("utf8", 0, end)) as Header;
    const data = content.subarray(end + 1);
    return crc32(data) === header.checksum ? { ...header, data } : undefined;
  } finally {
    fs.closeSync(descriptor);
  }
}

function write(file: string, about: Omit<Header, "checksum">, data: Buffer): void {
  const folder = dirname(file);
  // Root with somebody's HOME must leave nothing there.
  if (!isOurs(fs.lstatSync(nearest(folder)))) return;
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isOnlyOurs(fs.lstatSync(folder))) return;
  const header: Header = { checksum: crc32(data), ...about };
  const content = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), data]);
  // Renamed when complete: whoever reads meanwhile has the old one, and the last of many stays.
  const draft = `${file}.${process.pid}-${hex(Math.trunc(Math.random() * 2 ** 32))}`;
  try {
    fs.writeFileSync(draft, content, { flag: "wx", mode: 0o600 });
    fs.renameSync(draft, file);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  }
  prune(folder);
}

/** What must not fail a command. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Windows tells no owners, and so has no cache. */
function isOurs({ uid }: fs.Stats): boolean {
  return uid === process.geteuid?.();
}

/** Nobody else can write it, and it is no symbolic link, whose mode is 0777. */
function isOnlyOurs(stats: fs.Stats): boolean {
  return isOurs(stats) && (stats.mode & 0o022) === 0;
}

/** The innermost of the folders that lead there and exist. */
function nearest(folder: string): string {
  return fs.existsSync(folder) ? folder : nearest(dirname(folder));
}

function prune(folder: string): void {
  const files = fs.readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return { path, writtenAt: fs.statSync(path).mtimeMs };
  });
  files.sort((one, other) => other.writtenAt - one.writtenAt);
  for (const { path } of files.slice(mostFiles)) fs.rmSync(path, { force: true });
}

function hex(number: number): string {
  return number.toString(16).padStart(8, "0");
}
