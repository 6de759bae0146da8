/** What is decided for each stream, and progress without a terminal. */
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Progress } from "../../../src/cli/progress.ts";
import { colorLevel, Terminal, type Streams } from "../../../src/cli/terminal.ts";

describe("colour", () => {
  test.each([
    ["a terminal", true, {}, true, 1],
    ["a pipe", false, {}, true, 0],
    ["256 colours", true, { TERM: "xterm-256color" }, true, 2],
    ["all colours", true, { COLORTERM: "truecolor" }, true, 3],
    ["--no-color", true, {}, false, 0],
    ["--no-color over FORCE_COLOR", true, { FORCE_COLOR: "1" }, false, 0],
    ["NO_COLOR", true, { NO_COLOR: "1" }, true, 0],
    ["an empty NO_COLOR", true, { NO_COLOR: "" }, true, 1],
    ["NO_COLOR over FORCE_COLOR", true, { NO_COLOR: "1", FORCE_COLOR: "1" }, true, 0],
    ["FORCE_COLOR into a pipe", false, { FORCE_COLOR: "1" }, true, 1],
    ["FORCE_COLOR=true", false, { FORCE_COLOR: "true" }, true, 1],
    ["FORCE_COLOR=3", false, { FORCE_COLOR: "3" }, true, 3],
    ["FORCE_COLOR=0", true, { FORCE_COLOR: "0" }, true, 0],
    ["TERM=dumb", true, { TERM: "dumb" }, true, 0],
    ["FORCE_COLOR over TERM=dumb", true, { TERM: "dumb", FORCE_COLOR: "1" }, true, 1],
  ] as const)("%s", (_, isTty, env, isAllowed, level) => {
    expect(colorLevel(isTty, env, isAllowed)).toBe(level);
  });

  test("each stream decides for itself", async () => {
    const { streams } = fakeStreams({ stderr: { isTTY: true, columns: 80 } });
    const terminal = new Terminal(streams, true);
    await terminal.loadStyles();
    expect(terminal.outStyle.isColored).toBe(false);
    expect(terminal.errStyle.isColored).toBe(true);
  });
});

interface Fakes {
  readonly stdin?: object;
  readonly stdout?: object;
  readonly stderr?: object;
  readonly env?: Record<string, string>;
}

function fakeStreams({ stdin = {}, stdout = {}, stderr = {}, env = {} }: Fakes = {}) {
  const out = new PassThrough();
  const err = new PassThrough();
  const text = { out: "", err: "" };
  out.on("data", (data: Buffer) => (text.out += data.toString()));
  err.on("data", (data: Buffer) => (text.err += data.toString()));
  const streams = {
    stdin: Object.assign(new PassThrough(), stdin),
    stdout: Object.assign(out, stdout),
    stderr: Object.assign(err, stderr),
    env,
  };
  return { streams: streams as unknown as Streams, text };
}

test.each([
  [{}, false],
  [{ stdin: { isTTY: true } }, false],
  [{ stderr: { isTTY: true } }, false],
  [{ stdin: { isTTY: true }, stderr: { isTTY: true } }, true],
])("asks only where a person reads and can answer: %o", (fakes, isInteractive) => {
  expect(new Terminal(fakeStreams(fakes).streams, true).isInteractive).toBe(isInteractive);
});

test.each([
  [{ stderr: { isTTY: true } }, true],
  [{ stdout: { isTTY: true } }, false],
  [{ stderr: { isTTY: true }, env: { TERM: "dumb" } }, false],
  [{ stderr: { isTTY: true }, env: { CI: "true" } }, false],
])("redraws only on a terminal that can, and nobody's log: %o", (fakes, canAnimate) => {
  expect(new Terminal(fakeStreams(fakes).streams, true).canAnimate).toBe(canAnimate);
});

test("widths are those of each stream", () => {
  const { streams } = fakeStreams({ stdout: { isTTY: true, columns: 60 } });
  expect(new Terminal(streams, true)).toMatchObject({ outWidth: 60, errWidth: 100 });
});

test.each([
  [{ env: { COLUMNS: "50" } }, 50],
  [{ env: { COLUMNS: "3" } }, 20],
  [{ env: { COLUMNS: "wide" } }, 100],
  [{}, 100],
  [{ stdout: { isTTY: true, columns: 60 }, env: { COLUMNS: "50" } }, 60],
])("help in a pipe is as wide as COLUMNS says: %o", (fakes, helpWidth) => {
  expect(new Terminal(fakeStreams(fakes).streams, true).helpWidth).toBe(helpWidth);
});

test("what is said is redacted, data is not", async () => {
  const { streams, text } = fakeStreams();
  const terminal = new Terminal(streams, true);
  terminal.out("postgres://u:pw@h/d");
  terminal.err("postgres://u:pw@h/d");
  await terminal.flush();
  expect(text).toEqual({ out: "postgres://u:pw@h/d\n", err: "postgres://u:***@h/d\n" });
});

describe("progress without a terminal", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function start(isQuiet = false) {
    const { streams, text } = fakeStreams();
    const progress = new Progress(new Terminal(streams, true), { isQuiet });
    return { progress, listen: progress.listen, lines: () => text.err.split("\n").slice(0, -1) };
  }

  test("one line for each finished step, none for one that is quick", async () => {
    const { listen, lines } = start();
    listen({ type: "step-started", title: "001" });
    listen({ type: "step-progress", title: "001", detail: "create table" });
    listen({ type: "step-finished", title: "001", durationMs: 12.3, detail: "minor" });
    listen({ type: "step-failed", title: "002", durationMs: 61_000 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines()).toEqual(["✓ 001 minor 12 ms", "✗ 002 1 min 1 s"]);
  });

  test("a step that lasts says how far it is, now and then", async () => {
    const { progress, listen, lines } = start();
    listen({ type: "step-started", title: "index" });
    for (let done = 1; done <= 120; done += 1) {
      listen({
        type: "step-progress",
        title: "index",
        done: done * 1000,
        total: 120_000,
        detail: "building",
      });
      await vi.advanceTimersByTimeAsync(100);
    }
    progress.finish();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines()).toEqual([
      "index: 16% (20,000 of 120,000), building",
      "index: 58% (70,000 of 120,000), building",
      "index: 100% (120,000 of 120,000), building",
    ]);
  });

  test("what a terminal would obey is shown", () => {
    const { listen, lines } = start();
    listen({ type: "notice", level: "warning", message: "001: \u001b[2Jgone" });
    listen({ type: "step-finished", title: "a\u0007", durationMs: 1, detail: "b\u0008" });
    expect(lines()).toEqual(["warning: 001: \\x1b[2Jgone", "✓ a\\x07 b\\x08 1 ms"]);
  });

  test("quiet leaves warnings and SQL", () => {
    const { listen, lines } = start(true);
    listen({ type: "step-finished", title: "001", durationMs: 1 });
    listen({ type: "notice", level: "info", message: "hello" });
    listen({ type: "notice", level: "warning", message: "careful" });
    listen({ type: "sql", title: "stored", sql: "drop table t;\n" });
    expect(lines()).toEqual(["warning: careful", "-- stored", "drop table t;"]);
  });
});

test.each([
  ["::error::x", "\\::error::x"],
  ["a\n \t\u00A0::x\r\u0085::y\r\n::z", "a\n \t\u00A0\\::x\r\u0085\\::y\r\n\\::z"],
  ["a ##[group]x ##[", "a ##\\[group]x ##\\["],
  ["id::text", "id::text"],
])("where the runner of GitHub Actions reads along, %j is no command", (given, shown) => {
  const { streams, text } = fakeStreams();
  const terminal = new Terminal(streams, false, true);
  terminal.out(given);
  terminal.err(given);
  terminal.command("::error::own");
  expect(text).toEqual({ out: `${shown}\n::error::own\n`, err: `${shown}\n` });
});
