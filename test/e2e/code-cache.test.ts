/**
 * The bytecode kept between runs. V8 takes bytecode of another script of the same length, so a copy
 * of the tool that says something else shows which bytecode was run: the forged file below makes
 * the real tool speak the copy's words, unless it is refused.
 */
import { chmod, chown, cp, mkdir, readdir, readFile, rename, stat } from "node:fs/promises";
import { symlink, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launcher, runCommand } from "../support/cli.ts";
import { type TestFolder, withFolder } from "../support/folder.ts";

const right = "Schema-first migrations";
const forged = "SCHEMA-FIRST MIGRATIONS";
const isRoot = process.geteuid?.() === 0;

let place: TestFolder;
/** The file that the real tool writes, by its name, with the bytecode of the copy. */
let forgery: { readonly name: string; readonly copyName: string; readonly content: Buffer };

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly launcher?: string;
  readonly cwd?: string;
}

/** Runs a command with `base` as the user's cache folder. */
function run(base: string, args: readonly string[], { env, ...options }: Options = {}) {
  return runCommand(args, {
    cwd: place.path,
    env: { XDG_CACHE_HOME: base, NODE_DISABLE_COMPILE_CACHE: "", ...env },
    ...options,
  });
}

const codeOf = (base: string) => join(base, "pgwright", "code");

async function onlyFile(base: string): Promise<string> {
  const names = await readdir(codeOf(base));
  expect(names).toHaveLength(1);
  return join(codeOf(base), names[0] ?? "");
}

const commandsOf = (content: Buffer) =>
  (JSON.parse(content.toString("utf8", 0, content.indexOf("\n"))) as { commands: string[] })
    .commands;

/** Bytecode under a checksum that is right for it. */
function seal(data: Buffer): Buffer {
  const header = JSON.stringify({ checksum: crc32(data), commands: ["help"] });
  return Buffer.concat([Buffer.from(`${header}\n`), data]);
}

async function freshBase(): Promise<string> {
  const base = join(place.path, `cache-${crypto.randomUUID()}`);
  await mkdir(base);
  return base;
}

/** A cache folder in which the forged file lies, or what is made of it. */
async function withForgery(change: (content: Buffer) => Buffer = (content) => content) {
  const base = await freshBase();
  const file = join(codeOf(base), forgery.name);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, change(forgery.content), { mode: 0o600 });
  return { base, file };
}

const bytecode = (content: Buffer) => content.subarray(content.indexOf("\n") + 1);

beforeAll(async () => {
  place = await withFolder({ "pgwright.yaml": "migrations: {}\n" });
  const root = join(dirname(launcher), "..");
  const copy = join(place.path, "copy");
  for (const part of ["bin", "dist/cli", "package.json"]) {
    await cp(join(root, part), join(copy, part), { recursive: true });
  }
  const script = join(copy, "dist", "cli", "run.script.js");
  const text = await readFile(script, "latin1");
  if (text.split(right).length !== 2) throw new Error(`not once in the script: ${right}`);
  await writeFile(script, text.replace(right, forged), "latin1");
  const [ours, theirs] = [await freshBase(), await freshBase()];
  await run(ours, ["--help"]);
  await run(theirs, ["--help"], { launcher: join(copy, "bin", "pgwright.cjs") });
  const [name, other] = [await onlyFile(ours), await onlyFile(theirs)];
  forgery = { name: basename(name), copyName: basename(other), content: await readFile(other) };
});

afterAll(() => place[Symbol.asyncDispose]());

/** What a run says, and whether those are the real tool's words. */
async function speak(base: string, options?: Options) {
  const { code, stdout, stderr } = await run(base, ["--help"], options);
  return { code, stderr, isRight: stdout.includes(right), isForged: stdout.includes(forged) };
}

const honest = { code: 0, stderr: "", isRight: true, isForged: false };
const deceived = { code: 0, stderr: "", isRight: false, isForged: true };

describe("the code cache", () => {
  test("another script of the same length has a file of its own", () => {
    expect(forgery.copyName).not.toBe(forgery.name);
  });

  test("is used: bytecode of another script shows", async () => {
    const { base, file } = await withForgery();
    expect(await speak(base)).toEqual(deceived);
    // It is as good as it gets.
    expect(await readFile(file)).toEqual(forgery.content);
  });

  test("lets through what is imported from outside, and tells where an error was", async () => {
    const base = await freshBase();
    await using project = await withFolder({
      "pgwright.yaml": "migrations: {}\n",
      "migrations/001_a.sql":
        "-- migrate:up\nCREATE TABLE a (id int);\n-- migrate:down\nDROP TABLE a;\n",
      "migrations/002_b.ts":
        'import type { MigrationBuilder } from "node-pg-migrate";\n' +
        'export const up = (pgm: MigrationBuilder): void => pgm.createTable("b", { id: "id" });\n',
      "migrations/003_c.mjs":
        'export const up = async (pgm) => { const { sep } = await import("node:path"); pgm.sql(`-- ${sep}\\nSELECT 1`); };\n' +
        "export const down = false;\n",
    });
    const validate = () => run(base, ["validate"], { cwd: project.path });
    const good = { code: 0, stderr: "", stdout: "3 migration files read: no mistakes\n" };
    expect(await validate()).toEqual(good);
    const { ino } = await stat(await onlyFile(base));
    expect(await validate()).toEqual(good);
    expect((await stat(await onlyFile(base))).ino).toBe(ino);
    const { stderr } = await run(base, ["db", "url", "--env", "nowhere", "--verbose"]);
    expect(stderr).toContain("error[environment-unknown]");
    expect(stderr).toMatch(/at \w*[cC]hoose\w* \(.*\/dist\/cli\/run\.script\.js:\d+:\d+\)/);
  });

  test("is not used where Node's own is disabled", async () => {
    const { base, file } = await withForgery();
    expect(await speak(base, { env: { NODE_DISABLE_COMPILE_CACHE: "1" } })).toEqual(honest);
    expect(await readFile(file)).toEqual(forgery.content);
    const fresh = await freshBase();
    expect(await speak(fresh, { env: { NODE_DISABLE_COMPILE_CACHE: "1" } })).toEqual(honest);
    expect(await readdir(fresh)).toEqual([]);
  });

  test("is written by the first run of a command, for this user alone", async () => {
    const base = await freshBase();
    expect(await speak(base)).toEqual(honest);
    const file = await onlyFile(base);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(codeOf(base))).mode & 0o777).toBe(0o700);
    const first = await readFile(file);
    expect(commandsOf(first)).toEqual(["help"]);
    const { ino } = await stat(file);
    expect(await speak(base)).toEqual(honest);
    // Neither a line that is not understood nor a command that failed has used what it needs.
    await run(base, ["confg"]);
    expect((await run(base, ["status", "--url", "postgres://127.0.0.1:1/d"])).code).toBe(3);
    expect(await onlyFile(base)).toBe(file);
    expect((await stat(file)).ino).toBe(ino);
  });

  test("each first word of a command has a file, which its second words share", async () => {
    const base = await freshBase();
    await run(base, ["server", "status"]);
    const file = await onlyFile(base);
    expect(file).toMatch(/-server$/);
    const first = await readFile(file);
    expect(commandsOf(first)).toEqual(["server status"]);
    await run(base, ["server", "--help"]);
    expect(await readdir(codeOf(base))).toHaveLength(2);
    await run(base, ["server", "stop"]);
    const second = await readFile(file);
    expect(commandsOf(second)).toEqual(["server status", "server stop"]);
    expect(second.length).toBeGreaterThan(first.length);
    const { ino } = await stat(file);
    // A value that is another command's name gives the wrong bytecode, and spoils nothing.
    await run(base, ["--env", "help", "server", "stop"]);
    await run(base, ["server", "status"]);
    expect((await stat(file)).ino).toBe(ino);
    expect(await readdir(codeOf(base))).toHaveLength(2);
  });

  test("what a later run compiles besides is added by one of the next runs", async () => {
    const base = await freshBase();
    const corpus = join(import.meta.dirname, "..", "fixtures", "lint", "good");
    const small = join(corpus, "..", "schema.sql");
    await run(base, ["lint", small]);
    const file = await onlyFile(base);
    const first = await readFile(file);
    // One in eight looks: that none of a hundred does happens once in 600,000 times.
    for (let tries = 0; tries < 100 && (await readFile(file)).equals(first); tries += 1) {
      await run(base, ["lint", corpus]);
    }
    const second = await readFile(file);
    expect(second.length).toBeGreaterThan(1.1 * first.length);
    expect(commandsOf(second)).toEqual(["lint"]);
    for (let tries = 0; tries < 20; tries += 1) await run(base, ["lint", small]);
    expect((await readFile(file)).equals(second)).toBe(true);
  });

  test.each<[string, (content: Buffer) => Buffer]>([
    ["empty", () => Buffer.alloc(0)],
    ["without its end", (content) => content.subarray(0, content.length - 1000)],
    ["without its first line", bytecode],
    [
      "of zeros at the end, as a crash of the machine leaves it",
      (content) => Buffer.concat([content.subarray(0, 5000), Buffer.alloc(content.length - 5000)]),
    ],
    [
      "with one wrong bit",
      (content) => {
        const damaged = Buffer.from(content);
        const middle = damaged.length >> 1;
        damaged.writeUInt8(damaged.readUInt8(middle) ^ 4, middle);
        return damaged;
      },
    ],
    [
      "of another version of V8",
      (content) => {
        const data = Buffer.from(bytecode(content));
        // Magic number, then the version's hash.
        data.writeUInt32LE(data.readUInt32LE(4) ^ 1, 4);
        return seal(data);
      },
    ],
    ["that is no bytecode", () => seal(Buffer.from("no bytecode at all"))],
  ])("a file %s is ignored and replaced", async (_what, change) => {
    const { base, file } = await withForgery(change);
    const before = await readFile(file);
    expect(await speak(base)).toEqual(honest);
    const after = await readFile(await onlyFile(base));
    expect(after.equals(before)).toBe(false);
    expect(commandsOf(after)).toEqual(["help"]);
    const { ino } = await stat(file);
    expect(await speak(base)).toEqual(honest);
    expect((await stat(file)).ino).toBe(ino);
  });

  test("the change of the engine's version above is all that spoils it", async () => {
    const { base } = await withForgery((content) => seal(bytecode(content)));
    expect(await speak(base)).toEqual(deceived);
  });

  test("another engine has a file of its own", async () => {
    const { base, file } = await withForgery();
    expect(await speak(base, { env: { NODE_OPTIONS: "--stack-trace-limit=20" } })).toEqual(honest);
    expect(await readdir(codeOf(base))).toHaveLength(2);
    expect(await readFile(file)).toEqual(forgery.content);
  });

  const strangers: [string, (base: string, file: string) => Promise<void>][] = [
    ["a file that the group may write", (_base, file) => chmod(file, 0o620)],
    ["a folder that everybody may write", (base) => chmod(codeOf(base), 0o777)],
    [
      "a link to a file",
      async (_base, file) => {
        await rename(file, `${file}.real`);
        await symlink(`${file}.real`, file);
      },
    ],
    [
      "a link to a folder",
      async (base) => {
        await rename(codeOf(base), join(base, "real"));
        await symlink(join(base, "real"), codeOf(base));
      },
    ],
  ];
  test.each(strangers)("%s is not trusted", async (_what, make) => {
    const { base, file } = await withForgery();
    await make(base, file);
    expect(await speak(base)).toEqual(honest);
  });

  describe.runIf(isRoot)("as root", () => {
    const stranger = 12345;

    test.each<[string, (base: string, file: string) => string]>([
      ["file", (_base, file) => file],
      ["folder", codeOf],
    ])("somebody else's %s is not trusted", async (_what, pick) => {
      const { base, file } = await withForgery();
      await chown(pick(base, file), stranger, stranger);
      expect(await speak(base)).toEqual(honest);
    });

    test("nothing is made in somebody else's home", async () => {
      const home = await freshBase();
      await chown(home, stranger, stranger);
      expect(await speak(home)).toEqual(honest);
      expect(await readdir(home)).toEqual([]);
      expect(await speak("", { env: { HOME: home } })).toEqual(honest);
      expect(await readdir(home)).toEqual([]);
    });
  });

  test("a folder that cannot be made or written is done without", async () => {
    const base = join(await freshBase(), "a file");
    await writeFile(base, "");
    expect(await speak(base)).toEqual(honest);
    expect(await speak(join(base, "below"))).toEqual(honest);
    const closed = await freshBase();
    await chmod(closed, 0o500);
    expect(await speak(closed)).toEqual(honest);
    expect(await readdir(closed)).toEqual(isRoot ? ["pgwright"] : []);
  });

  test("without XDG_CACHE_HOME, or with a relative one, it is in ~/.cache", async () => {
    for (const chosen of ["", "relative"]) {
      const home = await freshBase();
      expect(await speak(chosen, { env: { HOME: home } })).toEqual(honest);
      await onlyFile(join(home, ".cache"));
    }
    expect(await readdir(place.path)).not.toContain("relative");
  });

  test("many first runs at once leave one file that is whole", async () => {
    const base = await freshBase();
    const all = await Promise.all(Array.from({ length: 12 }, () => speak(base)));
    expect(all).toEqual(all.map(() => honest));
    const file = await onlyFile(base);
    const content = await readFile(file);
    const { checksum } = JSON.parse(content.toString("utf8", 0, content.indexOf("\n"))) as {
      checksum: number;
    };
    expect(crc32(bytecode(content))).toBe(checksum);
    const { ino } = await stat(file);
    expect(await speak(base)).toEqual(honest);
    expect((await stat(file)).ino).toBe(ino);
  });

  test("old files do not pile up", async () => {
    const base = await freshBase();
    await mkdir(codeOf(base), { recursive: true, mode: 0o700 });
    for (let day = 1; day <= 20; day += 1) {
      const path = join(codeOf(base), `old-${day}`);
      await writeFile(path, "");
      await utimes(path, day * 86_400, day * 86_400);
    }
    expect(await speak(base)).toEqual(honest);
    const names = await readdir(codeOf(base));
    expect(names).toHaveLength(16);
    expect(names).toContain(forgery.name);
    expect(names.filter((name) => name.startsWith("old-")).sort()).toEqual(
      Array.from({ length: 15 }, (_, index) => `old-${index + 6}`).sort(),
    );
  });
});
